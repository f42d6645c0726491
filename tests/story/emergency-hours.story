# An emergency limit runs day and night, on holidays too
policy town
workers on
at 2026-10-02 23:30
  submit source=12345 ref=1 text="马路上爆管了" area=370102002
  => case_opened area=370102002 due="2026-10-17 23:30" stage=triage stage_due="2026-10-03 00:00"
  => case_triaged category=burst-pipe urgency=2 area=370102002 due="2026-10-03 07:30" stage=dispatch stage_due="2026-10-03 00:30"
  => case_dispatched unit=water-group first_contact=water-group sign_due="2026-10-09 09:00"
  check clock 1 promise due="2026-10-03 07:30"
  explain 1 promise
  => counted to="2026-10-03 07:30"
