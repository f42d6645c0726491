# Taste turned into tests: each is a script of its own that prints file, line and why.
function(reeve_lint_test name)
  add_test(NAME lint_${name} COMMAND /usr/bin/python3 ${ARGN})
  set_tests_properties(lint_${name} PROPERTIES LABELS lint TIMEOUT 120)
endfunction()

reeve_lint_test(layers ${REEVE_TEST_DIR}/layers.py)
reeve_lint_test(selftest ${REEVE_TEST_DIR}/selftest.py)
reeve_lint_test(tables ${REEVE_TEST_DIR}/tables.py)
reeve_lint_test(tidy ${REEVE_TEST_DIR}/tidy.py)
reeve_lint_test(headers ${REEVE_TEST_DIR}/headers.py ${CMAKE_C_COMPILER})
if(TARGET reeve_core)
  reeve_lint_test(purity ${REEVE_TEST_DIR}/purity.py $<TARGET_FILE:reeve_core> $<TARGET_FILE:reeve_base>)
endif()
