# A recalled case that nobody dispatches is not forgotten
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  recall case=1 reason="派错了"
  => case_recalled unit=urban-order stage=dispatch stage_due="2026-09-28 11:00"
until 2026-09-28 12:00
  => 2026-09-28 10:48 clock_warned clock=dispatch due="2026-09-28 11:00"
  => 2026-09-28 11:00 clock_breached clock=dispatch due="2026-09-28 11:00"
  => 2026-09-28 11:00 escalation_due clock=dispatch rung=1
  => 2026-09-28 11:05 case_escalated clock=dispatch rung=1 audience_area=370103 notice=1/dispatch/4/1
