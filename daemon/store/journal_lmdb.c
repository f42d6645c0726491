/* The journal in LMDB: DIR/journal.mdb with the tables journal (seq -> hash and record), private (number -> row) and meta
 * (format). Owns the one write transaction and the one read transaction; never knows what a record says, and never syncs less
 * than LMDB's default.
 *
 * Invariants: a write transaction exists only between the first append or private_put and commit; after the first fault
 * nothing is written any more and every call returns it; last_seq and last_hash are those of the last commit that LMDB
 * confirmed. Records are only appended (MDB_APPEND), so that a commit writes neighbouring pages. */
#include "store/journal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include <sodium.h>

#include "store/lmdb_file.h"

#define FORMAT 1
#define FAULT (-1)
#define TABLES 3

struct journal_lmdb {
	struct journal base;
	struct lmdb_file file;
	MDB_dbi records, rows, meta;
	MDB_txn *write;  /* NULL: nothing since the last commit */
	MDB_txn *reader; /* reset while nobody reads */
	int reading;     /* read_begin may be nested */
	bool failed, readonly;
	bool has_rows; /* the private table is open */
	int64_t pending_seq;
	unsigned char pending_hash[JOURNAL_HASH_BYTES];
};

static struct journal_lmdb *lmdb_of(struct journal *journal)
{
	return (struct journal_lmdb *)journal;
}

static MDB_val key_of(uint64_t *number)
{
	return (MDB_val){sizeof *number, number};
}

