# Where a check or a call-back is wanted, nobody closes a case as solved past it; other outcomes end it
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="井盖没了" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  close case=1
  => refused check_first field=state
  close case=1 outcome=rejected reason="重复"
  => case_closed unit=works outcome=rejected late=false
  submit source=web ref=2 text="噪音" category=noise area=370103001
  => case_opened case=2 category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  close case=2
  => refused call_first field=state
