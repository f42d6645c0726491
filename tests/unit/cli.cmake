foreach(name connection moment table value rows mapping play sender checkpoint)
  reeve_unit_test(cli_${name}_test SOURCES cli_${name}_test.c LIBRARIES reeve_cli)
endforeach()
target_compile_definitions(cli_mapping_test PRIVATE BOSTON_DIR="${PROJECT_SOURCE_DIR}/examples/boston")
