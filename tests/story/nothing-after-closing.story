# Nothing fires after closing: not the warning, not the breach, not the ladder that was climbing
policy town
workers on
at 2026-09-28 10:00
  submit source=12345 ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works sign_due="2026-09-29 10:00"
  submit source=12345 ref=2 text="燃气泄漏" area=370103001
  => case_opened case=2 category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due case=2 clock=alarm rung=1
  => case_triaged case=2 category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-28 18:00" sign_due="2026-09-28 10:15"
  => case_escalated case=2 clock=alarm rung=1 audience_area=370103 notice=2/alarm/6/1 acknowledge_by="2026-09-28 10:10"
until 2026-09-28 10:20
  => 2026-09-28 10:10 escalation_unanswered case=2 clock=alarm rung=1 notice=2/alarm/6/1
  => 2026-09-28 10:10 escalation_due case=2 clock=alarm rung=2
  => 2026-09-28 10:10 case_escalated case=2 clock=alarm rung=2 audience_area=3701 notice=2/alarm/6/2 acknowledge_by="2026-09-28 10:20"
  => 2026-09-28 10:12 clock_warned case=2 clock=sign due="2026-09-28 10:15"
  => 2026-09-28 10:15 clock_breached case=2 clock=sign due="2026-09-28 10:15"
  close case=1
  => case_closed case=1 unit=works outcome=solved late=false
  close case=2
  => case_closed case=2 unit=gas-company outcome=solved late=false
until 2026-12-31 00:00
  acknowledge case=2
  => refused nothing_to_acknowledge field=case
  sign case=1
  => refused illegal_transition field=state
