# A pause moves the stages of a promise too
policy town full staged
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="爆管" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=burst-pipe urgency=2 area=370103001 due="2026-10-10 10:00" stage=dispatch stage_due="2026-09-28 11:00" next_milestone=cordon milestone_due="2026-09-28 13:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=works
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=urban-order
  sign case=1
  => case_signed unit=water-group
  request_suspension case=1 reason="等配件" until="2026-09-28 14:00"
  => suspension_requested unit=water-group clock=approve due="2026-09-28 12:00" until="2026-09-28 14:00"
  approve_suspension case=1
  => case_suspended until="2026-09-28 14:00"
until 2026-09-28 17:00
  => 2026-09-28 14:00 case_resumed due="2026-10-10 14:00" stage_due="2026-09-29 14:00" milestone_due="2026-09-28 17:00"
  => 2026-09-28 14:00 assistant_moved due="2026-09-28 18:00" assistant=works
  => 2026-09-28 14:00 assistant_moved due="2026-09-28 18:00" assistant=urban-order
  => milestone_missed due="2026-09-28 17:00" milestone=cordon next_milestone=repair milestone_due="2026-09-28 22:00"
  => escalation_due clock=alarm rung=1
  => case_escalated clock=alarm rung=1 audience_area=370103001 notice=1/alarm/14/1
  => escalation_unanswered clock=alarm rung=1 notice=1/alarm/14/1
  => escalation_due clock=alarm rung=2
  => case_escalated clock=alarm rung=2 audience_area=370103 notice=1/alarm/14/2
