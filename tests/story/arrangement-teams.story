# Mediation teams, volunteers, police rooms: units with areas, capacity and hours of their own
policy platform
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="楼上天天吵架" area=d1s1k1
  => case_opened area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged category=mediation urgency=3 area=d1s1k1 due="2026-09-29 10:00"
  => case_dispatched unit=mediators first_contact=mediators
  check case 1 unit=mediators
  submit source=web ref=2 text="又吵架" area=d1s1k2
  => case_opened case=2 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=2 category=mediation urgency=3 area=d1s1k2 due="2026-10-08 10:00"
  => case_dispatched case=2 unit=mediators first_contact=mediators
  submit source=web ref=3 text="还吵架" area=d1s1k2
  => case_opened case=3 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=3 category=mediation urgency=3 area=d1s1k2 due="2026-10-08 10:00"
  => case_dispatched case=3 unit=s1-office first_contact=s1-office
  check case 3 unit=s1-office
  submit source=web ref=4 text="有人打架" area=d1s1k1
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=4 category=fight urgency=2 area=d1s1k1 due="2026-09-28 11:00"
  => case_dispatched case=4 unit=police-room first_contact=police-room
  check case 4 unit=police-room
  submit source=web ref=5 text="帮老人买菜" area=d1s1k1
  => case_opened case=5 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=5 category=shopping urgency=4 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched case=5 unit=k1-committee first_contact=k1-committee
  check case 5 unit=k1-committee
at 2026-10-03 09:00
  => ...
# on a Saturday of the holiday the volunteers work and the committee does not
  submit source=web ref=6 text="帮老人买菜" area=d1s1k1
  => case_opened case=6 area=d1s1k1 due="2026-10-18 09:00"
  => case_triaged case=6 category=shopping urgency=4 area=d1s1k1 due="2026-10-13 09:00"
  => case_dispatched case=6 unit=volunteers first_contact=volunteers
  check case 6 unit=volunteers
