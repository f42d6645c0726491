# A suspended case's clocks stand still and go on after it, moved by the counted time of the pause; nothing warns meanwhile
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
  check clock 1 promise due="2026-09-29 14:00"
  approve_suspension case=1
  => refused not_requested field=command
  request_suspension case=1 reason="等雨停" until="2026-09-28 09:00"
  => refused in_the_past field=until
  request_suspension case=1 reason="等雨停" until="2026-09-30 11:00"
  => suspension_requested unit=urban-order clock=approve due="2026-09-28 12:00" until="2026-09-30 11:00"
  approve_suspension case=1
  => case_suspended until="2026-09-30 11:00"
  check case 1 state=suspended until="2026-09-30 11:00"
# two working days and an hour later by the date, 14 counted hours
until 2026-10-09 00:00
  => ...
  check clock 1 promise due="2026-10-08 15:00"
