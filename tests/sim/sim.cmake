# The simulator: the engine, the workers' loop, libreeve and a network of its own in one process. What is compiled here once more is compiled
# against that network (wire.c) instead of libzmq, and always optimised: a run is as long as its steps are slow.
set(sim_sources main.c run.c dice.c shared.c trace.c wire.c zmq.c fiber.c daemon.c check.c staff.c people.c ask.c watch.c policies.c)
list(TRANSFORM sim_sources PREPEND ${REEVE_TEST_DIR}/)
# libreeve's link has the names that the workers' link has.
add_library(sim_client OBJECT ${PROJECT_SOURCE_DIR}/clients/c/message.c ${PROJECT_SOURCE_DIR}/clients/c/link.c ${PROJECT_SOURCE_DIR}/clients/c/requests.c
  ${PROJECT_SOURCE_DIR}/clients/c/client.c ${PROJECT_SOURCE_DIR}/clients/c/subscribe.c)
target_compile_definitions(sim_client PRIVATE link_open=client_link_open link_close=client_link_close link_send=client_link_send link_broke=client_link_broke
  now_ms=client_now_ms)
add_executable(reeve_sim ${sim_sources} ${PROJECT_SOURCE_DIR}/tests/choice.c $<TARGET_OBJECTS:sim_client>
  ${PROJECT_SOURCE_DIR}/tests/fuzz/stage.c ${PROJECT_SOURCE_DIR}/tests/fuzz/rules.c ${PROJECT_SOURCE_DIR}/tests/fuzz/archive_stand_in.c
  ${PROJECT_SOURCE_DIR}/daemon/net/timekeeper.c
  ${PROJECT_SOURCE_DIR}/workers/worker.c ${PROJECT_SOURCE_DIR}/workers/worker_speak.c ${PROJECT_SOURCE_DIR}/workers/held.c ${PROJECT_SOURCE_DIR}/workers/shelf.c
  ${PROJECT_SOURCE_DIR}/workers/link.c)
target_compile_options(reeve_sim PRIVATE $<$<CONFIG:Debug>:-O2>)
target_compile_definitions(reeve_sim PRIVATE FUZZ_POLICIES="${PROJECT_SOURCE_DIR}/tests/story/policy")
target_link_libraries(reeve_sim PRIVATE sim_model reeve_engine reeve_store reeve_decisions reeve_policy reeve_schema reeve_core reeve_base)
target_link_options(reeve_sim PRIVATE -Wl,--wrap=policy_compile -Wl,--wrap=policy_free -Wl,--wrap=clock_gettime -Wl,--wrap=getpid -Wl,--wrap=getrandom)

# A short form; `./run sim` is the standard size. One seed twice shows that a seed says everything. Sanitizers make a step twenty times as long.
if(REEVE_SANITIZE)
  set(sim_size --seeds 8 --steps 500)
else()
  set(sim_size --seeds 40 --steps 1500)
endif()
add_test(NAME sim COMMAND reeve_sim ${sim_size})
add_test(NAME sim_twice COMMAND reeve_sim --seed 7 --steps 300 --twice)
set_tests_properties(sim sim_twice PROPERTIES LABELS sim TIMEOUT 600)
