/* The journal in LMDB: DIR/journal.mdb with the tables journal (seq -> hash and record), private (number -> row), kept (seq -> previous
 * hash, hash and record of one that was pruned and is still needed) and meta (format, what was pruned last). Owns the one write transaction and the one read transaction; never knows what a record says, and never syncs less
 * than LMDB's default.
 *
 * Invariants: a write transaction exists only between the first append or private_put and commit; after the first fault
 * nothing is written any more and every call returns it; last_seq and last_hash are those of the last commit that LMDB
 * confirmed, first_seq and base_hash too. Records are only appended (MDB_APPEND) and taken away from the front, so that a commit writes
 * neighbouring pages. */
#include "store/journal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <sodium.h>

#include "store/journal_lmdb.h"
#include "store/lmdb_readers.h"
#include "store/seal.h"

#define FAULT JOURNAL_FAULT
#define FORMAT_PRUNED 2
#define SCAN_PIECE 1024 /* records for which a reading thread keeps one state of the file */


struct journal_lmdb *journal_lmdb_of(struct journal *journal)
{
	return (struct journal_lmdb *)journal;
}

static struct journal_lmdb *lmdb_of(struct journal *journal)
{
	return journal_lmdb_of(journal);
}

static MDB_val key_of(uint64_t *number)
{
	return (MDB_val){sizeof *number, number};
}

#define NO_ROOM_BYTES (INT64_C(1) << 20)

/* LMDB calls a write that was cut short by a full disk an input/output error. */
static int code_settle(const struct journal_lmdb *self, int code)
{
	struct statvfs disk;

	if (code == MDB_BAD_TXN) /* an earlier call met a page that is none, and LMDB says so only now: after any other fault there is no later call */
		return MDB_CORRUPTED;
	if (code != EIO || statvfs(self->file.path, &disk) != 0)
		return code;
	return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize < NO_ROOM_BYTES ? ENOSPC : code;
}

int journal_lmdb_fail(struct journal_lmdb *self, const char *what, int code)
{
	code = code_settle(self, code);
	if (!self->failed) {
		self->base.full = code == ENOSPC || code == EDQUOT || code == EFBIG || code == MDB_MAP_FULL;
		self->base.damaged = lmdb_code_is_damage(code);
		lmdb_file_explain(&self->file, what, code, self->base.error, sizeof self->base.error);
	}
	self->failed = true;
	if (self->write)
		mdb_txn_abort(self->write);
	self->write = NULL;
	return FAULT;
}

static int fail(struct journal_lmdb *self, const char *what, int code)
{
	return journal_lmdb_fail(self, what, code);
}

static int write_begin(struct journal_lmdb *self)
{
	if (self->failed)
		return FAULT;
	if (self->readonly)
		return fail(self, "it was opened for reading only", EACCES);
	if (self->write)
		return 0;
	int code = mdb_txn_begin(self->file.env, NULL, 0, &self->write);
	if (code) {
		self->write = NULL;
		return fail(self, "cannot begin to write", code);
	}
	self->pending_seq = self->base.last_seq;
	memcpy(self->pending_hash, self->base.last_hash, JOURNAL_HASH_BYTES);
	self->pending_first = self->base.first_seq;
	memcpy(self->pending_base, self->base.base_hash, JOURNAL_HASH_BYTES);
	return 0;
}

static int refuse_gap(struct journal_lmdb *self, int64_t seq)
{
	if (!self->failed)
		snprintf(self->base.error, sizeof self->base.error, "journal: record %" PRId64 " does not follow %" PRId64 "; this is a bug, please report it",
			seq, self->pending_seq);
	self->failed = true;
	return fail(self, "gap", EINVAL);
}

