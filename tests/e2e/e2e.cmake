# Real processes, real sockets, kill -9. Each file is a test; PROGRAM.py TEST_NAME runs one of its functions.
if(TARGET reeved AND TARGET reeve)
  foreach(name life refusal crash feed driven readme policy tainan jinan learn whole backup journals prune damage)
    add_test(NAME e2e_${name} COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/${name}_test.py)
    set_tests_properties(e2e_${name} PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
