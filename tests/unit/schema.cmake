reeve_unit_test(codec_test SOURCES codec_test.c LIBRARIES reeve_schema)
reeve_unit_test(frame_test SOURCES frame_test.c LIBRARIES reeve_schema)
reeve_unit_test(instant_test SOURCES instant_test.c LIBRARIES reeve_schema)
