/* The oracles' inside: check.c, and check_segments.c for what was pruned. */
#ifndef REEVE_TESTS_CHECK_INSIDE_H
#define REEVE_TESTS_CHECK_INSIDE_H

#include "tests/storage/check.h"

#define ROWS_MOST 512
#define CASES_MOST 1024

struct moment {
	int64_t seq;
	uint64_t rows[ROWS_MOST]; /* by number; 0: none */
	unsigned char digest[32];
	uint64_t archive;
};

struct stored {
	char *bytes;
	size_t len;
	unsigned char hash[JOURNAL_HASH_BYTES];
};

struct reference {
	const struct workload *workload;
	int64_t last;
	struct stored *records; /* [seq - 1] */
	struct moment *moments;
	size_t moment_count, moment_room;
	struct settings settings;
	struct { int index; int64_t number, seq; } cases[CASES_MOST]; /* of the engine's workload */
	size_t case_count;
};

struct looking {
	const struct reference *reference;
	const char *folder;
	char state[WORKLOAD_PATH_MOST]; /* where journal and archive are */
	const struct progress *progress;
	struct verdict *verdict;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;
	int lock;
};

/* Says what does not hold; false. */
bool wrong(struct looking *looking, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool record_is(const struct reference *reference, int64_t seq, struct span bytes, const unsigned char *hash);

/* check_segments.c */
/* Every record below the journal's first is in a segment, and those that were kept can be read. */
bool segments_hold(struct looking *looking, struct journal *journal);
/* Pruning goes on where it stopped. */
bool pruning_goes_on(struct looking *looking);
/* Reads the pruned records of the finished run. */
bool segments_into(struct reference *reference, struct journal *journal, const char *state, char *error, size_t error_size);

#endif
