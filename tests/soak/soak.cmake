# Real processes that are killed at random. soak_short is a quiet city for two minutes; ./run soak is the large one.
if(TARGET reeved AND TARGET reeve AND TARGET libreeve)
  add_executable(soak_client ${CMAKE_CURRENT_LIST_DIR}/soak_client.c)
  target_link_libraries(soak_client PRIVATE libreeve)
  set_target_properties(soak_client PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME soak_short COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/soak.py ${CMAKE_BINARY_DIR} --minutes 2 --seed 20261121 --rate 25 --pause 3)
  set_tests_properties(soak_short PROPERTIES LABELS soak TIMEOUT 900 COST 1000 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
