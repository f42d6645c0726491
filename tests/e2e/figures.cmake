# The rest of a case's life and the figures that come of it, by the reeve program; figures against an independent recount.
if(TARGET reeved AND TARGET reeve)
  foreach(name lifecycle figures)
    add_test(NAME e2e_${name} COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/${name}_test.py)
    set_tests_properties(e2e_${name} PROPERTIES LABELS e2e TIMEOUT 300 ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
