/* The journal in memory can be told how to fail: for tests and the simulator. */
#ifndef REEVE_STORE_JOURNAL_MEMORY_H
#define REEVE_STORE_JOURNAL_MEMORY_H

#include "store/journal.h"

enum journal_memory_fault {
	JOURNAL_MEMORY_FINE,
	JOURNAL_MEMORY_FAILS,      /* commit returns a fault, nothing is durable */
	JOURNAL_MEMORY_REPLY_LOST, /* commit returns a fault, though everything is durable */
	JOURNAL_MEMORY_TORN_TAIL,  /* commit returns a fault; the first torn_records appended since the last commit are durable */
};

/* The commit numbered at_commit (the next one is 1) goes wrong. Replaces an earlier script. */
void journal_memory_script(struct journal *journal, int64_t at_commit, enum journal_memory_fault fault, int64_t torn_records);
/* What room answers from now on as free. */
void journal_memory_set_free(struct journal *journal, int64_t free_bytes);
/* A restart: takes the journal, forgets what is not durable and every fault, and gives one with what is. */
struct journal *journal_memory_reopen(struct journal *journal);

#endif
