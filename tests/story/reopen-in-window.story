# Reopened within the window: same number, counted, the promise goes on from where it began, and it goes to work again
policy town
workers on
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮" area=370102001
  => case_opened area=370102001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=street-light urgency=3 area=370102001 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works-lixia first_contact=works-lixia sign_due="2026-09-29 10:00"
  close case=1
  => case_closed unit=works-lixia outcome=solved late=false
  check clock 1 promise due="2026-09-30 10:00" start="2026-09-28 10:00"
at 2026-10-12 10:00
  reopen case=1 reason="又不亮了"
  => ...
  check case 1 state=dispatched reopens=1
  check clock 1 promise due="2026-09-30 10:00" start="2026-09-28 10:00"
  close case=1
  => case_closed unit=works-lixia outcome=solved late=true
  check case 1 late=true
