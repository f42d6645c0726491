# Which clock is shown: all that run are there by name, each with its own due time, and none is merged into another
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  request_return case=1 reason="属于环保"
  => return_requested unit=urban-order clock=approve due="2026-09-28 12:00"
  supervise case=1 opinion="尽快"
  => ...
  assist case=1 assistant=works
  => assistant_added clock=assist due="2026-09-28 14:00" assistant=works
  check clock 1 promise due="2026-10-08 10:00"
  check clock 1 handle due="2026-09-29 10:00"
  check clock 1 sign due="2026-09-28 15:00"
  check clock 1 approve due="2026-09-28 12:00"
  check clock 1 supervision due="2026-09-29 10:00"
  check clock 1 assist due="2026-09-28 14:00"
  check clock 1 alarm limit=-
