# The unit that got a case first stays the first-contact unit for ever, whoever does the work
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯" category=street-light
  => case_opened category=street-light urgency=3 area=3701 due="2026-09-30 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=street-light
  => case_triaged category=street-light urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=works
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
  check case 1 unit=works first_contact=works
  close case=1
  => case_closed unit=works outcome=solved late=false
  reopen case=1 reason="没修好"
  => case_reopened reopens=1 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=works-lixia
  => case_dispatched unit=works-lixia sign_due="2026-09-29 10:00"
  check case 1 unit=works-lixia first_contact=works
