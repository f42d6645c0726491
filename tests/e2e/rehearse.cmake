if(TARGET reeved AND TARGET reeve AND TARGET reeve-rehearse)
  add_test(NAME e2e_rehearse COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/rehearse_test.py)
  set_tests_properties(e2e_rehearse PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
