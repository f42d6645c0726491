# "10 + X": ten departments' services in every community, and what one community offers besides
policy platform
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="问养老" area=d1s1k1
  => case_opened area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged category=pension urgency=3 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched unit=civil first_contact=civil
  submit source=web ref=2 text="问养老" area=d1s1k2
  => case_opened case=2 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=2 category=pension urgency=3 area=d1s1k2 due="2026-10-08 10:00"
  => case_dispatched case=2 unit=civil first_contact=civil
  submit source=web ref=3 text="问义诊" area=d1s1k2
  => case_opened case=3 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=3 category=clinic urgency=3 area=d1s1k2 due="2026-10-08 10:00"
  => case_dispatched case=3 unit=health first_contact=health
  submit source=web ref=4 text="早市几点" area=d1s1k1
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=4 category=market urgency=4 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched case=4 unit=k1-committee first_contact=k1-committee
# the other community has no morning market: it goes to the street office, whose duty desk serves it
  submit source=web ref=5 text="早市几点" area=d1s1k2
  => case_opened case=5 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=5 category=market urgency=4 area=d1s1k2 due="2026-10-13 10:00"
  => case_dispatched case=5 unit=s1-office first_contact=s1-office
