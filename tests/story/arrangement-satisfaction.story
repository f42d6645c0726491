# Appraisal by satisfaction: the three answers of a resident stand in the event that the figures are made of, with unit and area
policy platform
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="楼上天天吵架" area=d1s1k1
  => case_opened area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged category=mediation urgency=3 area=d1s1k1 due="2026-09-29 10:00"
  => case_dispatched unit=mediators first_contact=mediators
  report case=1 result="调解了"
  => case_reported state=calling_back unit=mediators
  call_back case=1 contacted=true solved=true satisfied=false reason="太慢"
  => case_closed unit=mediators outcome=solved late=false contacted=true solved=true satisfied=false calls=1
  submit source=web ref=2 text="又吵架" area=d1s1k2
  => case_opened case=2 area=d1s1k2 due="2026-10-13 10:00"
  => case_triaged case=2 category=mediation urgency=3 area=d1s1k2 due="2026-10-08 10:00"
  => case_dispatched case=2 unit=mediators first_contact=mediators
  report case=2 result="调解了"
  => case_reported case=2 state=calling_back unit=mediators
  call_back case=2 contacted=true solved=true satisfied=true
  => case_closed case=2 unit=mediators outcome=solved late=false contacted=true solved=true satisfied=true calls=1
  feed case_closed/
  => case_closed case=1 unit=mediators outcome=solved late=false contacted=true solved=true satisfied=false calls=1
  => case_closed case=2 unit=mediators outcome=solved late=false contacted=true solved=true satisfied=true calls=1
