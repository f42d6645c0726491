# The transport with real sockets; the engine is the tests' own (net_stage.c), so reeve_engine is not linked.
foreach(test net_test net_parts_test)
  reeve_unit_test(${test} SOURCES ${test}.c net_stage.c LIBRARIES reeve_net PkgConfig::ZMQ Threads::Threads)
endforeach()
