reeve_unit_test(rehearse_test SOURCES rehearse_test.c store_place.c LIBRARIES reeve_rehearsal)
target_compile_definitions(rehearse_test PRIVATE BENCH_DIR="${PROJECT_SOURCE_DIR}/bench/policy")
