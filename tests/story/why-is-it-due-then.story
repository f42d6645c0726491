# Why is it due then: the counted and uncounted intervals from the start to the due time, without a gap
policy town
workers on
at 2026-09-24 15:00
  submit source=12345 ref=1 text="垃圾成堆" area=370102002
  => case_opened area=370102002 due="2026-10-09 15:00" stage=triage stage_due="2026-09-24 15:30"
  => case_triaged category=litter urgency=4 area=370102002 due="2026-09-29 10:00" stage=dispatch stage_due="2026-09-24 16:00"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-28 15:00"
  explain 1 promise
  => counted to="2026-09-24 17:00"
  => 2026-09-24 17:00 uncounted to="2026-09-28 09:00"
  => 2026-09-28 09:00 counted to="2026-09-28 12:00"
  => 2026-09-28 12:00 uncounted to="2026-09-28 13:00"
  => 2026-09-28 13:00 counted to="2026-09-28 17:00"
  => 2026-09-28 17:00 uncounted to="2026-09-29 09:00"
  => 2026-09-29 09:00 counted to="2026-09-29 10:00"
  explain 1 sign
  => counted to="2026-09-24 17:00"
  => 2026-09-24 17:00 uncounted to="2026-09-28 09:00"
  => 2026-09-28 09:00 counted to="2026-09-28 12:00"
  => 2026-09-28 12:00 uncounted to="2026-09-28 13:00"
  => 2026-09-28 13:00 counted to="2026-09-28 15:00"
