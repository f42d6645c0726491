/* A short hash that tells whether a row is still what was stored. Internal to store. */
#ifndef REEVE_STORE_SEAL_H
#define REEVE_STORE_SEAL_H

#include "base/span.h"

#define SEAL_BYTES sizeof(uint32_t)
/* Tables below 16 are the archive's. */
#define SEAL_ARCHIVE_META 16
#define SEAL_PRIVATE 17

uint32_t row_seal(int table, struct span key, struct span row);
/* stored: a row with its seal behind it. False: it does not match. */
bool row_unseal(int table, struct span key, struct span stored, struct span *ret_row);

#endif
