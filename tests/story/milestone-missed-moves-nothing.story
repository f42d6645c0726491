# A missed milestone is no movement: the answer to an alarm runs out all the same, four hours after it was given
policy town full staged holding
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="爆管" urgency=1 area=370103001
  => case_opened urgency=1 area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due clock=alarm rung=1
  => case_triaged category=burst-pipe urgency=1 area=370103001 due="2026-10-10 10:00" stage=dispatch stage_due="2026-09-28 11:00" next_milestone=cordon milestone_due="2026-09-28 13:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=works
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=urban-order
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/3/1 acknowledge_by="2026-09-28 10:10"
  acknowledge case=1
  => escalation_acknowledged clock=alarm rung=1 notice=1/alarm/3/1 hold_ms=14400000
until 2026-09-28 13:55
  => 2026-09-28 13:00 milestone_missed due="2026-09-28 13:00" milestone=cordon next_milestone=repair milestone_due="2026-09-28 18:00"
  => 2026-09-28 13:12 clock_warned clock=assist due="2026-09-28 14:00"
  => 2026-09-28 13:12 clock_warned clock=assist due="2026-09-28 14:00"
until 2026-09-28 14:00
  => escalation_due clock=alarm rung=2
  => case_escalated clock=alarm rung=2 audience_area=3701 notice=1/alarm/3/2
  => clock_breached clock=assist due="2026-09-28 14:00"
  => clock_breached clock=assist due="2026-09-28 14:00"
until 2026-09-28 14:30
  => 2026-09-28 14:12 clock_warned clock=sign due="2026-09-28 15:00"
