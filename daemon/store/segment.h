/* Segments: what was pruned from a journal, as portable streams (docs/JOURNAL-FORMAT.md) in DIR/segments, one after the other from record 1 up to the
 * journal's first. A segment is written, read back and has its name before the first of its records leaves the journal, and is never changed. */
#ifndef REEVE_STORE_SEGMENT_H
#define REEVE_STORE_SEGMENT_H

#include "store/journal.h"

#define SEGMENT_NAME_BYTES 72

struct segment {
	int64_t from, to;
	int64_t bytes;
	unsigned char base_hash[JOURNAL_HASH_BYTES]; /* of record from - 1 */
	char name[SEGMENT_NAME_BYTES];               /* FROM-TO-HASH.rjs: the first bytes of the last record's hash */
};

/* In order, each continuing the one before it; the last one may reach beyond the journal's first record, when pruning stopped on the way. */
struct segments {
	char *directory; /* DIR/segments */
	struct segment *rows;
	size_t count;
	int64_t bytes;
	int64_t lacks_to; /* records up to this number are in no segment that was found; 0: all are there */
	char lack[320];   /* then: which file is wanted, and the remedy */
};

/* Removes what an interrupted writing left, and a segment of which nothing was pruned yet. For a start: nobody may be writing one. */
void segments_clean(const char *state_directory, struct journal *journal);
/* Finds the segments of a journal: those whose chain leads to its first record, whatever else lies there. Reads no more than the beginning of each. */
void segments_find(struct segments *segments, const char *state_directory, struct journal *journal);
/* One was finished: it continues the last one. */
void segments_add(struct segments *segments, const struct segment *segment);
/* The one that holds a record; NULL: none that was found. */
const struct segment *segments_with(const struct segments *segments, int64_t seq);
void segments_free(struct segments *segments);
/* Into DIR/segments, each read again there. False of go_on ends it early. 0, or -1 with one line in error. */
typedef bool segments_go_on(void *context);
int segments_copy(const struct segments *segments, const char *directory, segments_go_on *go_on, void *context, char *error, size_t error_size);
/* Reads one from a record on, and all of it is checked against checksum and chain, what comes before `from` as well. Up to the
 * fault, everything handed out is good. 0, also when each says no; or -1 with one line in error. */
int segment_read(const char *directory, const struct segment *segment, int64_t from, journal_each *each, void *context, char *error, size_t error_size);

/* ---- writing one ---- */

struct segment_job;

struct segment_job_state {
	bool over, failed;
	int64_t written, verified; /* records */
	struct segment segment;    /* over and not failed */
	unsigned char last_hash[JOURNAL_HASH_BYTES];
	char error[512];
};

/* Begins to write records first_seq to `to`, which are committed, in a thread of its own (a journal that only its writer can read: at once). The journal must
 * stay open and unpruned until the job is over. NULL with one line in error. */
struct segment_job *segment_job_start(struct journal *journal, const char *state_directory, int64_t to, char *error, size_t error_size);
void segment_job_poll(struct segment_job *job, struct segment_job_state *ret_state);
/* Gives up one that is not over, and frees it. Takes NULL. */
void segment_job_end(struct segment_job *job);

#endif
