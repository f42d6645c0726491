# A merge is undone after the master was done: the case goes to work on its own
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="水" category=water area=370103001
  => case_opened category=water urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=water urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  submit source=web ref=2 text="水" category=water area=370103001
  => case_opened case=2 category=water urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=water urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  merge case=2 into=1
  => case_merged case=2 outcome=merged late=false into=1
  => case_joined case=1 follower=2
  report case=1 result="通水"
  => case_reported case=1 state=reported unit=water-group stage=check stage_due="2026-09-28 15:00"
  close case=1
  => case_closed case=1 unit=water-group outcome=solved late=false
  check case 2 state=closed outcome=merged
  unmerge case=2 reason="二号楼还没水"
  => case_unmerged case=2 stage=dispatch stage_due="2026-09-28 11:00" into=1
  => case_left case=1 follower=2
  => case_dispatched case=2 unit=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  check case 2 state=dispatched