static int lmdb_append(struct journal *journal, int64_t seq, struct span record)
{
	struct journal_lmdb *self = lmdb_of(journal);
	uint64_t number = (uint64_t)seq;
	MDB_val key = key_of(&number), value = {JOURNAL_HASH_BYTES + record.len, NULL};

	if (write_begin(self))
		return FAULT;
	if (seq != self->pending_seq + 1)
		return refuse_gap(self, seq);
	int code = mdb_put(self->write, self->records, &key, &value, MDB_APPEND | MDB_RESERVE);
	if (code)
		return fail(self, "cannot append", code);
	journal_chain(self->pending_hash, seq, record, self->pending_hash);
	memcpy(value.mv_data, self->pending_hash, JOURNAL_HASH_BYTES);
	if (record.len)
		memcpy((char *)value.mv_data + JOURNAL_HASH_BYTES, record.data, record.len);
	self->pending_seq = seq;
	return 0;
}

/* Rows are outside of the chain, so each has a seal: the mark, the row's seal, the row. What is written without the mark is older than seals; a row
 * never begins with it (msgpack has no such byte). */
#define SEALED '\xc1'

static int row_store(struct journal_lmdb *self, MDB_val key, struct span row)
{
	uint32_t seal = row_seal(SEAL_PRIVATE, (struct span){key.mv_data, key.mv_size}, row);
	MDB_val value = {1 + row.len + sizeof seal, NULL};
	int code = mdb_put(self->write, self->rows, &key, &value, MDB_RESERVE);

	if (code)
		return code;
	char *at = value.mv_data;
	at[0] = SEALED;
	memcpy(at + 1, row.data, row.len);
	memcpy(at + 1 + row.len, &seal, sizeof seal);
	return 0;
}

bool journal_lmdb_row_whole(struct span key, struct span stored, struct span *ret_row)
{
	*ret_row = stored;
	if (!stored.len || stored.data[0] != SEALED)
		return true;
	return row_unseal(SEAL_PRIVATE, key, (struct span){stored.data + 1, stored.len - 1}, ret_row);
}

static int lmdb_private_put(struct journal *journal, int64_t number, struct span row)
{
	struct journal_lmdb *self = lmdb_of(journal);
	uint64_t wide = (uint64_t)number;
	MDB_val key = key_of(&wide);

	if (write_begin(self))
		return FAULT;
	int code = row.len ? row_store(self, key, row) : mdb_del(self->write, self->rows, &key, NULL);
	return code && code != MDB_NOTFOUND ? fail(self, "cannot write a private row", code) : 0;
}

/* A kept record stands behind the hash it builds on and its own, so that it can be checked alone. */
static int record_keep(struct journal_lmdb *self, uint64_t number, MDB_val value)
{
	MDB_val key = key_of(&number);

	buf_clear(&self->scratch); /* what LMDB lends ends with the next change */
	buf_add(&self->scratch, self->pending_base, JOURNAL_HASH_BYTES);
	buf_add(&self->scratch, value.mv_data, value.mv_size);
	value = (MDB_val){self->scratch.len, self->scratch.data};
	return mdb_put(self->write, self->kept, &key, &value, 0);
}

static int refuse_prune(struct journal_lmdb *self, int64_t seq)
{
	if (!self->failed)
		snprintf(self->base.error, sizeof self->base.error, "journal: record %" PRId64 " is not the oldest of several, which is %" PRId64
			"; this is a bug, please report it", seq, self->pending_first);
	self->failed = true;
	return fail(self, "prune", EINVAL);
}

static int lmdb_prune(struct journal *journal, int64_t seq, bool keep)
{
	struct journal_lmdb *self = lmdb_of(journal);
	unsigned char hash[JOURNAL_HASH_BYTES];
	uint64_t number = (uint64_t)seq;
	MDB_val key = key_of(&number), value;

	if (write_begin(self))
		return FAULT;
	if (seq != self->pending_first || seq >= self->pending_seq)
		return refuse_prune(self, seq);
	int code = mdb_get(self->write, self->records, &key, &value);
	if (!code && value.mv_size < JOURNAL_HASH_BYTES)
		code = MDB_CORRUPTED;
	if (!code) {
		memcpy(hash, value.mv_data, JOURNAL_HASH_BYTES);
		code = keep ? record_keep(self, number, value) : 0;
	}
	if (!code)
		code = mdb_del(self->write, self->records, &key, NULL);
	if (code)
		return fail(self, "cannot prune", code);
	self->pending_first = seq + 1;
	memcpy(self->pending_base, hash, JOURNAL_HASH_BYTES);
	return 0;
}

