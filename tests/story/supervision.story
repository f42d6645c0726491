# Supervision: a supervisor opens a record with a due time, the unit replies, the supervisor closes it
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  supervise_reply case=1 result="x"
  => refused no_supervision
  supervise case=1 opinion="限期办结" until="2026-09-28 09:00"
  => refused in_the_past field=until
  supervise case=1 opinion="限期办结" until="2026-09-28 20:00"
  => supervision_opened clock=supervision due="2026-09-28 20:00" opinion=限期办结
  => escalation_due clock=alarm rung=1
  => case_escalated clock=alarm rung=1 audience_area=370103 notice=1/alarm/6/1
  supervise case=1 opinion="再来一份"
  => refused already_requested field=supervised
  check clock 1 supervision due="2026-09-28 20:00"
until 2026-09-28 20:00
  => ...
  supervise_reply case=1 result="已约谈"
  => supervision_answered
  supervise_reply case=1 result="已约谈"
  => refused no_supervision
  supervise_close case=1
  => supervision_closed
  supervise_close case=1
  => refused no_supervision
  check case 1 supervised=-
