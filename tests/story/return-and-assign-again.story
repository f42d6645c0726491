# A returned case is assigned again, counted, under a new stage; when the catalogue has nobody else it goes to the duty desk
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  request_return case=1 reason="属于环保"
  => return_requested unit=urban-order clock=approve due="2026-09-28 12:00"
  approve_return case=1
  => case_returned unit=urban-order stage=dispatch stage_due="2026-09-28 11:00" returns=1
  => case_dispatched unit=desk-shizhong stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  check case 1 returns=1
