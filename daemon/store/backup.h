/* A backup of a journal while it is written to: a consistent, compact copy, made and verified by a thread of its own. */
#ifndef REEVE_STORE_BACKUP_H
#define REEVE_STORE_BACKUP_H

#include "store/journal.h"

struct journal_backup;

struct journal_backup_state {
	bool over;        /* finished or failed: nothing changes any more */
	bool failed;
	int64_t bytes;    /* length of the copy */
	int64_t verified; /* records of the copy whose hash was computed anew */
	int64_t last_seq; /* finished: the last record in it, at least the last one committed when it began */
	unsigned char last_hash[JOURNAL_HASH_BYTES];
	int64_t segments;    /* copied beside it */
	int64_t lacks_to;    /* records up to this number are in segments that were not there to be copied; 0: all are in it */
	int64_t damaged_rows, damaged_row; /* private rows that are not what was stored, and the first one's case: copied as they are */
	char error[512];  /* failed: why, with the remedy */
};

/* Begins to copy everything committed to DIR/journal.mdb, and what was pruned before to DIR/segments; the first appears when all of it is written, synced
 * and verified. Called by the writer of the
 * journal, which must stay open until journal_backup_end. NULL with one line in error. */
struct journal_backup *journal_backup_start(struct journal *journal, const char *directory, char *error, size_t error_size);
void journal_backup_poll(struct journal_backup *backup, struct journal_backup_state *ret_state);
/* Gives up one that is not over and says what came of it: failed, and nothing of it stays, or finished at the last moment. */
void journal_backup_stop(struct journal_backup *backup, struct journal_backup_state *ret_state);
/* The same without a word, and frees it. Takes NULL. */
void journal_backup_end(struct journal_backup *backup);

#endif
