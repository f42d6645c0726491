/* A page that cannot be read (a cut file, a damaged page, a disk that fails) is a signal under a memory map. Internal to store. */
#ifndef REEVE_STORE_LMDB_FAULT_H
#define REEVE_STORE_LMDB_FAULT_H

#include "store/lmdb_file.h"

#define LMDB_FAULT_EXIT 5 /* "the store cannot be opened" of reeved(8) */

/* From here on SIGSEGV and SIGBUS within the file's map end the process with LMDB_FAULT_EXIT and one line that names the file and the remedy; a spare
 * file is set aside, so that the next start succeeds. Other faults go where they went before. */
void lmdb_fault_watch(const struct lmdb_file *file);
void lmdb_fault_forget(const struct lmdb_file *file);
/* The same end, for damage that LMDB itself asserts on. */
void lmdb_fault_end(const struct lmdb_file *file, const char *found) __attribute__((noreturn));

#endif
