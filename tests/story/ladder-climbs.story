# A broken promise that nobody answers climbs from the community over street and district to the city
policy town
workers on
at 2026-09-21 09:00
  submit source=12345 ref=1 text="垃圾成堆" area=370102001001
  => case_opened area=370102001001 due="2026-10-06 09:00" stage=triage stage_due="2026-09-21 09:30"
  => case_triaged category=litter urgency=4 area=370102001001 due="2026-09-22 12:00" stage=dispatch stage_due="2026-09-21 10:00"
  => case_dispatched unit=lishan first_contact=lishan sign_due="2026-09-22 09:00"
  sign case=1
  => case_signed unit=lishan
until 2026-10-20 00:00
  => 2026-09-22 10:00 clock_warned clock=promise due="2026-09-22 12:00"
  => 2026-09-22 12:00 clock_breached clock=promise due="2026-09-22 12:00"
  => 2026-09-22 12:00 escalation_due clock=promise rung=1
  => 2026-09-22 12:00 case_escalated clock=promise rung=1 audience_area=370102001001 notice=1/promise/4/1 acknowledge_by="2026-09-23 12:00"
  => 2026-09-22 14:00 escalation_due clock=promise rung=2
  => 2026-09-22 14:00 case_escalated clock=promise rung=2 audience_area=370102001 notice=1/promise/4/2 acknowledge_by="2026-09-23 14:00"
  => 2026-09-22 15:00 escalation_due clock=promise rung=3
  => 2026-09-22 15:00 case_escalated clock=promise rung=3 audience_area=370102 notice=1/promise/4/3 acknowledge_by="2026-09-23 15:00"
  => 2026-09-23 10:00 escalation_due clock=promise rung=4
  => 2026-09-23 10:00 case_escalated clock=promise rung=4 audience_area=3701 notice=1/promise/4/4
