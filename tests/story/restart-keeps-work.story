# A restart while work waits: the task is still waited for, and its result still counts
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
restart from archive
  triage_result case=1 fence=1 category=street-light
  => case_triaged category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
restart
  assign_result case=1 fence=2 unit=works
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
restart from archive
  sign case=1 unit=works
  => case_signed unit=works
  check unit works 1
