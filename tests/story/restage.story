# A new policy, its stages chosen for open cases too: the stage's clock is set anew from where it began, the promise stays
policy town
at 2026-09-28 10:00
  submit source=web ref=1 text="a" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-29 10:00"
  report case=1 result="x"
  => case_reported state=reported unit=urban-order stage=check stage_due="2026-09-29 10:00"
  check clock 1 check due="2026-09-29 10:00" policy=1
policy town full
  restage case=1
  => clock_restaged stage=check stage_due="2026-09-28 15:00"
  check clock 1 check due="2026-09-28 15:00" policy=2
  check clock 1 promise due="2026-10-08 10:00" policy=1
  restage case=1
