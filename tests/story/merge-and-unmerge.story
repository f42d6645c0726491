# Merging links and never destroys: the master carries the work, and the merge can be undone
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
  merge case=2 into=2
  => refused cannot_merge field=into
  merge case=2 into=9
  => refused unknown_case field=into
  merge case=2 into=1 reason="同一件事"
  => case_merged case=2 outcome=merged late=false into=1
  => case_joined case=1 follower=2
  check case 2 state=closed outcome=merged into=1
  merge case=1 into=2
  => refused cannot_merge field=into
  reopen case=2 reason="x"
  => refused illegal_transition field=state
  unmerge case=2 reason="不是一件事"
  => case_unmerged case=2 stage=dispatch stage_due="2026-09-28 11:00" into=1
  => case_left case=1 follower=2
  => case_dispatched case=2 unit=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  check case 2 state=dispatched into=-
  unmerge case=2
  => refused illegal_transition field=state
