# How well Reeve guesses, on real requests: ./run figures prints it, the test holds the thresholds.
if(TARGET reeve_cli AND TARGET reeve_task)
  add_executable(reeve-figures ${REEVE_TEST_DIR}/main.c ${REEVE_TEST_DIR}/classifier.c ${REEVE_TEST_DIR}/similar.c)
  target_include_directories(reeve-figures PRIVATE ${REEVE_TEST_DIR})
  target_link_libraries(reeve-figures PRIVATE reeve_cli reeve_train reeve_decisions reeve_task reeve_policy reeve_core reeve_schema)
  add_test(NAME figures COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/figures_test.py $<TARGET_FILE:reeve-figures> ${PROJECT_SOURCE_DIR}/examples)
  set_tests_properties(figures PROPERTIES LABELS story TIMEOUT 300)
endif()
