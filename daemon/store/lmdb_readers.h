/* Who reads an LMDB file. A reader in the middle of a transaction holds every page up that was freed since: the file grows until it goes on. Internal to
 * store. */
#ifndef REEVE_STORE_LMDB_READERS_H
#define REEVE_STORE_LMDB_READERS_H

#include "store/journal.h"
#include "store/lmdb_file.h"

/* Clears the slots of those that are dead, then finds the oldest of those in the middle of reading. False: none is behind. */
bool lmdb_slowest_reader(const struct lmdb_file *file, struct journal_reader *ret_reader);
/* Ends a process that reads this file: only if it is still the one that was found, is another process than ours, and has the file in its memory. 0; or errno:
 * ESRCH when it is none of these any more, EPERM and others when it could not be ended. */
int lmdb_reader_end(const struct lmdb_file *file, const struct journal_reader *reader);

#endif
