/* A temporary directory per test, and what is done to files behind the store's back. */
#ifndef REEVE_TESTS_STORE_PLACE_H
#define REEVE_TESTS_STORE_PLACE_H

#include "base/span.h"

#define PLACE_MAP_BYTES (INT64_C(1) << 30)

/* cmocka's setup and teardown: *state is the directory's path. */
int place_make(void **state);
int place_remove(void **state);
/* DIR/name; valid until four further calls. */
const char *place_path(const char *directory, const char *name);
bool place_has(const char *directory, const char *name);
int64_t place_size(const char *directory, const char *name);

#endif
