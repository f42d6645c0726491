# A street subscribes to its subtree: it gets its communities' events and nobody else's, in one unbroken stream
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="a" category=noise area=370102001001
  => case_opened category=noise urgency=3 area=370102001001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="b" category=noise area=370102001
  => case_opened case=2 category=noise urgency=3 area=370102001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=3 text="c" category=noise area=370102002
  => case_opened case=3 category=noise urgency=3 area=370102002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=4 text="d" category=noise area=3701
  => case_opened case=4 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=5 text="e" category=noise area=370102001002
  => case_opened case=5 category=noise urgency=3 area=370102001002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  feed case_opened/3701/370102/370102001/
  => case_opened case=1 category=noise urgency=3 area=370102001001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=2 category=noise urgency=3 area=370102001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=5 category=noise urgency=3 area=370102001002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  feed case_opened/3701/370102/
  => case_opened case=1 category=noise urgency=3 area=370102001001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=2 category=noise urgency=3 area=370102001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=3 category=noise urgency=3 area=370102002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=5 category=noise urgency=3 area=370102001002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  feed case_opened/3701/
  => case_opened case=1 category=noise urgency=3 area=370102001001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=2 category=noise urgency=3 area=370102001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=3 category=noise urgency=3 area=370102002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=4 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_opened case=5 category=noise urgency=3 area=370102001002 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  feed case_closed/3701/
# after a gap it asks for what came since
  close case=2
  => case_closed case=2 outcome=solved late=false
  feed case_closed/3701/370102/370102001/ after 6
  => case_closed case=2 outcome=solved late=false
