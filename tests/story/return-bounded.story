# Returns are bounded: reason and approval each time; at the cap the coordinating level is told and the next dispatch cannot be refused
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="噪音" category=noise area=370103001
  => case_opened category=noise urgency=3 area=370103001 due="2026-10-08 10:00" stage=triage stage_due="2026-09-28 10:30"
  triage case=1 category=noise
  => case_triaged category=noise urgency=3 area=370103001 stage=dispatch stage_due="2026-09-28 11:00"
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  request_return case=1 unit=urban-order
  => refused missing_field field=reason
  request_return case=1 unit=works reason="不是我"
  => refused wrong_unit field=unit
  request_return case=1 unit=urban-order reason="属于环保"
  => return_requested unit=urban-order clock=approve due="2026-09-28 12:00"
  request_return case=1 unit=urban-order reason="属于环保"
  => refused already_requested
  approve_return case=1 reason="同意"
  => case_returned unit=urban-order stage=dispatch stage_due="2026-09-28 11:00" returns=1
  dispatch case=1 unit=works
  => case_dispatched unit=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  request_return case=1 unit=works reason="也不是我"
  => return_requested unit=works clock=approve due="2026-09-28 12:00"
  approve_return case=1
  => case_returned unit=works stage=dispatch stage_due="2026-09-28 11:00" returns=2 final=true
  => escalation_due clock=alarm rung=1
  check case 1 returns=2 final=true first_contact=urban-order
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  request_return case=1 unit=urban-order reason="还是不归我"
  => refused cannot_return field=final
  transfer case=1 unit=works reason="协调后由工程队办"
  => case_transferred unit=works stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00" transfers=1 final=true
