# Similar open reports nearby are offered at triage, same category and nearest first; nothing is merged by itself
policy town
workers triage
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮" latitude=36.6600 longitude=117.0500
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  submit source=12345 ref=2 text="垃圾" latitude=36.6601 longitude=117.0500
  => case_opened case=2 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=litter urgency=4 area=3701 due="2026-09-29 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  submit source=12345 ref=3 text="路灯不亮" latitude=36.7000 longitude=117.0500
  => case_opened case=3 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  submit source=12345 ref=4 text="路灯又不亮" latitude=36.6603 longitude=117.0501
  => case_opened case=4 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=4 category=street-light urgency=3 area=3701 similar=1 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  check open 4
# a closed one is no candidate
  close case=1
  => case_closed case=1 outcome=solved late=false
  submit source=12345 ref=5 text="路灯不亮" latitude=36.6600 longitude=117.0500
  => case_opened case=5 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=5 category=street-light urgency=3 area=3701 similar=4 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
# nor is one of two weeks ago
until 2026-10-12 10:00
  => ...
  submit source=12345 ref=6 text="路灯不亮" latitude=36.6603 longitude=117.0501
  => case_opened case=6 area=3701 due="2026-10-27 10:00" stage=triage stage_due="2026-10-12 10:30"
  => case_triaged case=6 category=street-light urgency=3 area=3701 due="2026-10-14 10:00" stage=dispatch stage_due="2026-10-12 11:00"
