# A due time on a day off rolls to the next working day at the same hour
policy town
workers on
at 2026-09-28 20:00
  submit source=12345 ref=1 text="噪音扰民" area=370102002
  => case_opened area=370102002 due="2026-10-13 20:00" stage=triage stage_due="2026-09-28 20:30"
  => case_triaged category=noise urgency=3 area=370102002 due="2026-10-08 20:00" stage=dispatch stage_due="2026-09-28 21:00"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-30 09:00"
  check clock 1 promise due="2026-10-08 20:00"
# this one falls on a working day and stays
at 2026-10-12 20:00
  => ...
  submit source=12345 ref=2 text="噪音扰民" area=370102002
  => case_opened case=2 area=370102002 due="2026-10-27 20:00" stage=triage stage_due="2026-10-12 20:30"
  => case_triaged case=2 category=noise urgency=3 area=370102002 due="2026-10-19 20:00" stage=dispatch stage_due="2026-10-12 21:00"
  => case_dispatched case=2 unit=urban-order first_contact=urban-order sign_due="2026-10-14 09:00"
  check clock 2 promise due="2026-10-19 20:00"
