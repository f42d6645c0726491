# Ten public utilities behind one counter: the word of the report finds the utility, a district of its own has its own, a collapse has lead and assistants
policy platform
workers on
at 2026-09-28 10:00
  submit source=web ref=1 text="停水了" area=d1s1k1
  => case_opened area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged category=no-water urgency=2 area=d1s1k1 due="2026-09-28 14:00"
  => case_dispatched unit=water first_contact=water
  submit source=web ref=2 text="停电了" area=d1s1k1
  => case_opened case=2 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=2 category=no-power urgency=2 area=d1s1k1 due="2026-09-28 14:00"
  => case_dispatched case=2 unit=power first_contact=power
  submit source=web ref=3 text="暖气不热" area=d1s1k1
  => case_opened case=3 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=3 category=no-heat urgency=3 area=d1s1k1 due="2026-09-29 10:00"
  => case_dispatched case=3 unit=heat first_contact=heat
  submit source=web ref=4 text="断网" area=d1s1k1
  => case_opened case=4 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=4 category=no-net urgency=3 area=d1s1k1 due="2026-09-29 10:00"
  => case_dispatched case=4 unit=telecom first_contact=telecom
  submit source=web ref=5 text="电视没信号" area=d1s1k1
  => case_opened case=5 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=5 category=no-cable urgency=4 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched case=5 unit=cable first_contact=cable
  submit source=web ref=6 text="公交不来" area=d1s1k1
  => case_opened case=6 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=6 category=bus urgency=3 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched case=6 unit=bus first_contact=bus
  submit source=web ref=7 text="地铁吵" area=d1s1k1
  => case_opened case=7 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=7 category=rail urgency=3 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched case=7 unit=rail first_contact=rail
  submit source=web ref=8 text="邮件丢了" area=d1s1k1
  => case_opened case=8 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=8 category=mail urgency=4 area=d1s1k1 due="2026-10-08 10:00"
  => case_dispatched case=8 unit=post first_contact=post
  submit source=web ref=9 text="下水道堵了" area=d1s1k1
  => case_opened case=9 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=9 category=drain urgency=3 area=d1s1k1 due="2026-09-29 10:00"
  => case_dispatched case=9 unit=drain first_contact=drain
  submit source=web ref=10 text="下水道堵了" area=d2
  => case_opened case=10 area=d2 due="2026-10-13 10:00"
  => case_triaged case=10 category=drain urgency=3 area=d2 due="2026-09-29 10:00"
  => case_dispatched case=10 unit=drain-d2 first_contact=drain-d2
  submit source=web ref=11 text="路面塌陷" area=d1s1k1
  => case_opened case=11 area=d1s1k1 due="2026-10-13 10:00"
  => case_triaged case=11 category=sinkhole urgency=2 area=d1s1k1 due="2026-09-28 18:00"
  => case_dispatched case=11 unit=drain first_contact=drain
  => assistant_added case=11 clock=assist due="2026-09-28 12:00" assistant=water
  => assistant_added case=11 clock=assist due="2026-09-28 12:00" assistant=gas
  => assistant_added case=11 clock=assist due="2026-09-28 12:00" assistant=order
  check case 10 unit=drain-d2
  check case 11 unit=drain
  assist_report case=11 assistant=water result="已关阀"
  => assistant_reported case=11 assistant=water
  report case=11 unit=drain result="已回填"
  => case_reported case=11 state=reported unit=drain
