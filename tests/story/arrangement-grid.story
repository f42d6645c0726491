# Grid management: the grid worker first, as long as there is room and it is working time; else the community, else the department
policy platform
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="乱停车" area=d1s1k1g1
  => case_opened area=d1s1k1g1 due="2026-10-13 10:00"
  => case_triaged category=patrol urgency=3 area=d1s1k1g1 due="2026-09-29 10:00"
  => case_dispatched unit=grid-1 first_contact=grid-1
  submit source=web ref=2 text="乱停车" area=d1s1k1g1
  => case_opened case=2 area=d1s1k1g1 due="2026-10-13 10:00"
  => case_triaged case=2 category=patrol urgency=3 area=d1s1k1g1 due="2026-09-29 10:00"
  => case_dispatched case=2 unit=k1-committee first_contact=k1-committee
  submit source=web ref=3 text="乱停车" area=d1s1k1g2
  => case_opened case=3 area=d1s1k1g2 due="2026-10-13 10:00"
  => case_triaged case=3 category=patrol urgency=3 area=d1s1k1g2 due="2026-09-29 10:00"
  => case_dispatched case=3 unit=grid-2 first_contact=grid-2
  submit source=web ref=4 text="乱停车" area=d1s1k2
  => case_opened case=4 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=4 category=patrol urgency=3 area=d1s1k2 due="2026-09-29 10:00"
  => case_dispatched case=4 unit=order first_contact=order
  close case=1
  => case_closed case=1 unit=grid-1 outcome=solved late=false
  submit source=web ref=5 text="乱停车" area=d1s1k1g1
  => case_opened case=5 area=d1s1k1g1 due="2026-10-13 10:00"
  => case_triaged case=5 category=patrol urgency=3 area=d1s1k1g1 due="2026-09-29 10:00"
  => case_dispatched case=5 unit=grid-1 first_contact=grid-1
  check unit grid-1 1
  check unit k1-committee 1
