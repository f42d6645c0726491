# A stage with nobody to do it: its clock warns, breaks, and the ladder of that clock tells the city's duty officer
policy town patient
workers escalate
at 2026-09-28 09:00
  submit source=12345 ref=1 text="路灯不亮" area=370103001
  => case_opened area=370103001 due="2026-10-13 09:00" stage=triage stage_due="2026-09-28 09:30"
until 2026-09-28 12:00
  => 2026-09-28 09:24 clock_warned clock=triage due="2026-09-28 09:30"
  => 2026-09-28 09:30 clock_breached clock=triage due="2026-09-28 09:30"
  => 2026-09-28 09:30 escalation_due clock=triage rung=1
  => 2026-09-28 09:30 case_escalated clock=triage rung=1 audience_area=3701 notice=1/triage/1/1
