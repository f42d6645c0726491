# A due time in the hour that daylight saving skips falls after the change: 02:30 becomes 03:30
policy harbour
workers on
at 2026-03-07 02:30
  submit source=311 ref=1 text="a pothole"
  => case_opened area=city
  => case_triaged category=pothole urgency=3 area=city due="2026-03-08 03:30"
  => case_dispatched unit=crew first_contact=crew
  check clock 1 promise due="2026-03-08 03:30"
until 2026-03-08 01:59
  => 2026-03-07 21:42 clock_warned clock=promise due="2026-03-08 03:30"
until 2026-03-08 03:29
until 2026-03-08 03:30
  => clock_breached clock=promise due="2026-03-08 03:30"