static int lmdb_unkeep(struct journal *journal, int64_t seq)
{
	struct journal_lmdb *self = lmdb_of(journal);
	uint64_t number = (uint64_t)seq;
	MDB_val key = key_of(&number);

	if (write_begin(self))
		return FAULT;
	int code = mdb_del(self->write, self->kept, &key, NULL);
	return code && code != MDB_NOTFOUND ? fail(self, "cannot take out a kept record", code) : 0;
}

/* Where the sequence begins. A program that does not know of pruning must not take this journal for one that lost records. */
static int pruned_write(struct journal_lmdb *self)
{
	struct journal_pruned pruned = {.seq = self->pending_first - 1};
	uint32_t format = FORMAT_PRUNED;
	MDB_val key = {6, (void *)"pruned"}, value = {sizeof pruned, &pruned};

	if (self->pending_first == self->base.first_seq)
		return 0;
	memcpy(pruned.hash, self->pending_base, JOURNAL_HASH_BYTES);
	int code = mdb_put(self->write, self->meta, &key, &value, 0);
	key = (MDB_val){6, (void *)"format"};
	value = (MDB_val){sizeof format, &format};
	return code ? code : mdb_put(self->write, self->meta, &key, &value, 0);
}

static int lmdb_commit(struct journal *journal)
{
	struct journal_lmdb *self = lmdb_of(journal);

	if (self->failed)
		return FAULT;
	if (!self->write)
		return 0;
	int code = pruned_write(self);
	if (code)
		return fail(self, "cannot write where it begins", code);
	code = lmdb_file_commit(&self->file, self->write);
	self->write = NULL; /* also after a failed commit */
	if (code)
		return fail(self, "cannot commit", code);
	self->base.first_seq = self->pending_first;
	memcpy(self->base.base_hash, self->pending_base, JOURNAL_HASH_BYTES);
	self->base.last_seq = self->pending_seq;
	memcpy(self->base.last_hash, self->pending_hash, JOURNAL_HASH_BYTES);
	return 0;
}

static int lmdb_read_begin(struct journal *journal)
{
	struct journal_lmdb *self = lmdb_of(journal);

	if (self->reading++)
		return 0;
	int code = self->reader ? mdb_txn_renew(self->reader) : mdb_txn_begin(self->file.env, NULL, MDB_RDONLY, &self->reader);
	if (!code)
		return 0;
	self->reading = 0;
	return fail(self, "cannot begin to read", code);
}

static void lmdb_read_end(struct journal *journal)
{
	struct journal_lmdb *self = lmdb_of(journal);

	assert(self->reading > 0);
	if (--self->reading == 0)
		mdb_txn_reset(self->reader);
}

static int table_get(struct journal_lmdb *self, MDB_dbi table, int64_t number, struct span *ret_value)
{
	uint64_t wide = (uint64_t)number;
	MDB_val key = key_of(&wide), value;

	assert(self->reading > 0);
	int code = mdb_get(self->reader, table, &key, &value);
	if (code == MDB_NOTFOUND)
		return JOURNAL_MISSING;
	if (code)
		return fail(self, "cannot read", code);
	*ret_value = (struct span){value.mv_data, value.mv_size};
	return 0;
}

static int kept_get(struct journal_lmdb *self, int64_t seq, struct span *ret_record, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct span value;
	int result = self->has_kept ? table_get(self, self->kept, seq, &value) : JOURNAL_MISSING;

	if (result)
		return result;
	if (value.len < 2 * JOURNAL_HASH_BYTES)
		return JOURNAL_DAMAGED;
	*ret_record = (struct span){value.data + 2 * JOURNAL_HASH_BYTES, value.len - 2 * JOURNAL_HASH_BYTES};
	journal_chain((const unsigned char *)value.data, seq, *ret_record, hash);
	if (memcmp(hash, value.data + JOURNAL_HASH_BYTES, JOURNAL_HASH_BYTES) != 0)
		return JOURNAL_DAMAGED;
	if (ret_hash)
		memcpy(ret_hash, hash, JOURNAL_HASH_BYTES);
	return 0;
}

