# Damaged stores: what a real daemon wrote, with one bit or one cut, opened again. See README.md.
if(TARGET reeved AND TARGET reeve)
  add_executable(reeve-flips ${REEVE_TEST_DIR}/flips.c ${REEVE_TEST_DIR}/flips_try.c)
  target_link_libraries(reeve-flips PRIVATE reeve_engine reeve_store reeve_policy reeve_schema reeve_core reeve_base PkgConfig::LMDB)
  add_test(NAME storage_flips COMMAND /usr/bin/python3 ${REEVE_TEST_DIR}/flips_test.py --seed 1 --count 600)
  set_tests_properties(storage_flips PROPERTIES LABELS storage TIMEOUT 600 ENVIRONMENT "REEVE_BUILD=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
