reeve_unit_test(config_test SOURCES config_test.c LIBRARIES reeve_config)
