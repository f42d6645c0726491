# A worker's result that comes after its stage is over is refused as stale and changes nothing
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=3701 due="2026-10-08 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  triage_result case=1 fence=1 category=street-light
  => refused stale field=fence
  assign_result case=1 fence=1 unit=works
  => refused stale field=fence
  assign_result case=1 fence=2 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order sign_due="2026-09-29 10:00"
  assign_result case=1 fence=2 unit=works
  => refused stale field=fence
  check case 1 unit=urban-order category=noise
