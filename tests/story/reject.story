# A report that is not admitted is closed as rejected, and the reason is kept
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="邻居的猫不理我" category=noise
  => case_opened category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  reject case=1
  => refused missing_field field=reason
  reject case=1 reason="不属于受理范围"
  => case_closed outcome=rejected late=false
  reject case=1 reason="不属于受理范围"
  => refused illegal_transition field=state
  check case 1 state=closed outcome=rejected
until 2026-12-01 00:00
