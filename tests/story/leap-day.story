# 29 February is a day like any other
policy harbour
workers on
at 2028-02-28 10:00
  submit source=311 ref=1 text="pothole"
  => case_opened area=city
  => case_triaged category=pothole urgency=3 area=city due="2028-02-29 10:00"
  => case_dispatched unit=crew first_contact=crew
  check clock 1 promise due="2028-02-29 10:00"
at 2028-02-29 10:00
  => ...
  submit source=311 ref=2 text="pothole"
  => case_opened case=2 area=city
  => case_triaged case=2 category=pothole urgency=3 area=city due="2028-03-01 10:00"
  => case_dispatched case=2 unit=crew first_contact=crew
  check clock 2 promise due="2028-03-01 10:00"