/* Remembers the first fault and gives up what was not committed. */
static int fail(struct journal_lmdb *self, const char *what, int code)
{
	if (!self->failed)
		lmdb_file_explain(&self->file, what, code, self->base.error, sizeof self->base.error);
	self->failed = true;
	if (self->write)
		mdb_txn_abort(self->write);
	self->write = NULL;
	return FAULT;
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

static int lmdb_private_put(struct journal *journal, int64_t number, struct span row)
{
	struct journal_lmdb *self = lmdb_of(journal);
	uint64_t wide = (uint64_t)number;
	MDB_val key = key_of(&wide), value = {row.len, (void *)row.data};

	if (write_begin(self))
		return FAULT;
	int code = row.len ? mdb_put(self->write, self->rows, &key, &value, 0) : mdb_del(self->write, self->rows, &key, NULL);
	return code && code != MDB_NOTFOUND ? fail(self, "cannot write a private row", code) : 0;
}

static int lmdb_commit(struct journal *journal)
{
	struct journal_lmdb *self = lmdb_of(journal);

	if (self->failed)
		return FAULT;
	if (!self->write)
		return 0;
	int code = mdb_txn_commit(self->write);
	self->write = NULL; /* also after a failed commit */
	if (code)
		return fail(self, "cannot commit", code);
	lmdb_file_complete(&self->file);
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

static int lmdb_read(struct journal *journal, int64_t seq, struct span *ret_record, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	struct span value;
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
	if (!lmdb_of(journal)->has_rows)
		return JOURNAL_MISSING;
	return table_get(lmdb_of(journal), lmdb_of(journal)->rows, number, ret_row);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int lmdb_room(struct journal *journal, int64_t *ret_used, int64_t *ret_free)
{
	struct journal_lmdb *self = lmdb_of(journal);
	const MDB_dbi tables[] = {self->records, self->rows, self->meta};
	struct statvfs disk;
	MDB_envinfo info;

	if (lmdb_read_begin(journal))
		return FAULT;
	int64_t used = lmdb_file_used(&self->file, self->reader, tables, TABLES);
	lmdb_read_end(journal);
	mdb_env_info(self->file.env, &info);
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

static const struct journal_ops lmdb_ops = {
	.append = lmdb_append,
	.private_put = lmdb_private_put,
	.commit = lmdb_commit,
	.read_begin = lmdb_read_begin,
	.read = lmdb_read,
	.private_get = lmdb_private_get,
	.read_end = lmdb_read_end,
	.room = lmdb_room,
	.close = lmdb_close,
	.copy = lmdb_copy,
};

/* What open finds wrong with the content; the caller closes. */
static int say_damage(struct journal_lmdb *self, int64_t seq, const char *how)
{
	snprintf(self->base.error, sizeof self->base.error, "journal: record %" PRId64 " %s; %s (%s)", seq, how, self->file.remedy, self->file.path);
	self->failed = true;
	return FAULT;
}

/* A new file gets our format; a newer one is left alone. */
static int format_settle(struct journal_lmdb *self)
{
	uint32_t format = FORMAT;
	MDB_val key = {6, (void *)"format"}, value;
	int code = mdb_get(self->write, self->meta, &key, &value);

	if (code == MDB_NOTFOUND) {
		value = (MDB_val){sizeof format, &format};
		code = mdb_put(self->write, self->meta, &key, &value, 0);
	} else if (!code) {
		format = 0;
		memcpy(&format, value.mv_data, smaller((int64_t)value.mv_size, sizeof format));
	}
	if (code)
		return fail(self, "cannot read its format", code);
	if (format == FORMAT)
		return 0;
	snprintf(self->base.error, sizeof self->base.error, "journal: its format is %" PRIu32 ", this program knows %d; start a newer reeved (%s)",
		format, FORMAT, self->file.path);
	self->failed = true;
	return FAULT;
}

static int tables_open(struct journal_lmdb *self)
{
	int code = mdb_txn_begin(self->file.env, NULL, 0, &self->write);

	if (code) {
		self->write = NULL;
		return fail(self, "cannot begin to write", code);
	}
	code = mdb_dbi_open(self->write, "meta", MDB_CREATE, &self->meta);
	/* Before anything else is touched: a newer format may have other tables. */
	if (!code && format_settle(self))
		return FAULT;
	if (!code)
		code = mdb_dbi_open(self->write, "journal", MDB_CREATE | MDB_INTEGERKEY, &self->records);
	if (!code)
		code = mdb_dbi_open(self->write, "private", MDB_CREATE | MDB_INTEGERKEY, &self->rows);
	if (code)
		return fail(self, "cannot open its tables", code);
	code = mdb_txn_commit(self->write);
	self->write = NULL;
	self->has_rows = true;
	return code ? fail(self, "cannot commit its tables", code) : 0;
}

/* First, last and number of records. */
static int ends_read(struct journal_lmdb *self, int64_t *ret_count)
{
	uint64_t first = 1, last = 0;
	MDB_cursor *cursor;
	MDB_val key, value;
	MDB_stat stat;
	int code = mdb_stat(self->reader, self->records, &stat);

	if (!code)
		code = mdb_cursor_open(self->reader, self->records, &cursor);
	if (code)
		return fail(self, "cannot read", code);
	code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
	if (!code) {
		memcpy(&first, key.mv_data, sizeof first);
		code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
	}
	if (!code)
		memcpy(&last, key.mv_data, sizeof last);
	mdb_cursor_close(cursor);
	if (code && code != MDB_NOTFOUND)
		return fail(self, "cannot find its ends", code);
	self->base.first_seq = (int64_t)first;
	self->base.last_seq = (int64_t)last;
	*ret_count = (int64_t)stat.ms_entries;
	return 0;
}

/* No gap anywhere (the count tells), and the last record belongs to its predecessor. */
static int ends_check(struct journal_lmdb *self)
{
	struct span unused;
	int64_t count = 0, bad = 0, last;

	if (lmdb_read_begin(&self->base))
		return FAULT;
	int result = ends_read(self, &count);
	last = self->base.last_seq;
	if (!result && last)
		result = lmdb_read(&self->base, last, &unused, self->base.last_hash);
	lmdb_read_end(&self->base);
	if (result < 0)
		return result;
	if (result)
		return say_damage(self, last, "is damaged");
	if (self->base.first_seq != 1 || count != last)
		return say_damage(self, self->base.first_seq != 1 ? 1 : last, "has records missing before it");
	/* A file that was cut may have lost any page: then the whole chain is looked at. */
	result = journal_verify(&self->base, self->file.was_short ? 1 : last, last, &bad);
	if (result < 0)
		return result;
	return result ? say_damage(self, bad, result == JOURNAL_MISSING ? "is missing" : "does not match its hash") : 0;
}

static int content_check(struct journal_lmdb *self)
{
	int code = self->file.was_short ? lmdb_file_sound(&self->file) : 0;

	return code ? fail(self, "the file was cut", code) : 0;
}

struct journal *journal_lmdb_open(const char *directory, int64_t map_bytes, char *error, size_t error_size)
{
	struct journal_lmdb *self = must_calloc(1, sizeof *self);

	self->base.ops = &lmdb_ops;
	self->base.first_seq = 1;
	self->file = (struct lmdb_file){.label = "journal", .setting = "store.journal_bytes", .remedy = "restore it from a backup"};
	if (sodium_init() < 0) {
		snprintf(error, error_size, "journal: libsodium does not start; reinstall it");
		free(self);
		return NULL;
	}
	if (lmdb_file_open(&self->file, directory, map_bytes, TABLES, error, error_size) != 0) {
		free(self);
		return NULL;
	}
	if (content_check(self) || tables_open(self) || ends_check(self)) {
		snprintf(error, error_size, "%s", self->base.error);
		lmdb_close(&self->base);
		return NULL;
	}
	return &self->base;
}

static int tables_open_readonly(struct journal_lmdb *self)
{
	uint32_t format = 0;
	MDB_val key = {6, (void *)"format"}, value;
	MDB_txn *txn;
	int code = mdb_txn_begin(self->file.env, NULL, MDB_RDONLY, &txn);

	if (code)
		return fail(self, "cannot begin to read", code);
	code = mdb_dbi_open(txn, "meta", 0, &self->meta);
	if (!code)
		code = mdb_get(txn, self->meta, &key, &value);
	if (!code)
		memcpy(&format, value.mv_data, smaller((int64_t)value.mv_size, sizeof format));
	if (!code && format == FORMAT)
		code = mdb_dbi_open(txn, "journal", MDB_INTEGERKEY, &self->records);
	if (!code && format == FORMAT && self->has_rows)
		code = mdb_dbi_open(txn, "private", MDB_INTEGERKEY, &self->rows);
	if (code || format != FORMAT) {
		mdb_txn_abort(txn);
		if (code)
			return fail(self, "holds no journal", code);
		snprintf(self->base.error, sizeof self->base.error, "journal: its format is %" PRIu32 ", this program knows %d; use the programs of the reeved that wrote it (%s)",
			format, FORMAT, self->file.path);
		self->failed = true;
		return FAULT;
	}
	code = mdb_txn_commit(txn); /* keeps the tables open */
	return code ? fail(self, "cannot open its tables", code) : 0;
}

static struct journal *open_readonly(const char *directory, bool with_rows, char *error, size_t error_size)
{
	struct journal_lmdb *self = must_calloc(1, sizeof *self);

	self->base.ops = &lmdb_ops;
	self->base.first_seq = 1;
	self->readonly = true;
	self->has_rows = with_rows;
	self->file = (struct lmdb_file){.label = "journal", .setting = "store.journal_bytes", .remedy = "start its reeved once, or take a backup of it"};
	if (sodium_init() < 0) {
		snprintf(error, error_size, "journal: libsodium does not start; reinstall it");
		free(self);
		return NULL;
	}
	if (lmdb_file_open_readonly(&self->file, directory, TABLES, error, error_size) != 0) {
		free(self);
		return NULL;
	}
	if (tables_open_readonly(self) || ends_check(self)) {
		snprintf(error, error_size, "%s", self->base.error);
		lmdb_close(&self->base);
		return NULL;
	}
	return &self->base;
}

struct journal *journal_lmdb_open_readonly(const char *directory, char *error, size_t error_size)
{
	return open_readonly(directory, false, error, error_size);
}

struct journal *journal_lmdb_open_backup(const char *directory, char *error, size_t error_size)
{
	return open_readonly(directory, true, error, error_size);
}

int journal_lmdb_private_count(struct journal *journal, int64_t *ret_rows)
{
	struct journal_lmdb *self = lmdb_of(journal);
	int64_t count = 0;
	MDB_cursor *cursor;
	MDB_val key, value;

	if (lmdb_read_begin(journal))
		return FAULT;
	int code = mdb_cursor_open(self->reader, self->rows, &cursor);
	if (!code) {
		while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0)
			count++;
		mdb_cursor_close(cursor);
	}
	lmdb_read_end(journal);
	if (code != MDB_NOTFOUND)
		return fail(self, "cannot read the private table", code);
	*ret_rows = count;
	return 0;
}
