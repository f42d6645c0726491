# Acknowledged is not done: when nothing moves the answer runs out and it climbs again; when it moves, it holds
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="燃气泄漏" area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due clock=alarm rung=1
  => case_triaged category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 10:10"
  acknowledge case=1 reason="正在去"
  => escalation_acknowledged clock=alarm rung=1 notice=1/alarm/3/1 hold_ms=1200000
until 2026-09-28 10:15
  sign case=1
  => case_signed unit=gas-company
until 2026-09-28 10:34
until 2026-09-28 10:35
  => escalation_due clock=alarm rung=2
  => case_escalated clock=alarm rung=2 audience_area=3701 notice=1/alarm/3/2 acknowledge_by="2026-09-28 10:45"
