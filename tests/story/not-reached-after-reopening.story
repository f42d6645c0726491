# Reopened and handled again, the resident is tried as often as the first time
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=urban-order
  report case=1 result="劝阻了"
  => case_reported state=calling_back unit=urban-order stage=call_back stage_due="2026-09-29 10:00"
  call_back case=1 contacted=false
  => resident_called contacted=false calls=1
  call_back case=1 contacted=true solved=true
  => case_closed unit=urban-order outcome=solved late=false contacted=true solved=true calls=2
  reopen case=1 reason="又吵了"
  => case_reopened reopens=1 calls=0 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=urban-order
  report case=1 result="又劝阻了"
  => case_reported state=calling_back unit=urban-order stage=call_back stage_due="2026-09-29 10:00"
  call_back case=1 contacted=false
  => resident_called contacted=false calls=1
  call_back case=1 contacted=false
  => case_closed unit=urban-order outcome=solved late=false contacted=false calls=2
