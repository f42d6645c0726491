# The southern hemisphere changes the other way round: back on 5 April 2026, forward on 4 October
policy sydney
zone Australia/Sydney
workers on
at 2026-04-04 12:00
  submit source=nsw ref=1 text="pothole"
  => case_opened area=city
  => case_triaged category=pothole urgency=3 area=city due="2026-04-05 12:00"
  => case_dispatched unit=crew first_contact=crew
  check clock 1 promise due="2026-04-05 12:00"
  submit source=nsw ref=2 text="flood"
  => case_opened case=2 area=city
  => case_triaged case=2 category=flood urgency=2 area=city due="2026-04-05 11:00"
  => case_dispatched case=2 unit=crew first_contact=crew
  check clock 2 promise due="2026-04-05 11:00"
  close case=1
  => case_closed case=1 unit=crew outcome=solved late=false
  close case=2
  => case_closed case=2 unit=crew outcome=solved late=false
at 2026-10-03 12:00
  submit source=nsw ref=3 text="pothole"
  => case_opened case=3 area=city
  => case_triaged case=3 category=pothole urgency=3 area=city due="2026-10-04 12:00"
  => case_dispatched case=3 unit=crew first_contact=crew
  check clock 3 promise due="2026-10-04 12:00"
  submit source=nsw ref=4 text="flood"
  => case_opened case=4 area=city
  => case_triaged case=4 category=flood urgency=2 area=city due="2026-10-04 13:00"
  => case_dispatched case=4 unit=crew first_contact=crew
  check clock 4 promise due="2026-10-04 13:00"
