# A new policy holds for what comes; an open case keeps the promise that was made
policy town
workers triage assign
at 2026-09-28 10:00
  submit source=12345 ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
  check clock 1 promise due="2026-09-28 14:00" policy=1
policy town later
  submit source=12345 ref=2 text="井盖没了" area=370103001
  => case_opened case=2 area=370103001 due="2026-10-05 10:00"
  => case_triaged case=2 category=manhole urgency=2 area=370103001 due="2026-09-28 12:00"
  => case_dispatched case=2 unit=works first_contact=works sign_due="2026-09-29 10:00"
  check clock 2 promise due="2026-09-28 12:00" policy=2
  check clock 1 promise due="2026-09-28 14:00" policy=1
until 2026-09-28 14:00
  => 2026-09-28 11:36 clock_warned case=2 clock=promise due="2026-09-28 12:00"
  => 2026-09-28 12:00 clock_breached case=2 clock=promise due="2026-09-28 12:00"
  => 2026-09-28 12:00 escalation_due case=2 clock=promise rung=1
  => 2026-09-28 12:05 case_escalated case=2 clock=promise rung=1 audience_area=370103001 notice=2/promise/3/1 empty=true
  => 2026-09-28 12:05 escalation_unanswered case=2 clock=promise rung=1 notice=2/promise/3/1
  => 2026-09-28 12:05 escalation_due case=2 clock=promise rung=2
  => 2026-09-28 12:10 case_escalated case=2 clock=promise rung=2 audience_area=370103001 notice=2/promise/3/2 empty=true
  => 2026-09-28 12:10 escalation_unanswered case=2 clock=promise rung=2 notice=2/promise/3/2
  => 2026-09-28 12:10 escalation_due case=2 clock=promise rung=3
  => 2026-09-28 12:15 case_escalated case=2 clock=promise rung=3 audience_area=370103 notice=2/promise/3/3 acknowledge_by="2026-09-29 12:15"
  => 2026-09-28 13:00 escalation_due case=2 clock=promise rung=4
  => 2026-09-28 13:05 case_escalated case=2 clock=promise rung=4 audience_area=3701 notice=2/promise/3/4
  => 2026-09-28 13:12 clock_warned case=1 clock=promise due="2026-09-28 14:00"
  => clock_breached case=1 clock=promise due="2026-09-28 14:00"
  => escalation_due case=1 clock=promise rung=1
