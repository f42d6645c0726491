# A corrected triage sets the promise anew, counted from when it was reported and not from the correction
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="有问题" category=street-light reported_at="2026-09-28 09:30"
  => case_opened category=street-light urgency=3 area=3701 due="2026-09-30 09:30" stage=triage stage_due="2026-09-28 10:30"
  check clock 1 promise start="2026-09-28 09:30" due="2026-09-30 09:30"
until 2026-09-28 10:05
  triage case=1 category=manhole
  => case_triaged category=manhole urgency=2 area=3701 due="2026-09-28 13:30" stage=dispatch stage_due="2026-09-28 11:05"
  check clock 1 promise start="2026-09-28 09:30" due="2026-09-28 13:30"
# the same again changes nothing in the promise
  triage case=1 category=manhole
  => case_triaged category=manhole urgency=2 area=3701 stage=dispatch stage_due="2026-09-28 11:05"
# to something that nothing is promised for: the promise is taken away
  triage case=1 category=advice
  => case_triaged category=advice urgency=4 area=3701 stage=dispatch stage_due="2026-09-28 11:05"
  check case 1 due=-
