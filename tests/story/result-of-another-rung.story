# A notice that names another rung than the one it was asked for is refused; the right one is told
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="燃气泄漏" area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due clock=alarm rung=1
  escalate_result case=1 fence=197377 clock=alarm rung=2 audience="somebody" audience_area=370103 text="go there"
  => refused stale field=rung
  escalate_result case=1 fence=197377 clock=alarm rung=1 audience="somebody" audience_area=370103 text="go there"
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 10:10"
