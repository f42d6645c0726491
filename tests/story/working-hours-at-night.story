# A report at night or on a day off counts from the next opening
policy town
workers on
at 2026-09-28 22:10
  submit source=12345 ref=1 text="垃圾成堆" area=370102002
  => case_opened area=370102002 due="2026-10-13 22:10" stage=triage stage_due="2026-09-28 22:40"
  => case_triaged category=litter urgency=4 area=370102002 due="2026-09-30 12:00" stage=dispatch stage_due="2026-09-28 23:10"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-30 09:00"
  check clock 1 promise start="2026-09-28 22:10" due="2026-09-30 12:00"
  explain 1 promise
  => uncounted to="2026-09-29 09:00"
  => 2026-09-29 09:00 counted to="2026-09-29 12:00"
  => 2026-09-29 12:00 uncounted to="2026-09-29 13:00"
  => 2026-09-29 13:00 counted to="2026-09-29 17:00"
  => 2026-09-29 17:00 uncounted to="2026-09-30 09:00"
  => 2026-09-30 09:00 counted to="2026-09-30 12:00"
