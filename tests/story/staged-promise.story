# A promise in stages: cordon off in 3 hours, repair in 8, reinstate in 5 working days, all from the same start; each reached or missed
policy town full staged
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="爆管" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=burst-pipe urgency=2 area=370103001 due="2026-10-10 10:00" stage=dispatch stage_due="2026-09-28 11:00" next_milestone=cordon milestone_due="2026-09-28 13:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=works
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=urban-order
  submit source=web ref=2 text="爆管" area=370103001
  => case_opened case=2 area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=burst-pipe urgency=2 area=370103001 due="2026-10-10 10:00" stage=dispatch stage_due="2026-09-28 11:00" next_milestone=cordon milestone_due="2026-09-28 13:00"
  => case_dispatched case=2 unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => assistant_added case=2 clock=assist due="2026-09-28 14:00" assistant=works
  => assistant_added case=2 clock=assist due="2026-09-28 14:00" assistant=urban-order
  submit source=web ref=3 text="爆管" area=370103001
  => case_opened case=3 area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=burst-pipe urgency=2 area=370103001 due="2026-10-10 10:00" stage=dispatch stage_due="2026-09-28 11:00" next_milestone=cordon milestone_due="2026-09-28 13:00"
  => case_dispatched case=3 unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => assistant_added case=3 clock=assist due="2026-09-28 14:00" assistant=works
  => assistant_added case=3 clock=assist due="2026-09-28 14:00" assistant=urban-order
  check clock 1 promise due="2026-10-10 10:00"
at 2026-09-28 12:00
  reach case=1 milestone=painted
  => refused out_of_range field=milestone
  reach case=1 milestone=reinstate
  => refused out_of_range field=milestone
  reach case=1 milestone=cordon reason="已围挡"
  => milestone_reached case=1 late=false milestone=cordon next_milestone=repair milestone_due="2026-09-28 18:00"
# whoever has repaired has cordoned off
  reach case=2 milestone=repair
  => milestone_reached case=2 late=false milestone=repair next_milestone=""
until 2026-09-28 13:00
  => ...
  => milestone_missed case=3
  => ...
until 2026-09-28 18:00
  => ...
# late is said to be late
  reach case=1 milestone=repair
  => milestone_reached case=1 late=false milestone=repair
  reach case=3 milestone=cordon
  => milestone_reached case=3 late=true milestone=cordon
  report case=1 result="已恢复路面"
  => case_reported case=1 state=reported unit=water-group stage=check stage_due="2026-09-29 14:00"
