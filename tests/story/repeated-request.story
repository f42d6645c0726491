# A request that is sent again gets the same answer and does nothing again; another actor's same id is another request
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="a" category=noise
  => case_opened category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="a" category=noise
  => case_opened case=2 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=litter actor=ann request=r1
  => case_triaged case=1 category=litter urgency=4 area=3701 due="2026-09-29 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  triage case=1 category=litter actor=ann request=r1
  => duplicate case=1
  triage case=1 category=litter actor=bob request=r1
  => case_triaged case=1 category=litter urgency=4 area=3701 stage=dispatch stage_due="2026-09-28 11:00"
  triage case=2 category=litter actor=ann request=r1
  => case_triaged case=2 category=litter urgency=4 area=3701 due="2026-09-29 14:00" stage=dispatch stage_due="2026-09-28 11:00"
at 2026-09-28 10:05
  triage case=1 category=litter actor=ann request=r1
  => duplicate case=1
restart
  triage case=1 category=litter actor=ann request=r1
  => duplicate case=1
