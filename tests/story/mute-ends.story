# When a mute ends the ladder goes on
policy town full
workers on
at 2026-09-28 10:00
  mute_notices until="2026-09-28 18:00" reason="演练" clock=promise
  => mute_set clock=promise until="2026-09-28 18:00" mute=1
  submit source=web ref=1 text="井盖" category=manhole area=370103001
  => case_opened category=manhole urgency=2 area=370103001 due="2026-09-28 14:00" stage=triage stage_due="2026-09-28 10:30"
  => case_triaged category=manhole urgency=2 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  => case_dispatched unit=works first_contact=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  sign case=1
  => case_signed unit=works
  report case=1 result="换了"
  => case_reported state=reported unit=works stage=check stage_due="2026-09-28 15:00"
until 2026-09-29 12:00
  => 2026-09-28 13:12 clock_warned clock=promise due="2026-09-28 14:00"
  => 2026-09-28 14:00 clock_breached clock=promise due="2026-09-28 14:00"
  => 2026-09-28 14:00 escalation_due clock=promise rung=1
  => 2026-09-28 14:00 notice_withheld clock=promise rung=1 notice=1/promise/5/1 mute=1
  => 2026-09-28 14:12 clock_warned clock=check due="2026-09-28 15:00"
  => 2026-09-28 15:00 clock_breached clock=check due="2026-09-28 15:00"
  => 2026-09-28 15:00 escalation_due clock=check rung=1
  => 2026-09-28 15:00 case_escalated clock=check rung=1 audience_area=370103 notice=1/check/5/1
  => 2026-09-28 18:00 escalation_due clock=promise rung=1
  => 2026-09-28 18:00 case_escalated clock=promise rung=1 audience_area=370103001 notice=1/promise/5/1
  => 2026-09-28 18:00 escalation_due clock=promise rung=2
  => 2026-09-28 18:00 case_escalated clock=promise rung=2 audience_area=370103 notice=1/promise/5/2
