# The naive model: a second account of what a hotline is. The simulator, the stories and the wanders are held against it.
add_library(sim_model STATIC ${REEVE_TEST_DIR}/model.c ${REEVE_TEST_DIR}/model_event.c ${REEVE_TEST_DIR}/model_clock.c ${REEVE_TEST_DIR}/model_feed.c
  ${REEVE_TEST_DIR}/model_compare.c ${REEVE_TEST_DIR}/model_show.c)
target_link_libraries(sim_model PUBLIC reeve_schema reeve_core reeve_base)
reeve_unit_test(sim_model_test SOURCES ../unit/sim_model_test.c ../unit/sim_model_history.c LIBRARIES sim_model)
