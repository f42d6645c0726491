# A task that fails too often goes to people, visibly, and a person's decision ends it
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  give_up case=1 task=assign fence=1 reason="wrong stage"
  => refused stale field=fence
  give_up case=1 task=triage fence=1 reason="the worker ended"
  => attention_needed task=triage
  check case 1 attention=true state=received task=-
until 2026-09-28 10:20
  triage case=1 category=street-light
  => case_triaged category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:20"
  check case 1 attention=false task=assign
