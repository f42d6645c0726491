# No escalation worker answers: the core itself tells the rung's audience. Rather a notice too many than one missed
policy town
workers triage assign
at 2026-09-28 02:00
  submit source=12345 ref=1 text="燃气泄漏" area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 03:00" stage=triage stage_due="2026-09-28 02:30"
  => escalation_due clock=alarm rung=1
  => case_triaged category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 03:00"
  => case_dispatched unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-28 10:00" sign_due="2026-09-28 02:15"
until 2026-09-28 02:05
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 02:15"
