if(TARGET reeved AND TARGET reeve)
  add_test(NAME e2e_cli COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/cli_test.py)
  set_tests_properties(e2e_cli PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
