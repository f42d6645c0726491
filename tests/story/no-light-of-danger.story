# A worker may not make light of a danger that intake saw; a person may
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="燃气泄漏" area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due clock=alarm rung=1
  triage_result case=1 fence=1 category=noise urgency=4
  => case_triaged category=noise urgency=1 area=370103001 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  check case 1 urgency=1 category=noise
  triage case=1 category=noise urgency=3
  => case_triaged category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  check case 1 urgency=3
