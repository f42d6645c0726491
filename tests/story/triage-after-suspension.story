# A promise set anew gives back the suspensions before it: it counts from the report, and never resets
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="垃圾成堆" category=litter area=370103001
  => ...
  triage case=1 category=litter
  => ...
  dispatch case=1 unit=urban-order
  => ...
  sign case=1
  => ...
  request_suspension case=1 reason="等雨停" until="2026-09-28 12:00"
  => ...
  approve_suspension case=1
  => ...
until 2026-09-28 13:00
  => ...
  check clock 1 promise due="2026-09-29 16:00"
  request_return case=1 reason="是水管"
  => ...
  approve_return case=1
  => ...
  triage case=1 category=manhole
  => case_triaged
  check clock 1 promise start="2026-09-28 10:00" due="2026-09-28 16:00"
  triage case=1 category=advice
  => case_triaged
  check case 1 due=-
  triage case=1 category=burst-pipe
  => case_triaged
  triage case=1 category=litter
  => case_triaged
  check clock 1 promise start="2026-09-28 10:00" due="2026-09-29 16:00"
