# Clocks go forward (8 March 2026, 02:00 to 03:00): one day is the same time tomorrow, 24 hours are 24 hours, a night shift loses an hour
policy harbour
zone America/New_York
workers on
at 2026-03-07 12:00
  submit source=311 ref=1 text="a pothole"
  => case_opened area=city
  => case_triaged category=pothole urgency=3 area=city due="2026-03-08 12:00"
  => case_dispatched unit=crew first_contact=crew
  check clock 1 promise due="2026-03-08 12:00"
  submit source=311 ref=2 text="the flood on Main Street"
  => case_opened case=2 area=city
  => case_triaged case=2 category=flood urgency=2 area=city due="2026-03-08 13:00"
  => case_dispatched case=2 unit=crew first_contact=crew
  check clock 2 promise due="2026-03-08 13:00"
  submit source=311 ref=3 text="hydrant is leaking"
  => case_opened case=3 area=city
  => case_triaged case=3 category=leak urgency=3 area=city due="2026-03-08 23:00"
  => case_dispatched case=3 unit=crew first_contact=crew
  check clock 3 promise due="2026-03-08 23:00"
  explain 3 promise
  => uncounted to="2026-03-07 22:00"
  => 2026-03-07 22:00 counted to="2026-03-08 06:00"
  => 2026-03-08 06:00 uncounted to="2026-03-08 22:00"
  => 2026-03-08 22:00 counted to="2026-03-08 23:00"
