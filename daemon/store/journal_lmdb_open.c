/* Opening the journal in LMDB: tables, format, where the sequence begins and ends, and whether what lies there can be its truth. Owns the
 * refusals of an open; never changes a record.
 *
 * Invariants: nothing of a file with a newer format is touched; a journal opens only when no record between its first and its last is missing,
 * the first one follows what was pruned before it, and the last one belongs to its predecessor. Format 1 is a journal from record 1 on; 2 one that was
 * pruned, which programs that know only 1 refuse. */
#include "store/journal_lmdb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define FORMAT 1
#define FORMAT_NEWEST 2
#define FAULT JOURNAL_FAULT

static int fail(struct journal_lmdb *self, const char *what, int code)
{
	return journal_lmdb_fail(self, what, code);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

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
	if (format >= FORMAT && format <= FORMAT_NEWEST)
		return 0;
	snprintf(self->base.error, sizeof self->base.error, "journal: its format is %" PRIu32 ", this program knows %d; start a newer reeved (%s)",
		format, FORMAT_NEWEST, self->file.path);
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
	if (!code)
		code = mdb_dbi_open(self->write, "kept", MDB_CREATE | MDB_INTEGERKEY, &self->kept);
	if (code)
		return fail(self, "cannot open its tables", code);
	code = lmdb_file_commit(&self->file, self->write);
	self->write = NULL;
	self->has_rows = self->has_kept = true;
	return code ? fail(self, "cannot commit its tables", code) : 0;
}

/* What went before the first record. */
static int base_read(struct journal_lmdb *self)
{
	struct journal_pruned pruned;
	MDB_val key = {6, (void *)"pruned"}, value;
	int code = mdb_get(self->reader, self->meta, &key, &value);

	if (code == MDB_NOTFOUND)
		return 0;
	if (!code && value.mv_size != sizeof pruned)
		code = MDB_CORRUPTED;
	if (code)
		return fail(self, "cannot read where it begins", code);
	memcpy(&pruned, value.mv_data, sizeof pruned);
	self->base.first_seq = pruned.seq + 1;
	memcpy(self->base.base_hash, pruned.hash, JOURNAL_HASH_BYTES);
	return 0;
}

/* First, last and number of records. */
static int ends_read(struct journal_lmdb *self, int64_t *ret_first, int64_t *ret_count)
{
	uint64_t first = (uint64_t)self->base.first_seq, last = 0;
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
	*ret_first = (int64_t)first;
	self->base.last_seq = (int64_t)last;
	*ret_count = (int64_t)stat.ms_entries;
	return 0;
}

/* No gap anywhere (the count tells), and the last record belongs to its predecessor. */
static int ends_check(struct journal_lmdb *self)
{
	struct span unused;
	int64_t count = 0, bad = 0, first = 0, last;

	if (self->base.ops->read_begin(&self->base))
		return FAULT;
	int result = base_read(self);
	if (!result)
		result = ends_read(self, &first, &count);
	last = self->base.last_seq;
	if (!result && last)
		result = self->base.ops->read(&self->base, last, &unused, self->base.last_hash);
	self->base.ops->read_end(&self->base);
	if (result < 0)
		return result;
	if (result)
		return say_damage(self, last, "is damaged");
	if (first != self->base.first_seq || (!last && first > 1))
		return say_damage(self, self->base.first_seq, "is missing");
	if (last && count != last - first + 1)
		return say_damage(self, last, "has records missing before it");
	/* A file that was cut may have lost any page: then the whole chain is looked at. */
	result = journal_verify(&self->base, self->file.was_short ? first : last, last, &bad);
	if (result < 0)
		return result;
	return result ? say_damage(self, bad, result == JOURNAL_MISSING ? "is missing" : "does not match its hash") : 0;
}

static int content_check(struct journal_lmdb *self)
{
	int code = self->file.was_short ? lmdb_file_sound(&self->file) : 0;

	return code ? fail(self, "the file was cut", code) : 0;
}