static int lmdb_kept_read(struct journal *journal, int64_t seq, struct span *ret_record)
{
	return kept_get(lmdb_of(journal), seq, ret_record, NULL);
}

static int lmdb_kept_next(struct journal *journal, int64_t from, int64_t *ret_seq)
{
	struct journal_lmdb *self = lmdb_of(journal);
	uint64_t number = from > 0 ? (uint64_t)from : 0;
	MDB_val key = key_of(&number), value;
	MDB_cursor *cursor;

	assert(self->reading > 0);
	if (!self->has_kept)
		return JOURNAL_MISSING;
	int code = mdb_cursor_open(self->reader, self->kept, &cursor);
	if (code)
		return fail(self, "cannot read", code);
	code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	if (!code)
		memcpy(&number, key.mv_data, sizeof number);
	mdb_cursor_close(cursor);
	if (code == MDB_NOTFOUND)
		return JOURNAL_MISSING;
	if (code)
		return fail(self, "cannot read", code);
	*ret_seq = (int64_t)number;
	return 0;
}

/* A record as it lies in the file. */
static int record_of(MDB_val value, struct span *ret_record, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	if (value.mv_size < JOURNAL_HASH_BYTES)
		return JOURNAL_DAMAGED;
	memcpy(ret_hash, value.mv_data, JOURNAL_HASH_BYTES);
	*ret_record = (struct span){(char *)value.mv_data + JOURNAL_HASH_BYTES, value.mv_size - JOURNAL_HASH_BYTES};
	return 0;
}

/* A few records by one cursor; *ret_next: where to go on, 0: enough. */
static int scan_piece(struct journal_lmdb *self, MDB_txn *txn, int64_t from, int64_t to, journal_each *each, void *context, int64_t *ret_next)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	uint64_t number = (uint64_t)from, found;
	MDB_val key = key_of(&number), value;
	MDB_cursor *cursor;
	struct span record;
	int code = mdb_cursor_open(txn, self->records, &cursor), result = 0;

	*ret_next = from;
	if (code)
		return FAULT;
	code = mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY);
	for (int done = 0; !code && !result && done < SCAN_PIECE && *ret_next <= to; done++) {
		memcpy(&found, key.mv_data, sizeof found);
		if ((int64_t)found != *ret_next)
			break;
		result = record_of(value, &record, hash);
		if (!result && !each(context, *ret_next, record, hash))
			*ret_next = -1;
		++*ret_next;
		if (*ret_next == 0)
			break;
		code = *ret_next <= to ? mdb_cursor_get(cursor, &key, &value, MDB_NEXT) : 0;
	}
	mdb_cursor_close(cursor);
	if (code && code != MDB_NOTFOUND)
		return FAULT;
	return result ? result : *ret_next == from ? JOURNAL_MISSING : 0;
}

static int lmdb_scan(struct journal *journal, int64_t from, int64_t to, journal_each *each, void *context)
{
	struct journal_lmdb *self = lmdb_of(journal);
	MDB_txn *txn;
	int result = 0;

	if (mdb_txn_begin(self->file.env, NULL, MDB_RDONLY, &txn))
		return FAULT;
	while (!result && from && from <= to) {
		result = scan_piece(self, txn, from, to, each, context, &from);
		mdb_txn_reset(txn);
		if (!result && from && from <= to && mdb_txn_renew(txn))
			result = FAULT;
	}
	mdb_txn_abort(txn);
	return result;
}

static int lmdb_read(struct journal *journal, int64_t seq, struct span *ret_record, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	struct span value;

	if (seq < journal->first_seq)
		return kept_get(lmdb_of(journal), seq, ret_record, ret_hash);
	int result = table_get(lmdb_of(journal), lmdb_of(journal)->records, seq, &value);

	if (result)
		return result;
	if (value.len < JOURNAL_HASH_BYTES)
		return JOURNAL_DAMAGED;
	if (ret_hash)
		memcpy(ret_hash, value.data, JOURNAL_HASH_BYTES);
	*ret_record = (struct span){value.data + JOURNAL_HASH_BYTES, value.len - JOURNAL_HASH_BYTES};
	return 0;
}

