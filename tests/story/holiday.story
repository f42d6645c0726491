# The National Day week does not count: ten working hours that begin on 30 September at 16:00 end on 9 October
policy town
workers on
at 2026-09-30 16:00
  submit source=12345 ref=1 text="垃圾成堆" area=370102002
  => case_opened area=370102002 due="2026-10-15 16:00" stage=triage stage_due="2026-09-30 16:30"
  => case_triaged category=litter urgency=4 area=370102002 due="2026-10-09 11:00" stage=dispatch stage_due="2026-09-30 17:00"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-10-08 16:00"
  explain 1 promise
  => counted to="2026-09-30 17:00"
  => 2026-09-30 17:00 uncounted to="2026-10-08 09:00"
  => 2026-10-08 09:00 counted to="2026-10-08 12:00"
  => 2026-10-08 12:00 uncounted to="2026-10-08 13:00"
  => 2026-10-08 13:00 counted to="2026-10-08 17:00"
  => 2026-10-08 17:00 uncounted to="2026-10-09 09:00"
  => 2026-10-09 09:00 counted to="2026-10-09 11:00"
at 2026-10-03 12:00
  submit source=12345 ref=2 text="路灯不亮" area=370102002
  => case_opened case=2 area=370102002 due="2026-10-18 12:00" stage=triage stage_due="2026-10-03 12:30"
  => case_triaged case=2 category=street-light urgency=3 area=370102002 due="2026-10-10 09:00" stage=dispatch stage_due="2026-10-03 13:00"
  => case_dispatched case=2 unit=works-lixia first_contact=works-lixia sign_due="2026-10-09 09:00"
  check clock 2 promise due="2026-10-10 09:00"
