if(TARGET reeve)
  reeve_lint_test(cli_manual ${REEVE_TEST_DIR}/cli_manual.py $<TARGET_FILE:reeve>)
endif()
