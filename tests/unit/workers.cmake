reeve_unit_test(triage_test SOURCES triage_test.c city.c LIBRARIES reeve_decisions)
reeve_unit_test(assign_test SOURCES assign_test.c city.c LIBRARIES reeve_decisions)
reeve_unit_test(escalate_test SOURCES escalate_test.c city.c LIBRARIES reeve_decisions)
# Plays the compiler of policies itself, so its sources are the loop's and not the library that links the real one.
reeve_unit_test(worker_test SOURCES worker_test.c play.c city.c
  ${PROJECT_SOURCE_DIR}/workers/shelf.c ${PROJECT_SOURCE_DIR}/workers/link.c ${PROJECT_SOURCE_DIR}/workers/held.c ${PROJECT_SOURCE_DIR}/workers/worker.c
  ${PROJECT_SOURCE_DIR}/workers/worker_speak.c
  LIBRARIES reeve_decisions PkgConfig::ZMQ Threads::Threads)
