# A suspended case that goes on early: only the counted time of the pause is given back
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
  request_suspension case=1 reason="等材料"
  => suspension_requested unit=urban-order clock=approve due="2026-09-28 12:00"
  approve_suspension case=1 until="2026-09-30 11:00"
  => case_suspended until="2026-09-30 11:00"
  sign case=1
  => refused illegal_transition field=state
  report case=1 result="x"
  => refused illegal_transition field=state
until 2026-09-28 16:00
  resume case=1 reason="材料到了"
  => case_resumed due="2026-09-30 11:00" stage_due="2026-09-29 16:00"
  check clock 1 promise due="2026-09-30 11:00"
