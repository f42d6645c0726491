# Opened by mistake: closed as void
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="打错了"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  cancel case=1
  => refused missing_field field=reason
  cancel case=1 reason="打错了"
  => case_closed outcome=void late=false
  check case 1 outcome=void
