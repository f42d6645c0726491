reeve_unit_test(classifier_test SOURCES classifier_test.c LIBRARIES reeve_train)
reeve_unit_test(learned_test SOURCES learned_test.c city.c LIBRARIES reeve_decisions reeve_worker reeve_train)
