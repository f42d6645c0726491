# No notice leaves for a case that is merged
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="井盖" category=manhole area=370103001
  => case_opened category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  submit source=web ref=2 text="井盖" category=manhole area=370103001
  => case_opened case=2 category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=manhole urgency=2 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed case=1 unit=works
  merge case=2 into=1
  => case_merged case=2 outcome=merged late=false into=1
  => case_joined case=1 follower=2
until 2026-09-28 14:00
  => 2026-09-28 13:12 clock_warned case=1 clock=promise due="2026-09-28 14:00"
  => clock_breached case=1 clock=promise due="2026-09-28 14:00"
  => escalation_due case=1 clock=promise rung=1
  => case_escalated case=1 clock=promise rung=1 audience_area=370103001 notice=1/promise/4/1 empty=true
  => escalation_unanswered case=1 clock=promise rung=1 notice=1/promise/4/1
  => escalation_due case=1 clock=promise rung=2
  => case_escalated case=1 clock=promise rung=2 audience_area=370103 notice=1/promise/4/2
