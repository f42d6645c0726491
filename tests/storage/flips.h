/* One damaged copy of a store, opened as the daemon opens it, in a process of its own. */
#ifndef REEVE_TESTS_STORAGE_FLIPS_H
#define REEVE_TESTS_STORAGE_FLIPS_H

#include "base/span.h"

enum outcome {
	OUTCOME_SAME,      /* everything is there, as it was */
	OUTCOME_REBUILT,   /* the same, after the archive was begun anew */
	OUTCOME_REFUSED,   /* not opened, in words */
	OUTCOME_FOUND,     /* opened, and the check of the chain named a record */
	OUTCOME_ENDED,     /* the process ended itself with the store's exit code and a line */
	OUTCOME_DIFFERENT, /* opened, and something is not as it was: a violation */
	OUTCOME_DIED,      /* a signal, or an exit without words: a violation */
	OUTCOME_COUNT,
};

/* What a store holds, whole. */
struct content {
	int64_t last_seq;
	unsigned char chain[32];   /* of the last record */
	unsigned char state[32];   /* the engine's digest */
	unsigned char archive[32]; /* every row of every table */
	unsigned char private[32]; /* callers' rows */
};

struct result {
	enum outcome outcome;
	int64_t named; /* the record that was named, 0: none */
	bool rebuilt;
	int64_t rows;  /* callers' rows that were found to be damaged */
	struct content content;
	char words[600];
};

enum way {
	WAY_START,  /* as reeved starts */
	WAY_VERIFY, /* the journal alone, damaged after it was opened, as `reeve journal verify` finds it */
	WAY_DIE,    /* for proving that the machine sees it: a signal */
};

/* A change to the journal's file after it was opened (WAY_VERIFY). */
struct late_flip {
	int64_t offset;
	int bit;
};

/* Opens DIR in a child and compares with `wanted` (NULL: only look). */
void store_try(const char *directory, enum way way, struct late_flip flip, const struct content *wanted, struct result *ret_result);

#endif
