# Once the limit is over nobody can ask for more time
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=urban-order
until 2026-09-29 10:01
  => ...
  request_extension case=1 reason="要等设备"
  => refused limit_passed field=stage_due