/* While the file is checked: a caller's row that is damaged is told, and does not keep the daemon away. */
static const char *row_look(void *context, struct span table, struct span key, struct span value)
{
	struct journal_lmdb *self = context;
	int64_t number = 0;
	struct span row;

	if (!span_is(table, "private") || key.len != sizeof number || journal_lmdb_row_whole(key, value, &row))
		return NULL;
	memcpy(&number, key.data, sizeof number);
	if (self->base.damaged_rows++ == 0)
		self->base.damaged_row = number;
	return NULL;
}

struct journal *journal_lmdb_open(const char *directory, int64_t map_bytes, char *error, size_t error_size)
{
	struct journal_lmdb *self = must_calloc(1, sizeof *self);

	self->base.ops = &journal_lmdb_ops;
	self->base.first_seq = 1;
	self->file = (struct lmdb_file){.label = "journal", .setting = "store.journal_bytes", .remedy = "restore it from a backup", .growing = "journal",
		.row = row_look, .row_context = self};
	if (sodium_init() < 0) {
		snprintf(error, error_size, "journal: libsodium does not start; reinstall it");
		free(self);
		return NULL;
	}
	if (lmdb_file_open(&self->file, directory, map_bytes, JOURNAL_TABLES, error, error_size) != 0) {
		free(self);
		return NULL;
	}
	if (content_check(self) || tables_open(self) || ends_check(self)) {
		snprintf(error, error_size, "%s", self->base.error);
		self->base.ops->close(&self->base);
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
	bool known = format >= FORMAT && format <= FORMAT_NEWEST;
	if (!code && known)
		code = mdb_dbi_open(txn, "journal", MDB_INTEGERKEY, &self->records);
	if (!code && known && self->has_rows)
		code = mdb_dbi_open(txn, "private", MDB_INTEGERKEY, &self->rows);
	if (!code && known)
		self->has_kept = mdb_dbi_open(txn, "kept", MDB_INTEGERKEY, &self->kept) == 0;
	if (code || !known) {
		mdb_txn_abort(txn);
		if (code)
			return fail(self, "holds no journal", code);
		snprintf(self->base.error, sizeof self->base.error, "journal: its format is %" PRIu32 ", this program knows %d; use the programs of the reeved that wrote it (%s)",
			format, FORMAT_NEWEST, self->file.path);
		self->failed = true;
		return FAULT;
	}
	code = mdb_txn_commit(txn); /* keeps the tables open */
	return code ? fail(self, "cannot open its tables", code) : 0;
}

static struct journal *open_readonly(const char *directory, bool with_rows, char *error, size_t error_size)
{
	struct journal_lmdb *self = must_calloc(1, sizeof *self);

	self->base.ops = &journal_lmdb_ops;
	self->base.first_seq = 1;
	self->readonly = true;
	self->has_rows = with_rows;
	self->file = (struct lmdb_file){.label = "journal", .setting = "store.journal_bytes", .remedy = "start its reeved once, or take another backup", .growing = "journal"};
	if (sodium_init() < 0) {
		snprintf(error, error_size, "journal: libsodium does not start; reinstall it");
		free(self);
		return NULL;
	}
	if (lmdb_file_open_readonly(&self->file, directory, JOURNAL_TABLES, error, error_size) != 0) {
		free(self);
		return NULL;
	}
	if (tables_open_readonly(self) || ends_check(self)) {
		snprintf(error, error_size, "%s", self->base.error);
		self->base.ops->close(&self->base);
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
	struct journal_lmdb *self = journal_lmdb_of(journal);
	int64_t count = 0, number;
	MDB_cursor *cursor;
	MDB_val key, value;
	struct span row;

	if (journal->ops->read_begin(journal))
		return FAULT;
	journal->damaged_rows = 0;
	int code = mdb_cursor_open(self->reader, self->rows, &cursor);
	if (!code) {
		for (; (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0; count++) {
			if (journal_lmdb_row_whole((struct span){key.mv_data, key.mv_size}, (struct span){value.mv_data, value.mv_size}, &row))
				continue;
			memcpy(&number, key.mv_data, sizeof number);
			if (journal->damaged_rows++ == 0)
				journal->damaged_row = number;
		}
		mdb_cursor_close(cursor);
	}
	journal->ops->read_end(journal);
	if (code != MDB_NOTFOUND)
		return fail(self, "cannot read the private table", code);
	*ret_rows = count;
	return 0;
}
