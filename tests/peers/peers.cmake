# Slow and vanished peers: a test for each scenario, short; ./run peers plays them in full and times them.
if(TARGET reeved)
  add_executable(reeve-peer-load ${REEVE_TEST_DIR}/load.c)
  target_link_libraries(reeve-peer-load PRIVATE reeve_schema reeve_base PkgConfig::ZMQ)
  foreach(name subscriber publisher vanished idle flood lease reader crowd prefixes)
    add_test(NAME peers_${name} COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/peers.py ${name})
    set_tests_properties(peers_${name} PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};REEVE_TEST_SHORT=1;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
