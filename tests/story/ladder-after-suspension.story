# A pause moves the steps of a ladder with the clock: after it nobody is told earlier than they would have been
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="垃圾成堆" category=litter area=370102001
  => case_opened category=litter urgency=4 area=370102001 due="2026-09-29 14:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=litter urgency=4 area=370102001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=urban-order
  request_suspension case=1 reason="等雨停" until="2026-09-30 09:00"
  => suspension_requested unit=urban-order clock=approve due="2026-09-28 12:00" until="2026-09-30 09:00"
  approve_suspension case=1
  => case_suspended until="2026-09-30 09:00"
until 2026-10-12 00:00
  => 2026-09-30 09:00 case_resumed due="2026-10-08 12:00" stage_due="2026-09-30 17:00"
  => 2026-09-30 15:36 clock_warned clock=handle due="2026-09-30 17:00"
  => 2026-09-30 17:00 clock_breached clock=handle due="2026-09-30 17:00"
  => 2026-09-30 17:00 escalation_due clock=handle rung=1
  => 2026-09-30 17:00 case_escalated clock=handle rung=1 audience_area=370102 notice=1/handle/6/1
  => 2026-10-08 10:00 clock_warned clock=promise due="2026-10-08 12:00"
  => 2026-10-08 12:00 clock_breached clock=promise due="2026-10-08 12:00"
  => 2026-10-08 12:00 escalation_due clock=promise rung=1
  => 2026-10-08 12:00 case_escalated clock=promise rung=1 audience_area=370102001 notice=1/promise/6/1 acknowledge_by="2026-10-09 12:00"
  => 2026-10-09 12:00 escalation_unanswered clock=promise rung=1 notice=1/promise/6/1
  => 2026-10-09 12:00 escalation_due clock=promise rung=2
  => 2026-10-09 12:00 case_escalated clock=promise rung=2 audience_area=370102 notice=1/promise/6/2
