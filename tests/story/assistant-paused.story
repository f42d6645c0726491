# While a case is suspended its assistants' clocks stand still too
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="爆管" area=370103001
  => ...
  sign case=1
  => case_signed
  request_suspension case=1 reason="等配件" until="2026-09-28 16:00"
  => suspension_requested
  approve_suspension case=1
  => case_suspended
until 2026-09-28 15:59
  => nothing
