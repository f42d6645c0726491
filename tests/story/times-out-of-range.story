# A report from the future or from long ago is refused; one that was a little delayed is counted from when it was made
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="t" reported_at="2026-09-28 10:06"
  => refused in_the_future field=reported_at
  submit source=12345 ref=1 text="t" reported_at="2026-08-20 10:00"
  => refused too_long_ago field=reported_at
  submit source=12345 ref=1 text="t" reported_at="2026-09-27 10:00" category=manhole
  => case_opened category=manhole urgency=2 area=3701 due="2026-09-27 14:00" stage=triage stage_due="2026-09-28 10:30"
  => clock_warned clock=promise due="2026-09-27 14:00"
  => clock_breached clock=promise due="2026-09-27 14:00"
  => escalation_due clock=promise rung=1
# it is late already
until 2026-09-28 10:00
