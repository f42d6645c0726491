# Closed after its promise was due: late, and it says so; a minute before it is on time
policy town
workers triage assign
at 2026-09-28 10:00
  submit source=12345 ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
  submit source=12345 ref=2 text="井盖没了" area=370103001
  => case_opened case=2 area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=works first_contact=works sign_due="2026-09-29 10:00"
until 2026-09-28 13:59
  => ...
  close case=1
  => case_closed case=1 unit=works outcome=solved late=false
until 2026-09-28 14:01
  => ...
  close case=2
  => case_closed case=2 unit=works outcome=solved late=true
