# A confidential report of a danger is told of under the seal too, from the first event on
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="燃气泄漏" area=370103001 confidential=true
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30" confidential=true
  => escalation_due clock=alarm rung=1 confidential=true
  => case_triaged category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 11:00" confidential=true
  => case_dispatched unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00" confidential=true
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 10:10" confidential=true
