/* Whether an LMDB file is sound, found out without LMDB: a damaged page would make LMDB assert, read behind the map's end, or believe a lie.
 * Internal to store. */
#ifndef REEVE_STORE_LMDB_CHECK_H
#define REEVE_STORE_LMDB_CHECK_H

#include "base/span.h"

/* Called for each row of each named table, in the order of keys. NULL: fine; otherwise what is wrong with it. */
typedef const char *lmdb_check_row(void *context, struct span table, struct span key, struct span value);

struct lmdb_check {
	const char *path;
	bool skeleton;             /* branch pages and free pages only: a large file */
	const char *integer_table; /* name of a table whose last key never falls from one commit to the next; may be NULL */
	lmdb_check_row *row;       /* may be NULL; not called for a skeleton */
	void *context;
	int64_t pages;             /* out: how many were read */
};

/* 0; 1: damaged, with one line in error that names the page; negative: it cannot be read (errno). Nobody may be writing to it.
 * No file, or an empty one, is sound. */
int lmdb_check_file(struct lmdb_check *check, char *error, size_t error_size);

#endif
