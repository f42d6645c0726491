# After a pause every later stage of a promise is due later, not only the next one
policy town full staged
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="爆管" area=370103001
  => ...
  sign case=1
  => case_signed
  request_suspension case=1 reason="等配件" until="2026-09-28 14:00"
  => suspension_requested
  approve_suspension case=1
  => case_suspended
until 2026-09-28 16:00
  => ...
  reach case=1 milestone=cordon
  => milestone_reached milestone=cordon next_milestone=repair milestone_due="2026-09-28 22:00"
