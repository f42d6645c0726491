# A Chinese danger word makes a report urgent before any worker looks at it, and somebody is told at once
policy town
at 2026-09-28 02:00
  submit source=12345 ref=1 text="我家楼下有很重的煤气味，请快来" area=370102001001
  => case_opened category=gas urgency=1 area=370102001001 due="2026-09-28 03:00" stage=triage stage_due="2026-09-28 02:30"
  => escalation_due clock=alarm rung=1
  check case 1 urgency=1 category=gas state=received
