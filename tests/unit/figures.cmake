reeve_unit_test(figures_test SOURCES figures_test.c LIBRARIES reeve_figures reeve_base)
