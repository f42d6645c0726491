# The nearest unit first, as long as it has room and works; then the next of the catalogue
policy town
workers on
at 2026-09-28 10:00
  submit source=12345 ref=1 text="路灯不亮" area=370102001
  => case_opened area=370102001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=street-light urgency=3 area=370102001 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works-lixia first_contact=works-lixia sign_due="2026-09-29 10:00"
  submit source=12345 ref=2 text="路灯不亮" area=370102001
  => case_opened case=2 area=370102001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=2 category=street-light urgency=3 area=370102001 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=works-lixia first_contact=works-lixia sign_due="2026-09-29 10:00"
  check unit works-lixia 2
  submit source=12345 ref=3 text="路灯不亮" area=370102001
  => case_opened case=3 area=370102001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=street-light urgency=3 area=370102001 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=3 unit=works first_contact=works sign_due="2026-09-29 10:00"
  close case=1
  => case_closed case=1 unit=works-lixia outcome=solved late=false
  submit source=12345 ref=4 text="路灯不亮" area=370102001
  => case_opened case=4 area=370102001 due="2026-10-13 10:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=4 category=street-light urgency=3 area=370102001 due="2026-09-30 10:00" stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=4 unit=works-lixia first_contact=works-lixia sign_due="2026-09-29 10:00"
