# Nobody serves the place and it has no duty desk: people are asked, the case is not lost
policy town no-desk
at 2026-09-28 10:00
  submit source=12345 ref=1 text="说不清楚的事" category=other
  => case_opened category=other urgency=3 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
until 2026-09-28 10:20
  => 2026-09-28 10:10 case_triaged category=other urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:10"
  => attention_needed task=assign
  check case 1 attention=true state=triaged
