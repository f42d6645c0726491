# A source that normally publishes and went quiet is noticed, in its own hours, once; and it is noticed when it is back
policy town full
at 2026-09-28 16:00
  submit source=12345 ref=1 text="水" category=water area=370103001
  => case_opened category=water urgency=3 area=370103001 due="2026-10-08 16:00" stage=triage stage_due="2026-09-28 16:30"
  close case=1
  => case_closed outcome=solved late=false
until 2026-09-29 10:00
  => source_silent since="2026-09-28 16:00"
  submit source=12345 ref=2 text="水" category=water area=370103001
  => case_opened case=2 category=water urgency=3 area=370103001 due="2026-10-09 10:00" stage=triage stage_due="2026-09-29 10:30"
  => source_heard since="2026-09-28 16:00"
  close case=2
  => case_closed case=2 outcome=solved late=false
until 2026-10-20 00:00
  => 2026-09-29 12:00 source_silent since="2026-09-29 10:00"
