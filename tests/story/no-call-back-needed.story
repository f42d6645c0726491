# Where the policy wants neither check nor call-back, the unit's result can be closed at once
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="水管没水" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=water urgency=3 area=370103001 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=water-group
  report case=1 result="恢复供水"
  => case_reported state=reported unit=water-group stage=check stage_due="2026-09-28 15:00"
  close case=1
  => case_closed unit=water-group outcome=solved late=false
# the same by phone is called back
  submit source=web ref=2 text="水管没水" area=370103001 channel=phone
  => case_opened case=2 area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=water urgency=3 area=370103001 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=2
  => case_signed case=2 unit=water-group
  report case=2 result="恢复供水"
  => case_reported case=2 state=calling_back unit=water-group stage=call_back stage_due="2026-09-29 10:00"
  close case=2
  => refused call_first field=state
  call_back case=2 contacted=true solved=true
  => case_closed case=2 unit=water-group outcome=solved late=false contacted=true solved=true
