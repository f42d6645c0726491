reeve_lint_test(manual ${REEVE_TEST_DIR}/manual.py)
