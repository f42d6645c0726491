/* The journal: the truth, append-only. This header is the seam: LMDB in production, memory with scripted faults in the
 * simulator, a replicated one later. Nothing above may assume which one it is.
 *
 * A record is bytes under a sequence number, from 1 without gaps. Each is stored with hash = BLAKE2b-256(previous hash, sequence number as
 * 8 bytes big-endian, bytes); the first one's previous hash is 32 zero bytes. The private table holds one row per
 * number (a case), outside of the chain, in the same transaction. One writer: the loop.
 *
 * The oldest records can be pruned, one after the other, when they are safe elsewhere (segment.h). The chain goes on from the hash of the last one
 * that went (base_hash). Some that are still needed can be kept: they stay readable under their number, outside of the sequence. */
#ifndef REEVE_STORE_JOURNAL_H
#define REEVE_STORE_JOURNAL_H

#include "base/span.h"

#define JOURNAL_HASH_BYTES 32

struct journal;

/* A record's bytes and hash; they live during the call. False: enough. */
typedef bool journal_each(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES]);

/* Somebody in the middle of reading, who sees the state of some commits ago. */
struct journal_reader {
	int64_t pid;
	int64_t state;   /* number of the commit that it sees */
	int64_t behind;  /* commits since */
};

struct journal_ops {
	/* Adds a record to the transaction under way; seq must be the last one plus 1. */
	int (*append)(struct journal *journal, int64_t seq, struct span record);
	/* private_get also answers JOURNAL_DAMAGED. Stores, or with an empty row destroys, a private row in the transaction under way. */
	int (*private_put)(struct journal *journal, int64_t number, struct span row);
	/* 0: everything since the last commit is durable. Otherwise nothing may be acknowledged and the process must end. */
	int (*commit)(struct journal *journal);
	/* Takes the oldest record out, in the transaction under way; seq must be the one that is the oldest by then, and not the last of all. keep: it
	 * stays readable. */
	int (*prune)(struct journal *journal, int64_t seq, bool keep);
	/* Takes a kept record out, in the transaction under way; one that is not there is fine. */
	int (*unkeep)(struct journal *journal, int64_t seq);
	/* Reads. Spans live until read_end; committed records only. read and private_get: 0, JOURNAL_MISSING, or a fault. */
	int (*read_begin)(struct journal *journal);
	int (*read)(struct journal *journal, int64_t seq, struct span *ret_record, unsigned char ret_hash[JOURNAL_HASH_BYTES]);
	/* Of the kept ones only: 0, JOURNAL_MISSING, or JOURNAL_DAMAGED. */
	int (*kept_read)(struct journal *journal, int64_t seq, struct span *ret_record);
	/* The first kept one at or behind `from`: 0, or JOURNAL_MISSING. */
	int (*kept_next)(struct journal *journal, int64_t from, int64_t *ret_seq);
	int (*private_get)(struct journal *journal, int64_t number, struct span *ret_row);
	void (*read_end)(struct journal *journal);
	/* Bytes in use and bytes there is room for (map and file system, whichever is tighter). */
	int (*room)(struct journal *journal, int64_t *ret_used, int64_t *ret_free);
	void (*close)(struct journal *journal);
	/* Writes a compact image of what is committed to a file that is empty yet; from any thread, while the writer goes on. 0, or a fault of
	 * the copy (not of the journal) with one line in error. NULL: this kind of journal has no such file. */
	int (*copy)(struct journal *journal, int descriptor, char *error, size_t error_size);
	/* Reads committed records of the sequence in order for a thread that is not the writer's, a few at a time, so that no old page is held up, until
	 * each says no. 0; or JOURNAL_MISSING or a fault, of the reading only. NULL: only the writer's thread can read this kind of journal. */
	int (*scan)(struct journal *journal, int64_t from, int64_t to, journal_each *each, void *context);
	/* Who reads an old state of the file and thereby holds its free pages up: the worst one. False: nobody that would matter. May be NULL. */
	bool (*slowest_reader)(struct journal *journal, struct journal_reader *ret_reader);
	/* Ends that reader's process, which loses nothing by it. 0; or errno: ESRCH when it is not that reader any more, is ours, or cannot be seen from here. */
	int (*end_reader)(struct journal *journal, const struct journal_reader *reader);
};

struct journal {
	const struct journal_ops *ops;
	int64_t first_seq; /* oldest record of the sequence; 1 until pruned */
	unsigned char base_hash[JOURNAL_HASH_BYTES]; /* of the record before it; zeros until pruned */
	int64_t last_seq;  /* last committed record, 0 when empty */
	unsigned char last_hash[JOURNAL_HASH_BYTES];
	char error[256];   /* the first fault in words, with the remedy */
	int64_t damaged_rows, damaged_row; /* private rows that did not match their seal at opening, and the first one's number */
	bool gone;         /* its file was deleted or another one put in its place while it is open: only this process has it; looked at with `room` */
	bool damaged;      /* that fault is a page or a record that does not hold what was written */
	bool full;         /* that fault is a lack of room: opened again, the journal is as it was after the last commit */
};

/* Positive: an answer. Negative: a fault; journal->error says what. */
#define JOURNAL_MISSING 1
#define JOURNAL_DAMAGED 2 /* the record's hash does not match */

/* Opens or creates DIR/journal.mdb (LMDB without subdirectory). map_bytes: the most it can ever hold (sparse). NULL with one line in error. */
struct journal *journal_lmdb_open(const char *directory, int64_t map_bytes, char *error, size_t error_size);
/* Opens an existing DIR/journal.mdb to read what is committed in it, also while a daemon is appending to it: nothing of it is changed,
 * the private table is not opened, and every write is refused. NULL with one line in error. */
struct journal *journal_lmdb_open_readonly(const char *directory, char *error, size_t error_size);
/* The same for a copy that no daemon writes to, such as a backup; with its private table. */
struct journal *journal_lmdb_open_backup(const char *directory, char *error, size_t error_size);
/* Reads every private row. 0 and how many, or a fault. */
int journal_lmdb_private_count(struct journal *journal, int64_t *ret_rows);
/* In memory, for tests and the simulator. */
struct journal *journal_memory_open(void);

/* hash = BLAKE2b-256(previous, seq, record). */
void journal_chain(const unsigned char previous[JOURNAL_HASH_BYTES], int64_t seq, struct span record, unsigned char ret_hash[JOURNAL_HASH_BYTES]);
/* Checks records from..to, as far as they are in the sequence, against the chain. 0; JOURNAL_DAMAGED or JOURNAL_MISSING with *ret_bad the first bad number; negative: a fault. */
int journal_verify(struct journal *journal, int64_t from, int64_t to, int64_t *ret_bad);

#endif
