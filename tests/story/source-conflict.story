# A case may be named by its number or by source and reference; when both are given they must agree
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="a" category=noise
  => case_opened category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="b" category=noise
  => case_opened case=2 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  close source=12345 ref=2
  => case_closed case=2 outcome=solved late=false
  close case=1 source=12345 ref=2
  => refused source_conflict field=source_ref
  close case=1 source=12345 ref=1
  => case_closed case=1 outcome=solved late=false
