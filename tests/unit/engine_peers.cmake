reeve_unit_test(engine_peers_test SOURCES engine_peers_test.c LIBRARIES reeve_engine reeve_store reeve_policy reeve_schema reeve_core reeve_base)
target_compile_definitions(engine_peers_test PRIVATE TOWN="${PROJECT_SOURCE_DIR}/tests/story/policy/town")
reeve_unit_test(engine_sound_test SOURCES engine_sound_test.c LIBRARIES reeve_engine reeve_store reeve_policy reeve_schema reeve_core reeve_base)
