# The transport with real sockets; the engine is the test's own, so reeve_engine is not linked.
reeve_unit_test(net_test SOURCES net_test.c LIBRARIES reeve_net PkgConfig::ZMQ Threads::Threads)
