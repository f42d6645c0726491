/* A journal from somewhere else, checked record by record and written where none is yet. */
#ifndef REEVE_TRANSFER_COPY_H
#define REEVE_TRANSFER_COPY_H

#include "transfer/stream.h"

/* Entries in order, from record 1 or from STREAM_BASE on, ended by STREAM_END. 0, or -1 with one line in error. */
struct copy_source {
	int (*next)(void *context, struct stream_entry *ret_entry, char *error, size_t error_size);
	void *context;
};

struct copy_result {
	int64_t last_seq, rows; /* rows: of the private table */
	unsigned char last_hash[STREAM_HASH_BYTES];
};

/* Checks everything up to `until` (INT64_MAX: to the end) of several sources, each of which continues the one before it, or repeats some of it; the first
 * begins with record 1. Unless into is NULL, writes it as a journal into that directory, which must not hold one. 0, or -1 with one line in error and nothing
 * written. */
int copy_run(const struct copy_source *sources, size_t count, const char *into, int64_t until, struct copy_result *ret_result,
	char *error, size_t error_size);

#endif
