# Names that the policy does not know are refused by name, each with its field
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="t" category=lamps
  => refused unknown_category field=category
  submit source=12345 ref=1 text="t" area=999
  => refused unknown_area field=area
  submit source=12345 ref=1 text="t"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=lamps
  => refused unknown_category field=category
  triage case=1 category=noise area=999
  => refused unknown_area field=area
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=nobody
  => refused unknown_unit field=unit
  sign case=2
  => refused unknown_case field=case
  sign source=12345 ref=2
  => refused unknown_case field=source_ref
  sign
  => refused bad_reference field=case
