# What has changed since: the events after a number, without a gap, whoever they belong to
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="a" category=noise
  => case_opened category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="b" category=noise
  => case_opened case=2 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged case=1 category=noise urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:00"
  close case=2
  => case_closed case=2 outcome=solved late=false
  feed "" after 3
  => case_triaged case=1 category=noise urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:00"
  => case_closed case=2 outcome=solved late=false
  feed case_triaged/ after 3
  => case_triaged case=1 category=noise urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:00"
  feed "" after 5
