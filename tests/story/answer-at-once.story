# A question is answered at once: no unit, no promise, closed as answered
policy town
at 2026-09-28 10:00
  submit source=12345 ref=1 text="请问居住证怎么办" category=advice
  => case_opened category=advice urgency=4 area=3701 stage=triage stage_due="2026-09-28 10:30"
  check case 1 state=received due=-
  answer case=1 result="带身份证到社区办理"
  => case_closed outcome=answered late=false
  check case 1 state=closed outcome=answered unit=-
until 2026-12-01 00:00
