# Quick emergency response: urgent at intake in the middle of the night, told at once and upwards every five minutes, handed over to the emergency number
policy platform
workers on
at 2026-10-03 03:00
  submit source=12345 ref=1 text="一楼着火了" area=d1s1k1
  => case_opened urgency=1 area=d1s1k1 due="2026-10-18 03:00"
  => escalation_due clock=alarm rung=1
  => case_triaged category=other urgency=1 area=d1s1k1 due="2026-10-18 03:00"
  => case_dispatched unit=k1-committee first_contact=k1-committee sign_due="2026-10-03 03:05"
  => case_escalated clock=alarm rung=1 audience_area=d1s1 notice=1/alarm/3/1 acknowledge_by="2026-10-03 03:05"
until 2026-10-03 03:12
  => 2026-10-03 03:04 clock_warned clock=sign due="2026-10-03 03:05"
  => 2026-10-03 03:05 clock_breached clock=sign due="2026-10-03 03:05"
  => 2026-10-03 03:05 escalation_unanswered clock=alarm rung=1 notice=1/alarm/3/1
  => 2026-10-03 03:05 escalation_due clock=alarm rung=2
  => 2026-10-03 03:05 case_escalated clock=alarm rung=2 audience_area=d1 notice=1/alarm/3/2 acknowledge_by="2026-10-03 03:10"
  => 2026-10-03 03:10 escalation_unanswered clock=alarm rung=2 notice=1/alarm/3/2
  => 2026-10-03 03:10 escalation_due clock=alarm rung=3
  => 2026-10-03 03:10 case_escalated clock=alarm rung=3 audience_area=c notice=1/alarm/3/3 acknowledge_by="2026-10-03 03:15"
  hand_over case=1 emergency=119 reason="消防队已到"
  => case_closed unit=k1-committee outcome=handed_over late=false emergency=119
until 2026-10-04 00:00
