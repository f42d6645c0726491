# The same source and reference is the same case, however often it is sent; another source's same number is another case
policy town
at 2026-09-28 10:00
  submit source=12345 ref=77 text="路灯不亮"
  => case_opened area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  submit source=12345 ref=77 text="路灯不亮"
  => duplicate
  submit source=12345 ref=77 text="路灯还是不亮" category=noise
  => duplicate
  submit source=app ref=77 text="路灯不亮"
  => case_opened case=2 area=3701 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  check open 2
  close case=1
  => case_closed case=1 outcome=solved late=false
# closed, it is still the same case
  submit source=12345 ref=77 text="路灯不亮"
  => duplicate case=1
