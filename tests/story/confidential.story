# A confidential case says so in every event, so that it is shown only to who may see it; the seal can be lifted
policy town full
at 2026-09-28 10:00
  submit source=web ref=1 text="举报" category=noise area=370103001 confidential=true
  => case_opened confidential=true
  triage case=1 category=noise
  => case_triaged confidential=true
  seal case=1 confidential=false reason="已公开"
  => case_sealed confidential=false
  dispatch case=1 unit=urban-order
  => case_dispatched unit=urban-order first_contact=urban-order stage=handle stage_due="2026-09-29 10:00" sign_due="2026-09-28 15:00"
  seal case=1 confidential=true reason="又有举报人信息"
  => case_sealed confidential=true
  check case 1 confidential=true
  close case=1 outcome=answered
  => case_closed unit=urban-order outcome=answered late=false confidential=true
# also when it is closed
  seal case=1 confidential=false reason="结案公开"
  => case_sealed confidential=false
