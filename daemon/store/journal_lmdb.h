/* The journal in LMDB, its inside: journal_lmdb.c writes and reads, journal_lmdb_open.c opens and looks at what is there. Internal to store. */
#ifndef REEVE_STORE_JOURNAL_LMDB_H
#define REEVE_STORE_JOURNAL_LMDB_H

#include "store/journal.h"
#include "store/lmdb_file.h"

#define JOURNAL_TABLES 4
#define JOURNAL_FAULT (-1)

struct journal_lmdb {
	struct journal base;
	struct lmdb_file file;
	MDB_dbi records, rows, meta, kept;
	MDB_txn *write;  /* NULL: nothing since the last commit */
	MDB_txn *reader; /* reset while nobody reads */
	int reading;     /* read_begin may be nested */
	bool failed, readonly;
	bool has_rows; /* the private table is open */
	bool has_kept; /* so is the one of kept records: a journal that was never pruned need not have it */
	int64_t pending_seq;
	unsigned char pending_hash[JOURNAL_HASH_BYTES];
	int64_t pending_first; /* oldest record of the sequence when what is under way is committed */
	unsigned char pending_base[JOURNAL_HASH_BYTES];
	struct buf scratch;
};

/* Meta row "pruned": what went last, as the machine has it. */
struct journal_pruned {
	int64_t seq;
	unsigned char hash[JOURNAL_HASH_BYTES];
};

extern const struct journal_ops journal_lmdb_ops;

struct journal_lmdb *journal_lmdb_of(struct journal *journal);
/* Remembers the first fault and gives up what was not committed. Returns JOURNAL_FAULT. */
int journal_lmdb_fail(struct journal_lmdb *self, const char *what, int code);

/* A private row without what it is stored with. False: it does not match its seal. */
bool journal_lmdb_row_whole(struct span key, struct span stored, struct span *ret_row);

#endif
