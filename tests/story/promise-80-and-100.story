# A promise warns at 80 % and breaks at 100 % of its time, once each
policy town
workers triage assign
at 2026-09-28 10:00
  submit source=12345 ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
  sign case=1
  => case_signed unit=works
until 2026-09-28 13:11
until 2026-09-28 13:12
  => clock_warned clock=promise due="2026-09-28 14:00"
until 2026-09-28 13:59
until 2026-09-28 14:00
  => clock_breached clock=promise due="2026-09-28 14:00"
  => escalation_due clock=promise rung=1
  check clock 1 promise warned=true breached=true due="2026-09-28 14:00"
