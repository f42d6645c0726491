# Where the policy wants it, a result is checked and the resident is called back before the case ends
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=works
  report case=1 result="换了"
  => case_reported state=reported unit=works stage=check stage_due="2026-09-28 15:00"
  close case=1
  => refused check_first field=state
  check case=1
  => case_checked stage=call_back stage_due="2026-09-29 10:00"
  call_back case=1 contacted=true
  => refused missing_field field=solved
  call_back case=1 contacted=true solved=true satisfied=true
  => case_closed unit=works outcome=solved late=false contacted=true solved=true satisfied=true calls=1
  check case 1 state=closed outcome=solved
