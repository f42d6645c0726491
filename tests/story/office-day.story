# A limit that counts office days: a report after closing is the next working day's, one before opening is not shifted
policy harbour
workers on
at 2026-09-10 08:00
  submit source=311 ref=1 text="I need a form"
  => case_opened area=city
  => case_triaged category=form urgency=4 area=city due="2026-09-11 08:00"
  => case_dispatched unit=desk first_contact=desk
  check clock 1 promise due="2026-09-11 08:00"
at 2026-09-10 18:00
  => 2026-09-10 15:24 clock_warned clock=promise due="2026-09-11 08:00"
  submit source=311 ref=2 text="I need a form"
  => case_opened case=2 area=city
  => case_triaged case=2 category=form urgency=4 area=city due="2026-09-14 09:00"
  => case_dispatched case=2 unit=desk first_contact=desk
  check clock 2 promise due="2026-09-14 09:00"
at 2026-09-12 15:00
  => 2026-09-11 08:00 clock_breached case=1 clock=promise due="2026-09-11 08:00"
  => 2026-09-11 15:24 clock_warned case=2 clock=promise due="2026-09-14 09:00"
  submit source=311 ref=3 text="I need a form"
  => case_opened case=3 area=city
  => case_triaged case=3 category=form urgency=4 area=city due="2026-09-15 15:00"
  => case_dispatched case=3 unit=desk first_contact=desk
  check clock 3 promise due="2026-09-15 15:00"
