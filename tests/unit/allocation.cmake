# An allocation fails: not under sanitizers, which bring a malloc of their own.
if(NOT REEVE_SANITIZE)
  add_executable(allocation_test ${REEVE_TEST_DIR}/allocation_test.c)
  target_compile_options(allocation_test PRIVATE -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc)
  target_compile_definitions(allocation_test PRIVATE TOWN="${PROJECT_SOURCE_DIR}/tests/story/policy/town")
  target_link_libraries(allocation_test PRIVATE reeve_engine reeve_store reeve_policy reeve_schema reeve_core reeve_base)
  add_test(NAME allocation_test COMMAND allocation_test)
  set_tests_properties(allocation_test PROPERTIES LABELS unit TIMEOUT 300)
endif()
