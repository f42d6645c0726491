# A caller's name and phone are in no event; that they were read is one
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯" category=street-light caller_name="王女士" caller_phone="13800000000"
  => case_opened caller_name=- caller_phone=- contact_kept=true
  submit source=12345 ref=2 text="路灯" category=street-light
  => case_opened case=2 category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=triage stage_due="2026-09-28 10:30"
  contact case=1 actor=ann reason="回访"
  => contact_read case=1
  contact case=2 actor=ann
  => refused no_contact field=case
