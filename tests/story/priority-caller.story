# The publisher says that a caller has priority: it is kept with the case, and Reeve keeps no profile of people
policy town
workers triage
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮，老人独居" priority=true
  => case_opened area=3701 priority=true due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  check case 1 priority=true
