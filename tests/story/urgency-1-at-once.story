# Danger to life: the district is told at once, then the city, again and again until a person answers
policy town
workers on
at 2026-09-28 02:00
  submit source=12345 ref=1 text="燃气泄漏" area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 03:00" stage=triage stage_due="2026-09-28 02:30"
  => escalation_due clock=alarm rung=1
  => case_triaged category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 03:00"
  => case_dispatched unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-28 10:00" sign_due="2026-09-28 02:15"
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 02:10"
until 2026-09-28 02:30
  => 2026-09-28 02:10 escalation_unanswered clock=alarm rung=1 notice=1/alarm/3/1
  => 2026-09-28 02:10 escalation_due clock=alarm rung=2
  => 2026-09-28 02:10 case_escalated clock=alarm rung=2 audience_area=3701 notice=1/alarm/3/2 acknowledge_by="2026-09-28 02:20"
  => 2026-09-28 02:12 clock_warned clock=sign due="2026-09-28 02:15"
  => 2026-09-28 02:15 clock_breached clock=sign due="2026-09-28 02:15"
  sign case=1
  => case_signed unit=gas-company
until 2026-09-28 03:00
  => 2026-09-28 02:40 escalation_unanswered clock=alarm rung=2 notice=1/alarm/3/2
  => 2026-09-28 02:40 escalation_due clock=alarm rung=3
  => 2026-09-28 02:40 case_escalated clock=alarm rung=3 audience_area=3701 notice=1/alarm/3/3 acknowledge_by="2026-09-28 02:50"
  => 2026-09-28 02:48 clock_warned clock=promise due="2026-09-28 03:00"
  => clock_breached clock=promise due="2026-09-28 03:00"
  => escalation_due clock=promise rung=1
  => case_escalated clock=promise rung=1 audience_area=370103001 notice=1/promise/4/1 empty=true
  => escalation_unanswered clock=promise rung=1 notice=1/promise/4/1
  => escalation_due clock=promise rung=2
  => case_escalated clock=promise rung=2 audience_area=370103001 notice=1/promise/4/2 empty=true
  => escalation_unanswered clock=promise rung=2 notice=1/promise/4/2
  => escalation_due clock=promise rung=3
  => case_escalated clock=promise rung=3 audience_area=370103 notice=1/promise/4/3 acknowledge_by="2026-09-29 03:00"
  acknowledge case=1
  => escalation_acknowledged clock=promise rung=3 notice=1/promise/4/3
  => escalation_acknowledged clock=alarm rung=3 notice=1/alarm/3/3
until 2026-09-28 06:00
  => 2026-09-28 03:30 escalation_due clock=promise rung=4
  => 2026-09-28 03:30 case_escalated clock=promise rung=4 audience_area=3701 notice=1/promise/4/4
