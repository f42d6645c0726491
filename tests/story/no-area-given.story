# A report without a place goes to the default area, one with a category below another takes its catalogue rows
policy town
workers on
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
  check case 1 area=3701 unit=works
