# Ten working hours over lunch breaks and nights: only office hours count, 09:00-12:00 and 13:00-17:00
policy town
workers on
at 2026-09-28 11:00
  submit source=12345 ref=1 text="垃圾成堆" area=370102002
  => case_opened area=370102002 due="2026-10-13 11:00" stage=triage stage_due="2026-09-28 11:30"
  => case_triaged category=litter urgency=4 area=370102002 due="2026-09-29 15:00" stage=dispatch stage_due="2026-09-28 12:00"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-29 11:00"
  check clock 1 promise due="2026-09-29 15:00"
  explain 1 promise
  => counted to="2026-09-28 12:00"
  => 2026-09-28 12:00 uncounted to="2026-09-28 13:00"
  => 2026-09-28 13:00 counted to="2026-09-28 17:00"
  => 2026-09-28 17:00 uncounted to="2026-09-29 09:00"
  => 2026-09-29 09:00 counted to="2026-09-29 12:00"
  => 2026-09-29 12:00 uncounted to="2026-09-29 13:00"
  => 2026-09-29 13:00 counted to="2026-09-29 15:00"
# during lunch: counted from 13:00
at 2026-09-29 12:30
  => 2026-09-29 09:36 clock_warned clock=sign due="2026-09-29 11:00"
  => 2026-09-29 11:00 clock_breached clock=sign due="2026-09-29 11:00"
  => 2026-09-29 12:00 clock_warned clock=promise due="2026-09-29 15:00"
  submit source=12345 ref=2 text="垃圾成堆" area=370102002
  => case_opened case=2 area=370102002 due="2026-10-14 12:30" stage=triage stage_due="2026-09-29 13:00"
  => case_triaged case=2 category=litter urgency=4 area=370102002 due="2026-09-30 16:00" stage=dispatch stage_due="2026-09-29 13:30"
  => case_dispatched case=2 unit=urban-order first_contact=urban-order sign_due="2026-09-30 13:00"
  check clock 2 promise due="2026-09-30 16:00"
