reeve_unit_test(case_number_test SOURCES case_number_test.c LIBRARIES reeve_base)
reeve_unit_test(log_test SOURCES log_test.c LIBRARIES reeve_base)
reeve_unit_test(settings_test SOURCES settings_test.c LIBRARIES reeve_base)
