# The whole life: submitted, triaged, dispatched, signed for, reported, closed, every step as an event
policy town
zone Asia/Shanghai
workers on

at 2026-09-28 22:10
  submit source=12345 ref=1 text="路灯不亮" area=370102001001
  => case_opened area=370102001001 due="2026-10-13 22:10" stage=triage stage_due="2026-09-28 22:40"
  => case_triaged category=street-light urgency=3 area=370102001001 due="2026-10-08 09:00" stage=dispatch stage_due="2026-09-28 23:10"
  => case_dispatched unit=works-lixia first_contact=works-lixia sign_due="2026-09-30 09:00"
  check case 1 state=dispatched unit=works-lixia
at 2026-09-29 09:30
  sign case=1 unit=works-lixia
  => case_signed unit=works-lixia
at 2026-09-29 11:00
  report case=1 unit=works-lixia result="换了灯泡"
  => case_reported unit=works-lixia stage=check stage_due="2026-09-30 11:00"
at 2026-09-29 16:00
  close case=1
  => case_closed unit=works-lixia outcome=solved late=false
  check case 1 state=closed outcome=solved late=false
  check open 0
  check unit works-lixia 0
# nothing comes after it
until 2027-01-01 00:00
