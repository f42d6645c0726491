# Fire, crime and medical emergencies are handed over to the emergency numbers and recorded as such
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="楼上着火了"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  hand_over case=1 emergency=118
  => refused unknown_emergency field=emergency
  hand_over case=1 emergency=119 reason="消防已接"
  => case_closed outcome=handed_over late=false emergency=119
  check case 1 outcome=handed_over
