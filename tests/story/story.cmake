# Golden stories: one test for each file, its title the first line. Stories under pending/ wait for something that is not built; they are not run.
add_executable(story_runner ${REEVE_TEST_DIR}/runner.c ${REEVE_TEST_DIR}/script.c ${REEVE_TEST_DIR}/compare.c ${REEVE_TEST_DIR}/value.c
  ${REEVE_TEST_DIR}/world.c ${REEVE_TEST_DIR}/work.c ${REEVE_TEST_DIR}/see.c ${REEVE_TEST_DIR}/audit.c)
target_link_libraries(story_runner PRIVATE sim_model reeve_task reeve_decisions reeve_policy reeve_schema reeve_core reeve_base)
file(GLOB stories CONFIGURE_DEPENDS ${REEVE_TEST_DIR}/*.story)
foreach(story ${stories})
  cmake_path(GET story STEM name)
  add_test(NAME story_${name} COMMAND story_runner ${REEVE_TEST_DIR}/policy ${story})
  set_tests_properties(story_${name} PROPERTIES LABELS story TIMEOUT 60)
endforeach()

# Every pair of state and command, read from the tables.
add_executable(story_walk ${REEVE_TEST_DIR}/walk.c ${REEVE_TEST_DIR}/world.c ${REEVE_TEST_DIR}/work.c)
target_link_libraries(story_walk PRIVATE sim_model reeve_task reeve_decisions reeve_policy reeve_schema reeve_core reeve_base)
add_test(NAME story_walk COMMAND story_walk ${REEVE_TEST_DIR}/policy town full)
set_tests_properties(story_walk PROPERTIES LABELS story TIMEOUT 60)

# Random stories from seeds; what must hold after every story must hold after these.
add_executable(story_wander ${REEVE_TEST_DIR}/wander.c ${REEVE_TEST_DIR}/value.c ${REEVE_TEST_DIR}/world.c ${REEVE_TEST_DIR}/work.c ${REEVE_TEST_DIR}/see.c ${REEVE_TEST_DIR}/audit.c)
target_link_libraries(story_wander PRIVATE sim_model reeve_task reeve_decisions reeve_policy reeve_schema reeve_core reeve_base)
add_test(NAME story_wander COMMAND story_wander ${REEVE_TEST_DIR}/policy 1 4 120 town full)
set_tests_properties(story_wander PROPERTIES LABELS story TIMEOUT 60)
