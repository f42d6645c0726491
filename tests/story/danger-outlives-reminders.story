# A danger notice that nobody has answered goes on climbing, whatever else is told about the case meanwhile
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="燃气泄漏" area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due clock=alarm rung=1
  => case_triaged category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 10:10"
  remind case=1
  => case_reminded reminders=1
  remind case=1
  => case_reminded reminders=2
  remind case=1
  => case_reminded reminders=3
until 2026-09-28 10:10
  => escalation_unanswered clock=alarm rung=1 notice=1/alarm/3/1
  => escalation_due clock=alarm rung=2
  => case_escalated clock=alarm rung=2 audience_area=3701 notice=1/alarm/3/2 acknowledge_by="2026-09-28 10:20"
