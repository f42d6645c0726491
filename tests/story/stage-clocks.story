# Each stage has a clock of its own, which starts with the stage and ends with it: triage, dispatch, sign, handle, check
policy town patient
at 2026-09-28 09:00
  submit source=12345 ref=1 text="有气味" category=gas area=370103001
  => case_opened category=gas urgency=1 area=370103001 due="2026-09-28 10:00" stage=triage stage_due="2026-09-28 09:30"
  => escalation_due clock=alarm rung=1
  check clock 1 triage start="2026-09-28 09:00" warn="2026-09-28 09:24" due="2026-09-28 09:30"
until 2026-09-28 09:10
  triage case=1 category=gas
  => case_triaged category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 10:10"
  check clock 1 triage none
  check clock 1 dispatch start="2026-09-28 09:10" due="2026-09-28 10:10"
until 2026-09-28 09:20
  dispatch case=1 unit=gas-company
  => case_dispatched unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-28 17:20" sign_due="2026-09-28 09:35"
  check clock 1 sign start="2026-09-28 09:20" due="2026-09-28 09:35"
  check clock 1 handle start="2026-09-28 09:20" due="2026-09-28 17:20"
until 2026-09-28 09:34
  => 2026-09-28 09:32 clock_warned clock=sign due="2026-09-28 09:35"
  sign case=1
  => case_signed unit=gas-company
  check clock 1 sign none
  check clock 1 handle start="2026-09-28 09:20" due="2026-09-28 17:20"
until 2026-09-28 09:50
  => 2026-09-28 09:48 clock_warned clock=promise due="2026-09-28 10:00"
  report case=1 result="关阀检修"
  => case_reported unit=gas-company stage=check stage_due="2026-09-29 09:50"
  check clock 1 handle none
  check clock 1 check start="2026-09-28 09:50" due="2026-09-29 09:50"
  close case=1
  => case_closed unit=gas-company outcome=solved late=false
until 2026-12-01 00:00
