# A danger that comes back is told at once again: after reopening, and after a merge was undone
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="燃气泄漏" area=370103001
  => ...
  submit source=web ref=2 text="燃气泄漏" area=370103001
  => ...
  merge case=2 into=1
  => case_merged case=2 outcome=merged late=false into=1
  => case_joined case=1 follower=2
  close case=1
  => case_closed case=1 unit=gas-company outcome=solved late=false
  reopen case=1 reason="又有味道"
  => case_reopened case=1 reopens=1 stage=dispatch stage_due="2026-09-28 11:00"
  => escalation_due case=1 clock=alarm rung=1
  => case_dispatched case=1 unit=gas-company stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => case_escalated case=1 clock=alarm rung=1 audience_area=370103 notice=1/alarm/16/1 acknowledge_by="2026-09-28 10:10"
  unmerge case=2 reason="另一栋楼"
  => case_unmerged case=2 stage=dispatch stage_due="2026-09-28 11:00" into=1
  => case_left case=1 follower=2
  => escalation_due case=2 clock=alarm rung=1
  => case_dispatched case=2 unit=gas-company stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => case_escalated case=2 clock=alarm rung=1 audience_area=370103 notice=2/alarm/21/1 acknowledge_by="2026-09-28 10:10"
