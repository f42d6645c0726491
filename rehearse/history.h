/* What a journal holds, copied into memory in one short read, so that neither a running daemon nor its files are touched again. */
#ifndef REEVE_REHEARSE_HISTORY_H
#define REEVE_REHEARSE_HISTORY_H

#include "policy/compile.h"
#include "schema/codec.h"

struct history {
	struct buf bytes;  /* the records, one after the other */
	size_t *ends;      /* of each record in bytes */
	size_t count;
	int64_t cases;     /* the highest case number */
	int64_t first_at, last_at;
	size_t policies;   /* policy_adopted records */
};

/* Reads DIR/journal.mdb. 0, or -1 with one line in error; then nothing is held. */
int history_read(struct history *history, const char *directory, char *error, size_t error_size);
/* Takes empty ones. */
void history_free(struct history *history);
/* The record at an index from 0; its texts live as long as the history. False: it cannot be read. */
bool history_record(const struct history *history, size_t index, struct record *ret_record);
/* The files of a policy_adopted record, borrowed; free the array. */
struct policy_file *history_policy_files(const struct record *event, size_t *ret_count);

#endif
