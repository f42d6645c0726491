# Another lead unit takes over: counted, a new signature and handling clock, the promise and the first contact stay
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=urban-order
at 2026-09-28 11:00
  transfer case=1 unit=urban-order reason="同一家"
  => refused wrong_unit field=unit
  transfer case=1 unit=works reason="属于市政"
  => case_transferred unit=works stage=handle stage_due="2026-09-29 11:00" sign_due="2026-09-28 16:00" transfers=1
  check case 1 unit=works first_contact=urban-order transfers=1 state=dispatched
  check clock 1 promise start="2026-09-28 10:00" due="2026-10-08 10:00"
  check clock 1 handle start="2026-09-28 11:00"
  sign case=1 unit=urban-order
  => refused wrong_unit field=unit
  sign case=1 unit=works
  => case_signed unit=works
  check unit urban-order 0
  check unit works 1
