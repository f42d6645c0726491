# A danger that only the triage sees tells somebody at once as well
policy town
at 2026-09-28 02:00
  submit source=12345 ref=1 text="有怪味" area=370103001
  => case_opened area=370103001 due="2026-10-13 02:00" stage=triage stage_due="2026-09-28 02:30"
  triage case=1 category=gas
  => case_triaged category=gas urgency=1 area=370103001 due="2026-09-28 03:00" stage=dispatch stage_due="2026-09-28 03:00"
  => escalation_due clock=alarm rung=1
  check case 1 urgency=1
