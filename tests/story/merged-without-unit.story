# A merged case that no unit holds is put before people when its caller is to be called back
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => ...
  submit source=web ref=2 text="噪音" category=noise area=370103001
  => ...
  recall case=2 reason="派错了"
  => case_recalled case=2
  merge case=2 into=1
  => case_merged case=2 into=1
  => case_joined case=1 follower=2
  sign case=1
  => case_signed case=1
  report case=1 result="劝阻"
  => case_reported case=1 state=calling_back
  call_back case=1 contacted=true solved=true
  => case_closed case=1 call_followers=true
  => call_back_due case=2 stage=call_back stage_due="2026-09-29 10:00"
  check case 2 state=calling_back attention=true
  call_back case=2 contacted=true solved=true
  => case_closed case=2 outcome=merged
