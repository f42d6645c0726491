# Only the unit that has the case signs and reports
policy town
workers triage assign
at 2026-09-28 10:00
  submit source=12345 ref=1 text="噪音" area=370102002
  => case_opened area=370102002 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370102002 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-29 10:00"
  sign case=1 unit=works
  => refused wrong_unit field=unit
  sign case=1 unit=urban-order
  => case_signed unit=urban-order
  report case=1 unit=works result="不是我"
  => refused wrong_unit field=unit
  report case=1 unit=urban-order result="劝阻"
  => case_reported unit=urban-order stage=check stage_due="2026-09-29 10:00"
