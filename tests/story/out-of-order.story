# Updates out of order: what the state does not allow is refused by name; a unit that reports without signing is heard
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="噪音" category=noise
  => case_opened category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  sign case=1
  => refused illegal_transition field=state
  report case=1 result="早了"
  => refused illegal_transition field=state
  dispatch case=1 unit=works
  => refused illegal_transition field=state
  reopen case=1 reason="还没结"
  => refused illegal_transition field=state
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=3701 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-29 10:00"
  dispatch case=1 unit=works
  => refused illegal_transition field=state
  triage case=1 category=litter
  => refused illegal_transition field=state
  report case=1 result="没签也办了"
  => case_reported unit=urban-order stage=check stage_due="2026-09-29 10:00"
  sign case=1
  => refused illegal_transition field=state
  report case=1 result="再报一次"
  => refused illegal_transition field=state
  close case=1
  => case_closed unit=urban-order outcome=solved late=false
  close case=1
  => refused illegal_transition field=state
