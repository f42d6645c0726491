# A command without what it needs, or with what it does not take, is refused and names the field
policy town
at 2026-09-28 10:00
  submit source=12345 text="t"
  => refused missing_field field=source_ref
  submit source=12345 ref=1
  => refused missing_field field=text
  submit source=12345 ref=1 text="t" urgency=0
  => refused out_of_range field=urgency
  submit source=12345 ref=1 text="t" unit=works
  => refused unexpected_field field=unit
  submit source="" ref=1 text="t"
  => refused missing_field field=source
  submit source=12345 ref="" text="t"
  => refused missing_field field=source_ref
  submit source=12345 ref=1 text="t"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1
  => refused missing_field field=category
  triage case=1 category=noise urgency=0
  => refused out_of_range field=urgency
  close case=1 category=noise
  => refused unexpected_field field=category
  close case=1 outcome=merged
  => refused out_of_range field=outcome
