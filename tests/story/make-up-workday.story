# A Saturday that is a working day (调休, 10 October 2026) counts, the Sunday after it does not
policy town
workers on
at 2026-10-09 16:00
  submit source=12345 ref=1 text="垃圾成堆" area=370102002
  => case_opened area=370102002 due="2026-10-24 16:00" stage=triage stage_due="2026-10-09 16:30"
  => case_triaged category=litter urgency=4 area=370102002 due="2026-10-12 11:00" stage=dispatch stage_due="2026-10-09 17:00"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-10-10 16:00"
  explain 1 promise
  => counted to="2026-10-09 17:00"
  => 2026-10-09 17:00 uncounted to="2026-10-10 09:00"
  => 2026-10-10 09:00 counted to="2026-10-10 12:00"
  => 2026-10-10 12:00 uncounted to="2026-10-10 13:00"
  => 2026-10-10 13:00 counted to="2026-10-10 17:00"
  => 2026-10-10 17:00 uncounted to="2026-10-12 09:00"
  => 2026-10-12 09:00 counted to="2026-10-12 11:00"
  check clock 1 promise due="2026-10-12 11:00"
  submit source=12345 ref=2 text="路灯不亮" area=370102002
  => case_opened case=2 area=370102002 due="2026-10-24 16:00" stage=triage stage_due="2026-10-09 16:30"
  => case_triaged case=2 category=street-light urgency=3 area=370102002 due="2026-10-12 16:00" stage=dispatch stage_due="2026-10-09 17:00"
  => case_dispatched case=2 unit=works-lixia first_contact=works-lixia sign_due="2026-10-10 16:00"
  check clock 2 promise due="2026-10-12 16:00"
# an ordinary Saturday does not
at 2026-10-17 10:00
  => 2026-10-10 14:36 clock_warned case=1 clock=sign due="2026-10-10 16:00"
  => 2026-10-10 14:36 clock_warned case=2 clock=sign due="2026-10-10 16:00"
  => 2026-10-10 16:00 clock_breached case=1 clock=sign due="2026-10-10 16:00"
  => 2026-10-10 16:00 clock_breached case=2 clock=sign due="2026-10-10 16:00"
  => 2026-10-10 17:00 clock_warned case=1 clock=promise due="2026-10-12 11:00"
  => 2026-10-12 11:00 clock_breached case=1 clock=promise due="2026-10-12 11:00"
  => 2026-10-12 11:00 escalation_due case=1 clock=promise rung=1
  => 2026-10-12 11:00 case_escalated case=1 clock=promise rung=1 audience_area=370102002 notice=1/promise/3/1 empty=true
  => 2026-10-12 11:00 escalation_unanswered case=1 clock=promise rung=1 notice=1/promise/3/1
  => 2026-10-12 11:00 escalation_due case=1 clock=promise rung=2
  => 2026-10-12 11:00 case_escalated case=1 clock=promise rung=2 audience_area=370102002 notice=1/promise/3/2 empty=true
  => 2026-10-12 11:00 escalation_unanswered case=1 clock=promise rung=2 notice=1/promise/3/2
  => 2026-10-12 11:00 escalation_due case=1 clock=promise rung=3
  => 2026-10-12 11:00 case_escalated case=1 clock=promise rung=3 audience_area=370102 notice=1/promise/3/3 acknowledge_by="2026-10-13 11:00"
  => 2026-10-12 13:12 clock_warned case=2 clock=promise due="2026-10-12 16:00"
  => 2026-10-12 16:00 clock_breached case=2 clock=promise due="2026-10-12 16:00"
  => 2026-10-12 16:00 escalation_due case=2 clock=promise rung=1
  => 2026-10-12 16:00 case_escalated case=2 clock=promise rung=1 audience_area=370102002 notice=2/promise/3/1 empty=true
  => 2026-10-12 16:00 escalation_unanswered case=2 clock=promise rung=1 notice=2/promise/3/1
  => 2026-10-12 16:00 escalation_due case=2 clock=promise rung=2
  => 2026-10-12 16:00 case_escalated case=2 clock=promise rung=2 audience_area=370102002 notice=2/promise/3/2 empty=true
  => 2026-10-12 16:00 escalation_unanswered case=2 clock=promise rung=2 notice=2/promise/3/2
  => 2026-10-12 16:00 escalation_due case=2 clock=promise rung=3
  => 2026-10-12 16:00 case_escalated case=2 clock=promise rung=3 audience_area=370102 notice=2/promise/3/3 acknowledge_by="2026-10-13 16:00"
  => 2026-10-12 17:00 escalation_due case=1 clock=promise rung=4
  => 2026-10-12 17:00 case_escalated case=1 clock=promise rung=4 audience_area=3701 notice=1/promise/3/4
  => 2026-10-13 16:00 escalation_due case=2 clock=promise rung=4
  => 2026-10-13 16:00 case_escalated case=2 clock=promise rung=4 audience_area=3701 notice=2/promise/3/4
  submit source=12345 ref=3 text="路灯不亮" area=370102002
  => case_opened case=3 area=370102002 due="2026-11-01 10:00" stage=triage stage_due="2026-10-17 10:30"
  => case_triaged case=3 category=street-light urgency=3 area=370102002 due="2026-10-21 09:00" stage=dispatch stage_due="2026-10-17 11:00"
  => case_dispatched case=3 unit=works-lixia first_contact=works-lixia sign_due="2026-10-20 09:00"
  check clock 3 promise due="2026-10-21 09:00"
