# While a request to return is open the case's clocks keep running, and the approval has a clock of its own
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  request_return case=1 reason="属于环保"
  => return_requested unit=urban-order clock=approve due="2026-09-28 12:00"
  check clock 1 approve due="2026-09-28 12:00"
  check clock 1 sign due="2026-09-28 15:00"
until 2026-09-28 16:00
  => 2026-09-28 11:36 clock_warned clock=approve due="2026-09-28 12:00"
  => 2026-09-28 12:00 clock_breached clock=approve due="2026-09-28 12:00"
  => 2026-09-28 12:00 escalation_due clock=approve rung=1
  => 2026-09-28 12:05 case_escalated clock=approve rung=1 audience_area=370103 notice=1/approve/8/1
  => 2026-09-28 14:12 clock_warned clock=sign due="2026-09-28 15:00"
  => 2026-09-28 15:00 clock_breached clock=sign due="2026-09-28 15:00"
  => 2026-09-28 15:00 escalation_due clock=sign rung=1
  => 2026-09-28 15:05 case_escalated clock=sign rung=1 audience_area=370103 notice=1/sign/3/1
  deny case=1 asked=request_return reason="就是你们"
  => request_denied asked=request_return
  check clock 1 approve none
  check case 1 state=dispatched returns=-
  deny case=1 asked=request_return reason="又一次"
  => refused not_requested field=asked
