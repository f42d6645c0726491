pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)

reeve_unit_test(vectors_test SOURCES vectors_test.c LIBRARIES reeve_schema PkgConfig::CJSON)
target_compile_definitions(vectors_test PRIVATE REEVE_VECTORS="${CMAKE_CURRENT_LIST_DIR}/../../schema/vectors")

add_executable(codec_probe ${CMAKE_CURRENT_LIST_DIR}/codec_probe.c)
target_link_libraries(codec_probe PRIVATE reeve_schema)

add_test(NAME vectors_python COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/vectors_test.py)
add_test(NAME vectors_current COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/make.py --check)
add_test(NAME codec_differential COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/differential_test.py $<TARGET_FILE:codec_probe>)
set_tests_properties(vectors_python codec_differential PROPERTIES LABELS unit TIMEOUT 120)
set_tests_properties(vectors_current PROPERTIES LABELS lint TIMEOUT 60)
add_test(NAME protocol_tables COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/../../schema/protocol.py --check)
set_tests_properties(protocol_tables PROPERTIES LABELS lint TIMEOUT 60)
