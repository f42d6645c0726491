reeve_lint_test(figures ${REEVE_TEST_DIR}/figures.py)
if(TARGET reeve_figures)
  reeve_lint_test(figures_purity ${REEVE_TEST_DIR}/purity.py $<TARGET_FILE:reeve_figures> $<TARGET_FILE:reeve_base>)
endif()
