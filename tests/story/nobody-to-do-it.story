# A stage with nobody to do it is told to the city at once
policy town full no-desk
at 2026-09-28 10:00
  submit source=web ref=1 text="说不清楚的事" category=other
  => case_opened category=other urgency=3 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
until 2026-09-28 10:30
  => 2026-09-28 10:10 case_triaged category=other urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:10"
  => 2026-09-28 10:20 attention_needed task=assign
  => 2026-09-28 10:20 escalation_due clock=alarm rung=1
  => 2026-09-28 10:25 case_escalated clock=alarm rung=1 audience_area=3701 notice=1/alarm/5/1
