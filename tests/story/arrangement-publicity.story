# Publicity of affairs: what is published of a case holds what was done, and nothing of the caller
policy platform
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="停水了" area=d1s1k1 caller_name="王女士" caller_phone="13800000000" caller_contact="三单元 201"
  => case_opened area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged category=no-water urgency=2 area=d1s1k1 due="2026-09-28 14:00"
  => case_dispatched unit=water first_contact=water
  close case=1 result="已恢复供水"
  => case_closed unit=water outcome=solved late=false
  feed case_closed/
  => case_closed unit=water outcome=solved result="已恢复供水" caller_name=- caller_phone=- caller_contact=- text=-
