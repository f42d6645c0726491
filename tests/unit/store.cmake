reeve_unit_test(journal_test SOURCES journal_test.c store_place.c LIBRARIES reeve_store PkgConfig::LMDB)
reeve_unit_test(journal_kill_test SOURCES journal_kill_test.c store_place.c LIBRARIES reeve_store)
reeve_unit_test(archive_test SOURCES archive_test.c store_place.c LIBRARIES reeve_store)
reeve_unit_test(archive_trouble_test SOURCES archive_trouble_test.c store_place.c LIBRARIES reeve_store)
