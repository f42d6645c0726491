# A follower carries nobody, a closed case carries nobody, and closing the followers' master twice calls each caller once
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
  submit source=web ref=3 text="噪音" category=noise area=370103001
  => case_opened case=3 category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=3 unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  merge case=2 into=1
  => case_merged case=2 outcome=merged late=false into=1
  => case_joined case=1 follower=2
  merge case=3 into=2
  => refused cannot_merge field=into
  merge case=1 into=3
  => refused cannot_merge field=into
  close case=1 outcome=rejected
  => case_closed case=1 unit=urban-order outcome=rejected late=false call_followers=true
  => call_back_due case=2 stage=call_back stage_due="2026-09-29 10:00"
  call_back case=2 contacted=true solved=true
  => case_closed case=2 unit=urban-order outcome=merged late=false contacted=true solved=true calls=1
  reopen case=1 reason="又来"
  => case_reopened case=1 reopens=1 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=1 unit=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  close case=1 outcome=rejected
  => case_closed case=1 unit=urban-order outcome=rejected late=false call_followers=true
  check open 1
