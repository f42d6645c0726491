add_executable(client_probe ${CMAKE_CURRENT_LIST_DIR}/client_probe.c)
target_link_libraries(client_probe PRIVATE libreeve)
add_test(NAME clients_peer COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/clients_test.py $<TARGET_FILE:client_probe>)
set_tests_properties(clients_peer PROPERTIES LABELS e2e TIMEOUT 300)
