# A mute keeps notices of an area back, with author, reason and end; what was not sent, and why, is an event; urgency 1 is never hidden
policy town full
workers on
at 2026-09-28 10:00
  mute_notices until="2026-09-28 09:00" reason="演练"
  => refused in_the_past field=until
  mute_notices until="2026-09-28 18:00" reason="演练" area=999
  => refused unknown_area field=area
  mute_notices until="2026-09-28 18:00" reason="演练" area=370103 actor=ann
  => mute_set area=370103 until="2026-09-28 18:00" mute=1
  submit source=web ref=1 text="井盖" category=manhole area=370103001
  => case_opened category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=works
  submit source=web ref=2 text="燃气泄漏" area=370103001
  => case_opened case=2 category=gas urgency=1 area=370103001 due="2026-09-28 11:00" stage=triage stage_due="2026-09-28 10:30"
  => escalation_due case=2 clock=alarm rung=1
  => case_triaged case=2 category=gas urgency=1 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=2 unit=gas-company first_contact=gas-company stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  => case_escalated case=2 clock=alarm rung=1 audience_area=370103 notice=2/alarm/8/1 acknowledge_by="2026-09-28 10:10"
  acknowledge case=2
  => escalation_acknowledged case=2 clock=alarm rung=1 notice=2/alarm/8/1 hold_ms=1200000
  close case=2
  => case_closed case=2 unit=gas-company outcome=solved late=false
  submit source=web ref=3 text="井盖" category=manhole area=370102001
  => case_opened case=3 category=manhole urgency=2 area=370102001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged case=3 category=manhole urgency=2 area=370102001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched case=3 unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=3
  => case_signed case=3 unit=works
until 2026-09-28 14:00
  => 2026-09-28 13:12 clock_warned case=1 clock=promise due="2026-09-28 14:00"
  => 2026-09-28 13:12 clock_warned case=3 clock=promise due="2026-09-28 14:00"
  => clock_breached case=1 clock=promise due="2026-09-28 14:00"
  => escalation_due case=1 clock=promise rung=1
  => notice_withheld case=1 clock=promise rung=1 notice=1/promise/4/1 mute=1
  => clock_breached case=3 clock=promise due="2026-09-28 14:00"
  => escalation_due case=3 clock=promise rung=1
  => case_escalated case=3 clock=promise rung=1 audience_area=370102001 notice=3/promise/4/1 acknowledge_by="2026-09-29 14:00"
  unmute mute=1 actor=ann
  => mute_lifted mute=1
  unmute mute=1 actor=ann
  => refused unknown_mute field=mute
