# A merged case whose caller says that it is not solved is open again and still the first master's: no other one can carry it
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  submit source=web ref=2 text="噪音" category=noise area=370103001
  => case_opened case=2 category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  merge case=2 into=1
  => case_merged case=2 outcome=merged late=false into=1
  => case_joined case=1 follower=2
  sign case=1
  => case_signed case=1 unit=urban-order
  report case=1 result="劝阻"
  => case_reported case=1 state=calling_back unit=urban-order stage=call_back stage_due="2026-09-29 10:00"
  call_back case=1 contacted=true solved=true
  => case_closed case=1 unit=urban-order outcome=solved late=false contacted=true solved=true calls=1 call_followers=true
  => call_back_due case=2 stage=call_back stage_due="2026-09-29 10:00"
  call_back case=2 contacted=true solved=false
  => case_redone case=2 unit=urban-order stage=handle stage_due="2026-09-29 10:00" redos=1 calls=1
  => escalation_due case=2 clock=alarm rung=1
  => case_escalated case=2 clock=alarm rung=1 audience_area=370103 notice=2/alarm/15/1
  submit source=web ref=3 text="噪音" category=noise area=370103001
  => case_opened case=3 category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=3 unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  merge case=2 into=3
  => refused cannot_merge field=into
  check open 2
