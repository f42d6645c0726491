# Too many open cases: new reports are refused as busy, what was accepted can still be finished, and a known report is still known
policy town
limits open_cases=2
at 2026-09-28 10:00
  submit source=12345 ref=1 text="a" category=noise
  => case_opened category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=2 text="b" category=noise
  => case_opened case=2 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=3 text="c" category=noise
  => refused busy
  submit source=12345 ref=2 text="b"
  => duplicate case=2
  close case=1
  => case_closed case=1 outcome=solved late=false
  submit source=12345 ref=3 text="c" category=noise
  => case_opened case=3 category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
