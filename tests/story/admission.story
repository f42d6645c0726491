# A department puts its own task on others only under an admission record; a resident's request is never blocked by one
policy town full
at 2026-09-28 10:00
  submit source=office ref=1 text="巡查" category=litter area=370102001 department=urban-order
  => case_opened category=litter urgency=4 area=370102001 due="2026-09-29 14:00" stage=triage stage_due="2026-09-28 10:30" department=urban-order admission=A-2026-1
  check case 1 department=urban-order admission=A-2026-1
  submit source=office ref=2 text="巡查" category=litter area=370103001 department=urban-order
  => refused not_admitted field=department
  submit source=office ref=3 text="巡查" category=noise area=370102001 department=urban-order
  => refused not_admitted field=department
  submit source=office ref=4 text="巡查" category=litter area=370102001 department=works
  => refused not_admitted field=department
  submit source=office ref=5 text="巡查" category=litter area=370102001 department=nobody
  => refused unknown_unit field=department
# the resident says the same
  submit source=web ref=6 text="垃圾" category=litter area=370103001
  => case_opened case=2 category=litter urgency=4 area=370103001 due="2026-09-29 14:00" stage=triage stage_due="2026-09-28 10:30"
# the record runs to the end of 1 October
at 2026-10-02 10:00
  => ...
  submit source=office ref=7 text="巡查" category=litter area=370102001 department=urban-order
  => refused not_admitted field=department
