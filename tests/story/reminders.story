# A resident's reminders count; the second raises the urgency, the third is told to the district
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  remind case=1 reason="还没人来"
  => case_reminded reminders=1
  remind case=1
  => case_reminded urgency=2 reminders=2
  check case 1 reminders=2 urgency=2
  remind case=1
  => case_reminded reminders=3
  => escalation_due clock=alarm rung=1
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/8/1
  remind case=1
  => case_reminded reminders=4
  check case 1 reminders=4 urgency=2
