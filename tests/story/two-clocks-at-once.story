# Deadlines at one instant come in the order of the cases, then of the clocks, in every replay
policy town
workers off
at 2026-09-28 10:00
  submit source=12345 ref=1 text="a" category=manhole area=370103001
  => case_opened category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="b" category=manhole area=370103001
  => case_opened case=2 category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
until 2026-09-28 10:10
  => case_triaged case=1 category=manhole urgency=2 area=370103001 stage=dispatch stage_due="2026-09-28 11:10"
  => case_triaged case=2 category=manhole urgency=2 area=370103001 stage=dispatch stage_due="2026-09-28 11:10"
