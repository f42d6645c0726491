# Nothing is promised for a question: no promise clock, never late
policy town
workers triage assign
at 2026-09-28 10:00
  submit source=12345 ref=1 text="请问几点开门" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=advice urgency=4 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=desk-shizhong first_contact=desk-shizhong sign_due="2026-09-29 10:00"
  check clock 1 promise none
until 2026-11-28 10:00
  => ...
  close case=1 outcome=answered
  => case_closed unit=desk-shizhong outcome=answered late=false
