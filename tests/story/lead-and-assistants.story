# Lead and assistants: the catalogue's assisting units get clocks of their own, the lead answers for the case
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="爆管" area=370103001
  => case_opened area=370103001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=burst-pipe urgency=2 area=370103001 due="2026-09-28 18:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=water-group first_contact=water-group stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=works
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=urban-order
  check case 1 unit=water-group first_contact=water-group
  check clock 1 assist due="2026-09-28 14:00"
  assist case=1 assistant=works-lixia reason="封路"
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=works-lixia
  assist case=1 assistant=works-lixia reason="封路"
  => refused already_requested field=assistant
  assist case=1 assistant=nobody
  => refused unknown_unit field=assistant
  assist_report case=1 assistant=works-lixia result="已封路"
  => assistant_reported assistant=works-lixia
  assist_report case=1 assistant=works-lixia result="已封路"
  => refused no_assistant field=assistant
until 2026-09-28 14:00
  => ...
  => clock_breached clock=assist
  => ...
  report case=1 result="已修复"
  => case_reported state=reported unit=water-group stage=check stage_due="2026-09-29 10:00"
