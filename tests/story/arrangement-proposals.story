# Residents' proposals: a suggestion without a promise, deliberated and answered; the answer is in the feed for everybody to read
policy platform
workers off
at 2026-09-28 10:00
  submit source=web ref=1 text="建议增设座椅" category=proposal area=d1s1
  => case_opened category=proposal urgency=4 area=d1s1
  check case 1 kind=suggestion due=-
at 2026-09-28 10:05
  answer case=1 result="议事会通过，十月安装"
  => case_closed outcome=answered late=false
  feed case_closed/c/d1/
  => case_closed outcome=answered result="议事会通过，十月安装"
