reeve_unit_test(triage_test SOURCES triage_test.c city.c LIBRARIES reeve_decisions)
reeve_unit_test(assign_test SOURCES assign_test.c city.c LIBRARIES reeve_decisions)
reeve_unit_test(escalate_test SOURCES escalate_test.c city.c LIBRARIES reeve_decisions)
