# One shared platform over four levels: each level publishes, and each hears of its own subtree only
policy platform
workers on
at 2026-09-28 10:00
  submit source=city ref=1 text="乱停车" area=d1s2
  => case_opened area=d1s2 due="2026-10-13 10:00"
  => case_triaged category=patrol urgency=3 area=d1s2 due="2026-09-29 10:00"
  => case_dispatched unit=order first_contact=order
  submit source=east ref=1 text="乱停车" area=d1
  => case_opened case=2 area=d1 due="2026-10-13 10:00"
  => case_triaged case=2 category=patrol urgency=3 area=d1 due="2026-09-29 10:00"
  => case_dispatched case=2 unit=order first_contact=order
  submit source=street-1 ref=1 text="乱停车" area=d1s1
  => case_opened case=3 area=d1s1 due="2026-10-13 10:00"
  => case_triaged case=3 category=patrol urgency=3 area=d1s1 due="2026-09-29 10:00"
  => case_dispatched case=3 unit=order first_contact=order
  submit source=community-1 ref=1 text="乱停车" area=d1s1k1
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=4 category=patrol urgency=3 area=d1s1k1 due="2026-09-29 10:00"
  => case_dispatched case=4 unit=k1-committee first_contact=k1-committee
  feed case_opened/c/d1/d1s1/d1s1k1/
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  feed case_opened/c/d1/d1s1/
  => case_opened case=3 area=d1s1 due="2026-10-13 10:00"
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  feed case_opened/c/d1/
  => case_opened case=1 area=d1s2 due="2026-10-13 10:00"
  => case_opened case=2 area=d1 due="2026-10-13 10:00"
  => case_opened case=3 area=d1s1 due="2026-10-13 10:00"
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  feed case_opened/c/d2/
