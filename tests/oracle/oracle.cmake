# Independent oracles: what others decided, against what the policy says.
find_package(ZLIB REQUIRED)
add_executable(reeve-due-oracle ${REEVE_TEST_DIR}/due_oracle.c)
target_link_libraries(reeve-due-oracle PRIVATE reeve_policy ZLIB::ZLIB)

add_test(NAME due_oracle COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/due_oracle_test.py $<TARGET_FILE:reeve-due-oracle> ${PROJECT_SOURCE_DIR})
set_tests_properties(due_oracle PROPERTIES LABELS story TIMEOUT 120)
add_test(NAME manual_policy COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/manual_policy_test.py $<TARGET_FILE:reeve-due-oracle> ${PROJECT_SOURCE_DIR})
set_tests_properties(manual_policy PROPERTIES LABELS story TIMEOUT 60)
