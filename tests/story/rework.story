# A result that does not stand the check goes back to the same unit, with a count
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=works
  report case=1 result="换了"
  => case_reported state=reported unit=works stage=check stage_due="2026-09-28 15:00"
at 2026-09-28 11:00
  rework case=1 reason="照片不是这里"
  => case_reworked unit=works stage=handle stage_due="2026-09-29 11:00" reworks=1
  check case 1 unit=works reworks=1 state=in_progress
  report case=1 result="真的换了"
  => case_reported state=reported unit=works stage=check stage_due="2026-09-28 16:00"
  rework case=1 reason="还是歪的"
  => case_reworked unit=works stage=handle stage_due="2026-09-29 11:00" reworks=2
  check case 1 reworks=2
