pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
reeve_unit_test(transfer_test SOURCES transfer_test.c store_place.c LIBRARIES reeve_transfer reeve_store PkgConfig::ZSTD)
