# A returned case is not assigned to the unit that has just returned it, as long as the catalogue has another
policy town full
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="路灯不亮" area=370102001
  => ...
  check case 1 unit=works-lixia
  request_return case=1 reason="不归我"
  => ...
  approve_return case=1
  => ...
  check case 1 unit=works
