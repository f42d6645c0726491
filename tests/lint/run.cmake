# What ./run and its machines say to a mistake, before any of them does anything.
if(TARGET reeved AND TARGET reeve AND NOT REEVE_FUZZ)
  reeve_lint_test(run ${REEVE_TEST_DIR}/run.py ${CMAKE_BINARY_DIR})
  set_tests_properties(lint_run PROPERTIES ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
