# A ladder that climbs because the next step's time has come does not say that nobody answered before the time for answering is over
policy town
workers on
at 2026-09-21 09:00
  submit source=12345 ref=1 text="垃圾成堆" area=370102001001
  => ...
  sign case=1
  => case_signed
until 2026-09-22 14:00
  => ...
  => 2026-09-22 12:00 case_escalated rung=1 acknowledge_by="2026-09-23 12:00"
  => escalation_due rung=2 reason="still not done"
  => case_escalated rung=2
