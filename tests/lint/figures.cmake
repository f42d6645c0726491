reeve_lint_test(figures ${REEVE_TEST_DIR}/figures.py)
