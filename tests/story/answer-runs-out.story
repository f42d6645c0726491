# A broken promise that was answered and then forgotten climbs when the answer's time is over
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="水管" category=water area=370102001
  => case_opened category=water urgency=3 area=370102001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=water urgency=3 area=370102001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=water-group
  report case=1 result="x"
  => case_reported state=reported unit=water-group stage=check stage_due="2026-09-28 15:00"
until 2026-10-08 12:00
  => ...
  acknowledge case=1
  => escalation_acknowledged clock=promise rung=1 notice=1/promise/5/1 hold_ms=14400000
  => escalation_acknowledged clock=check rung=1 notice=1/check/5/1
  check clock 1 promise rung=1
until 2026-10-08 16:00
  => escalation_due clock=promise rung=2
  => case_escalated clock=promise rung=2 audience_area=370102 notice=1/promise/5/2
