# An English danger word stands alone: "Gas smell" is one, "gaslight smelled" and "collapsed" are none
policy town
at 2026-09-28 02:00
  submit source=app ref=1 text="There is a Gas smell in the hall"
  => case_opened category=gas urgency=1 area=3701 due="2026-09-28 03:00" stage=triage stage_due="2026-09-28 02:30"
  => escalation_due clock=alarm rung=1
  submit source=app ref=2 text="the old gaslight smelled nice, then the chair collapsed"
  => case_opened case=2 area=3701 due="2026-10-13 02:00" stage=triage stage_due="2026-09-28 02:30"
  submit source=app ref=3 title="collapse" text="of my patience"
  => case_opened case=3 urgency=1 area=3701 due="2026-10-13 02:00" stage=triage stage_due="2026-09-28 02:30"
  => escalation_due case=3 clock=alarm rung=1
