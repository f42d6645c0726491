# Workers that stay silent: an unclassified case gets the fallback category, then goes to the duty desk of its area
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="说不清楚的事" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="说不清楚的事" area=370102001
  => case_opened case=2 area=370102001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
until 2026-09-28 10:30
  => 2026-09-28 10:10 case_triaged case=1 category=other urgency=3 area=370103001 due="2026-10-13 10:00" stage=dispatch stage_due="2026-09-28 11:10"
  => 2026-09-28 10:10 case_triaged case=2 category=other urgency=3 area=370102001 due="2026-10-13 10:00" stage=dispatch stage_due="2026-09-28 11:10"
  => 2026-09-28 10:20 case_dispatched case=1 unit=desk-shizhong first_contact=desk-shizhong sign_due="2026-09-29 10:20"
  => 2026-09-28 10:20 case_dispatched case=2 unit=desk first_contact=desk sign_due="2026-09-29 10:20"
  check case 1 unit=desk-shizhong category=other
  check case 2 unit=desk category=other
