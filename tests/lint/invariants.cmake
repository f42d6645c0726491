reeve_lint_test(invariants ${REEVE_TEST_DIR}/invariants.py ${PROJECT_SOURCE_DIR})