static int lmdb_private_get(struct journal *journal, int64_t number, struct span *ret_row)
{
	struct span stored;

	if (!lmdb_of(journal)->has_rows)
		return JOURNAL_MISSING;
	int result = table_get(lmdb_of(journal), lmdb_of(journal)->rows, number, &stored);
	if (result)
		return result;
	return journal_lmdb_row_whole((struct span){(const char *)&number, sizeof number}, stored, ret_row) ? 0 : JOURNAL_DAMAGED;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Somebody took the file away: what is written from now on is in no directory. */
static bool file_gone(const struct journal_lmdb *self)
{
	struct stat open_file, named;
	mdb_filehandle_t descriptor;

	return mdb_env_get_fd(self->file.env, &descriptor) == 0 && fstat(descriptor, &open_file) == 0 &&
		((stat(self->file.path, &named) != 0 && errno == ENOENT) || named.st_ino != open_file.st_ino || named.st_dev != open_file.st_dev);
}

static int lmdb_room(struct journal *journal, int64_t *ret_used, int64_t *ret_free)
{
	struct journal_lmdb *self = lmdb_of(journal);
	const MDB_dbi tables[] = {self->records, self->rows, self->meta, self->kept};
	struct statvfs disk;
	MDB_envinfo info;

	if (lmdb_read_begin(journal))
		return FAULT;
	int64_t used = lmdb_file_used(&self->file, self->reader, tables, self->has_kept ? 4 : 3);
	lmdb_read_end(journal);
	mdb_env_info(self->file.env, &info);
	journal->gone = file_gone(self);
	if (journal->gone) {
		*ret_used = used;
		*ret_free = 0;
		return 0;
	}
	if (statvfs(self->file.path, &disk) != 0)
		return fail(self, "cannot ask the file system for its room", errno);
	int64_t left = smaller((int64_t)info.me_mapsize - used, (int64_t)disk.f_bavail * (int64_t)disk.f_frsize);
	*ret_used = used;
	*ret_free = left > 0 ? left : 0;
	return 0;
}

static void lmdb_close(struct journal *journal)
{
	struct journal_lmdb *self = lmdb_of(journal);

	if (self->write)
		mdb_txn_abort(self->write);
	if (self->reader)
		mdb_txn_abort(self->reader);
	lmdb_file_close(&self->file);
	buf_free(&self->scratch);
	free(self);
}

static int lmdb_copy(struct journal *journal, int descriptor, char *error, size_t error_size)
{
	struct journal_lmdb *self = lmdb_of(journal);
	int code = mdb_env_copyfd2(self->file.env, descriptor, MDB_CP_COMPACT);

	if (code)
		snprintf(error, error_size, "the journal cannot be copied: %s; %s", mdb_strerror(code),
			code == ENOSPC || code == EDQUOT || code == EFBIG ? "free space on the file system of the copy" : "look at the disk of the copy");
	return code ? FAULT : 0;
}

static bool lmdb_slowest(struct journal *journal, struct journal_reader *ret_reader)
{
	return lmdb_slowest_reader(&lmdb_of(journal)->file, ret_reader);
}

static int lmdb_end_reader(struct journal *journal, const struct journal_reader *reader)
{
	return lmdb_reader_end(&lmdb_of(journal)->file, reader);
}

const struct journal_ops journal_lmdb_ops = {
	.append = lmdb_append,
	.private_put = lmdb_private_put,
	.prune = lmdb_prune,
	.unkeep = lmdb_unkeep,
	.commit = lmdb_commit,
	.read_begin = lmdb_read_begin,
	.read = lmdb_read,
	.kept_read = lmdb_kept_read,
	.kept_next = lmdb_kept_next,
	.private_get = lmdb_private_get,
	.read_end = lmdb_read_end,
	.room = lmdb_room,
	.close = lmdb_close,
	.copy = lmdb_copy,
	.scan = lmdb_scan,
	.slowest_reader = lmdb_slowest,
	.end_reader = lmdb_end_reader,
};
