# Without coordinates the same address in words makes two reports similar
policy town
workers triage
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮" address="解放路 12 号"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  submit source=12345 ref=2 text="路灯不亮" address="解放路 13 号"
  => case_opened case=2 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  submit source=12345 ref=3 text="路灯不亮" address="解放路 12 号"
  => case_opened case=3 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=street-light urgency=3 area=3701 similar=1 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
