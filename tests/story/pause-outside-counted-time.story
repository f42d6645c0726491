# A pause in the night changes nothing: no counted time passed
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="垃圾成堆" category=litter area=370103001
  => case_opened category=litter urgency=4 area=370103001 due="2026-09-29 14:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=litter
  => case_triaged category=litter urgency=4 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=urban-order
at 2026-09-28 18:00
  => 2026-09-28 16:36 clock_warned clock=handle due="2026-09-29 10:00"
  request_suspension case=1 reason="夜里"
  => suspension_requested unit=urban-order clock=approve due="2026-09-28 20:00"
  approve_suspension case=1 until="2026-09-30 00:00"
  => case_suspended until="2026-09-30 00:00"
at 2026-09-29 08:00
  resume case=1
  => case_resumed due="2026-09-29 14:00" stage_due="2026-09-29 10:00"
  check clock 1 promise due="2026-09-29 14:00"
