/* The archive's door: opening, queueing changes, and reading. Owns the environment, the backlog and the pool of read
 * transactions; never writes rows itself (archivist.c does) and never knows what a key means.
 *
 * Invariants: a snapshot's rows are those of exactly its sequence number; the backlog is bounded, by waiting while the archivist
 * gets on and, when it is stuck, by dropping everything not yet written and writing nothing later: the archive stays true to
 * an old sequence number, and the next start catches up from the journal. A file that cannot be trusted is set aside and
 * begun anew, because all of it can be had from the journal. */
#include "store/archive.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/archive_parts.h"

#define BACKLOG_BYTES ((size_t)64 << 20)
#define WAKE_BYTES ((size_t)1 << 20)
#define IDLE_READERS 8
#define LONGEST_SOUGHT 511 /* LMDB's limit for keys; stored ones are shorter, so cutting a sought one changes no order */
#define FOREIGN 1          /* of another format */

struct archive_reader {
	struct archive *archive;
	MDB_txn *txn;
	bool failed; /* a read found neither a row nor that there is none */
	struct archive_reader *next;
};

/* ---- opening and closing ---- */

static int number_get(MDB_txn *txn, MDB_dbi meta, const char *name, int64_t *ret_number)
{
	MDB_val key = {strlen(name), (void *)name}, value;
	int code = mdb_get(txn, meta, &key, &value);

	if (!code && value.mv_size == sizeof *ret_number)
		memcpy(ret_number, value.mv_data, sizeof *ret_number);
	else if (!code)
		code = MDB_CORRUPTED;
	return code;
}

static int seq_get(MDB_txn *txn, MDB_dbi meta, int64_t *ret_seq)
{
	MDB_val key = {3, (void *)"seq"}, value;
	struct span row;
	int code = mdb_get(txn, meta, &key, &value);

	if (code)
		return code;
	if (!row_unseal(SEAL_ARCHIVE_META, span_of("seq"), (struct span){value.mv_data, value.mv_size}, &row) || row.len != sizeof *ret_seq)
		return MDB_CORRUPTED;
	memcpy(ret_seq, row.data, sizeof *ret_seq);
	return 0;
}

/* Before LMDB opens the file: NULL, or what is wrong with a row. A file of another format has other rows, which nobody will read. */
static const char *row_check(void *context, struct span table, struct span key, struct span value)
{
	struct archive *archive = context;
	bool is_meta = span_is(table, "meta");
	int64_t format = 0;
	struct span row;

	if (is_meta && span_is(key, "format") && value.len == sizeof format) {
		memcpy(&format, value.data, sizeof format);
		archive->foreign = format != archive->format;
		return NULL;
	}
	if (archive->foreign)
		return NULL;
	int number = is_meta ? SEAL_ARCHIVE_META : 0;
	for (size_t i = 1; !is_meta && i < table.len; i++)
		number = number * 10 + (table.data[i] - '0');
	return row_unseal(number, key, value, &row) ? NULL : "it does not match its seal";
}

static int tables_open(struct archive *archive, MDB_txn *txn)
{
	int code = mdb_dbi_open(txn, "meta", MDB_CREATE, &archive->meta);

	for (int i = 0; i < ARCHIVE_TABLES && !code; i++) {
		char name[8];
		snprintf(name, sizeof name, "t%d", i);
		code = mdb_dbi_open(txn, name, MDB_CREATE, &archive->tables[i]);
	}
	return code;
}

/* 0, FOREIGN, or a fault. A new file gets the format. */
static int content_open(struct archive *archive, MDB_txn *txn, int64_t format)
{
	int64_t found = 0, seq = 0;
	int code = tables_open(archive, txn);

	if (code)
		return code;
	code = number_get(txn, archive->meta, "format", &found);
	if (code == MDB_NOTFOUND) {
		MDB_val key = {6, (void *)"format"}, value = {sizeof format, &format};
		return mdb_put(txn, archive->meta, &key, &value, 0);
	}
	if (code || found != format)
		return code ? code : FOREIGN;
	code = seq_get(txn, archive->meta, &seq);
	atomic_store(&archive->reached, seq);
	archive->handed_seq = seq;
	return code == MDB_NOTFOUND ? 0 : code;
}

/* 0, FOREIGN, or a fault with one line in error; then the file is closed. */
static int file_open(struct archive *archive, const char *directory, int64_t map_bytes, int64_t format, char *error, size_t error_size)
{
	MDB_txn *txn;
	int code = lmdb_file_open(&archive->file, directory, map_bytes, ARCHIVE_TABLES + 1, error, error_size);

	if (code)
		return code;
	code = archive->file.was_short ? MDB_CORRUPTED : mdb_txn_begin(archive->file.env, NULL, 0, &txn);
	if (!code) {
		code = content_open(archive, txn, format);
		if (code)
			mdb_txn_abort(txn);
		else
			code = lmdb_file_commit(&archive->file, txn);
	}
	if (!code)
		return 0;
	if (code == FOREIGN)
		snprintf(error, error_size, "archive: it was written in another format (%s)", archive->file.path);
	else
		lmdb_file_explain(&archive->file, "cannot open", code, error, error_size);
	lmdb_file_close(&archive->file);
	return code;
}

/* Makes way for a new file. */
static int file_retire(const char *directory, bool keep)
{
	struct buf path = {0}, lock_path = {0};

	buf_printf(&path, "%s/archive.mdb", directory);
	buf_printf(&lock_path, "%s/archive.mdb-lock", directory);
	if (keep)
		lmdb_file_set_aside(path.data);
	int result = access(path.data, F_OK) == 0 ? unlink(path.data) : 0;
	unlink(lock_path.data);
	buf_free(&path);
	buf_free(&lock_path);
	return result == 0 ? lmdb_directory_sync(directory) : errno;
}

int archive_set_aside(const char *directory)
{
	return file_retire(directory, true);
}

static int file_open_or_renew(struct archive *archive, const char *directory, int64_t map_bytes, int64_t format,
	bool *ret_rebuilt, char *error, size_t error_size)
{
	int code = file_open(archive, directory, map_bytes, format, error, error_size);

	*ret_rebuilt = code == FOREIGN || lmdb_code_is_damage(code);
	if (!*ret_rebuilt)
		return code;
	int problem = file_retire(directory, code != FOREIGN);
	if (problem) {
		snprintf(error, error_size, "archive: %s/archive.mdb must make way for a new one: %s; make the directory writable for the daemon's user",
			directory, strerror(problem));
		return problem;
	}
	atomic_store(&archive->reached, 0);
	archive->handed_seq = 0;
	return file_open(archive, directory, map_bytes, format, error, error_size);
}

static void thread_parts_free(struct archive *archive)
{
	pthread_mutex_destroy(&archive->lock);
	pthread_cond_destroy(&archive->work);
	pthread_cond_destroy(&archive->progress);
}

static int thread_start(struct archive *archive)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;

	pthread_mutex_init(&archive->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&archive->work, &monotonic);
	pthread_cond_init(&archive->progress, NULL);
	pthread_condattr_destroy(&monotonic);
	/* Signals belong to the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int code = pthread_create(&archive->thread, NULL, archivist_run, archive);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code)
		thread_parts_free(archive);
	return code;
}

struct archive *archive_open(const char *directory, int64_t map_bytes, int64_t format, void (*wake)(void *context), void *context,
	bool *ret_rebuilt, char *error, size_t error_size)
{
	struct archive *archive = must_calloc(1, sizeof *archive);
	bool rebuilt = false;

	archive->file = (struct lmdb_file){.label = "archive", .setting = "store.archive_bytes", .is_spare = true,
		.remedy = "restart, it is rebuilt from the journal", .row = row_check, .row_context = archive};
	archive->format = format;
	archive->wake = wake;
	archive->context = context;
	if (file_open_or_renew(archive, directory, map_bytes, format, &rebuilt, error, error_size) != 0) {
		free(archive);
		return NULL;
	}
	int code = thread_start(archive);
	if (code) {
		lmdb_file_explain(&archive->file, "cannot start its thread", code, error, error_size);
		lmdb_file_close(&archive->file);
		free(archive);
		return NULL;
	}
	if (ret_rebuilt)
		*ret_rebuilt = rebuilt;
	return archive;
}

static void reader_free(struct archive_reader *reader)
{
	mdb_txn_abort(reader->txn);
	free(reader);
}

void archive_close(struct archive *archive)
{
	if (!archive)
		return;
	pthread_mutex_lock(&archive->lock);
	archive->stop = true;
	pthread_cond_broadcast(&archive->work);
	pthread_mutex_unlock(&archive->lock);
	pthread_join(archive->thread, NULL);
	while (archive->idle) {
		struct archive_reader *reader = archive->idle;
		archive->idle = reader->next;
		reader_free(reader);
	}
	lmdb_file_close(&archive->file);
	thread_parts_free(archive);
	buf_free(&archive->round);
	buf_free(&archive->queued);
	buf_free(&archive->taken);
	archive_batch_free(&archive->batch);
	free(archive);
}

/* ---- queueing ---- */

void archive_put(struct archive *archive, int table, struct span key, struct span value)
{
	assert(table >= 0 && table < ARCHIVE_TABLES);
	backlog_add(&archive->round, table, key, value, false);
}

void archive_remove(struct archive *archive, int table, struct span key)
{
	assert(table >= 0 && table < ARCHIVE_TABLES);
	backlog_add(&archive->round, table, key, (struct span){0}, true);
}

/* Lock held. The archivist is only woken when it may act on it: not for each round while it gathers. */
static void round_queue(struct archive *archive)
{
	size_t before = archive->queued.len;

	if (before) {
		buf_add_span(&archive->queued, buf_span(&archive->round));
	} else {
		struct buf empty = archive->queued;
		archive->queued = archive->round;
		archive->round = empty;
	}
	if (!before || (before < WAKE_BYTES && archive->queued.len >= WAKE_BYTES))
		pthread_cond_signal(&archive->work);
}

/* Lock held. Waits while the archivist gets on; drops what was queued when it is stuck. */
static void backlog_bound(struct archive *archive)
{
	while (archive->queued.len + archive->taken_bytes > BACKLOG_BYTES && !archive->fault[0])
		pthread_cond_wait(&archive->progress, &archive->lock);
	if (archive->queued.len + archive->taken_bytes <= BACKLOG_BYTES || archive->frozen)
		return;
	size_t len = strlen(archive->fault);
	snprintf(archive->fault + len, sizeof archive->fault - len, "; too much waited, so the archive stays behind until reeved is restarted");
	archive->frozen = true;
	buf_free(&archive->queued);
}

void archive_hand_over(struct archive *archive, int64_t seq)
{
	backlog_end_round(&archive->round, seq);
	pthread_mutex_lock(&archive->lock);
	archive->handed_seq = seq;
	if (!archive->frozen) {
		round_queue(archive);
		backlog_bound(archive);
	}
	pthread_mutex_unlock(&archive->lock);
	buf_clear(&archive->round);
}

int64_t archive_reached(struct archive *archive)
{
	return atomic_load(&archive->reached);
}

const char *archive_fault(struct archive *archive)
{
	pthread_mutex_lock(&archive->lock);
	memcpy(archive->fault_shown, archive->fault, sizeof archive->fault_shown);
	pthread_mutex_unlock(&archive->lock);
	return archive->fault_shown[0] ? archive->fault_shown : NULL;
}

bool archive_broken(const struct archive *archive)
{
	return atomic_load(&archive->broken);
}

int64_t archive_backlog(struct archive *archive)
{
	pthread_mutex_lock(&archive->lock);
	size_t bytes = archive->queued.len + archive->taken_bytes;
	pthread_mutex_unlock(&archive->lock);
	return (int64_t)bytes;
}

int archive_flush(struct archive *archive)
{
	pthread_mutex_lock(&archive->lock);
	int64_t wanted = archive->handed_seq;
	archive->flushers++;
	pthread_cond_signal(&archive->work);
	while (atomic_load(&archive->reached) < wanted && !archive->fault[0])
		pthread_cond_wait(&archive->progress, &archive->lock);
	archive->flushers--;
	int result = atomic_load(&archive->reached) < wanted ? -1 : 0;
	pthread_mutex_unlock(&archive->lock);
	return result;
}

void archive_hurry(struct archive *archive, int64_t seq)
{
	pthread_mutex_lock(&archive->lock);
	if (seq > archive->handed_seq)
		seq = archive->handed_seq;
	if (seq > archive->wanted_seq)
		archive->wanted_seq = seq;
	pthread_cond_signal(&archive->work);
	pthread_mutex_unlock(&archive->lock);
}

/* ---- reading ---- */

/* What only this reader lacks, and the next one may have. */
static bool of_means(int code)
{
	return code == MDB_READERS_FULL || code == MDB_TLS_FULL || code == MDB_MAP_RESIZED || code == ENOMEM || code == EAGAIN || code == EINTR;
}

/* A reader that finds damage, or an environment that LMDB gave up, stops the writing too; anything else is only this reader's failure. */
static bool succeeded(struct archive *archive, const char *what, int code)
{
	if (lmdb_code_is_damage(code) || code == MDB_PANIC) {
		pthread_mutex_lock(&archive->lock);
		archive_note_fault(archive, what, code);
		pthread_mutex_unlock(&archive->lock);
	}
	return code == 0;
}

static bool read_succeeded(struct archive_reader *reader, const char *what, int code)
{
	reader->failed |= code && code != MDB_NOTFOUND;
	/* LMDB looks at few things of a page: it may say anything about one that was overwritten. */
	if (code && code != MDB_NOTFOUND && code != MDB_PANIC && !of_means(code))
		code = MDB_CORRUPTED;
	return succeeded(reader->archive, what, code);
}

static struct archive_reader *idle_reader_take(struct archive *archive)
{
	pthread_mutex_lock(&archive->lock);
	struct archive_reader *reader = archive->idle;
	if (reader) {
		archive->idle = reader->next;
		archive->idle_count--;
	}
	pthread_mutex_unlock(&archive->lock);
	return reader;
}

struct archive_reader *archive_read_begin(struct archive *archive)
{
	struct archive_reader *reader = idle_reader_take(archive);
	int code;

	if (reader) {
		code = mdb_txn_renew(reader->txn);
	} else {
		reader = must_calloc(1, sizeof *reader);
		reader->archive = archive;
		code = mdb_txn_begin(archive->file.env, NULL, MDB_RDONLY, &reader->txn);
	}
	reader->failed = false;
	if (succeeded(archive, "cannot begin to read", code))
		return reader;
	if (reader->txn)
		mdb_txn_abort(reader->txn);
	free(reader);
	return NULL;
}

void archive_read_end(struct archive_reader *reader)
{
	if (!reader)
		return;
	struct archive *archive = reader->archive;
	mdb_txn_reset(reader->txn);
	pthread_mutex_lock(&archive->lock);
	bool keep = archive->idle_count < IDLE_READERS;
	if (keep) {
		reader->next = archive->idle;
		archive->idle = reader;
		archive->idle_count++;
	}
	pthread_mutex_unlock(&archive->lock);
	if (!keep)
		reader_free(reader);
}

bool archive_read_failed(const struct archive_reader *reader)
{
	return !reader || reader->failed;
}

int64_t archive_read_seq(struct archive_reader *reader)
{
	int64_t seq = 0;

	read_succeeded(reader, "cannot read its sequence number", seq_get(reader->txn, reader->archive->meta, &seq));
	return seq;
}

bool archive_get(struct archive_reader *reader, int table, struct span key, struct span *ret_value)
{
	MDB_val sought = {key.len, (void *)key.data}, value;

	assert(table >= 0 && table < ARCHIVE_TABLES);
	if (!key.len || key.len > LONGEST_SOUGHT)
		return false;
	int code = mdb_get(reader->txn, reader->archive->tables[table], &sought, &value);
	if (!code && !row_unseal(table, key, (struct span){value.mv_data, value.mv_size}, ret_value))
		code = MDB_CORRUPTED;
	return read_succeeded(reader, "cannot read", code);
}

struct position {
	MDB_cursor *cursor;
	MDB_val key, value;
};

/* The first key at or behind `bound`; without a bound the first of all. */
static int seek_forwards(struct position *at, struct span bound)
{
	size_t len = bound.len < LONGEST_SOUGHT ? bound.len : LONGEST_SOUGHT;

	at->key = (MDB_val){len, (void *)bound.data};
	return mdb_cursor_get(at->cursor, &at->key, &at->value, len ? MDB_SET_RANGE : MDB_FIRST);
}

/* The last key before `bound`, or on it when `inclusive`; without a bound the last of all. */
static int seek_backwards(struct position *at, struct span bound, bool inclusive)
{
	if (!bound.len)
		return mdb_cursor_get(at->cursor, &at->key, &at->value, MDB_LAST);
	int code = seek_forwards(at, bound);
	if (code == MDB_NOTFOUND)
		return mdb_cursor_get(at->cursor, &at->key, &at->value, MDB_LAST);
	if (code || (inclusive && span_equal((struct span){at->key.mv_data, at->key.mv_size}, bound)))
		return code;
	return mdb_cursor_get(at->cursor, &at->key, &at->value, MDB_PREV);
}

/* The least key greater than all that begin with prefix; empty when there is none. */
static void prefix_end(struct span prefix, struct buf *ret_end)
{
	while (prefix.len && (unsigned char)prefix.data[prefix.len - 1] == 0xff)
		prefix.len--;
	buf_add_span(ret_end, prefix);
	if (ret_end->len)
		ret_end->data[ret_end->len - 1]++;
}

static int seek_first(struct position *at, struct span prefix, struct span from, bool backwards)
{
	int side = span_starts(from, prefix) ? 0 : span_compare(from, prefix); /* of `from`, seen from the prefix's keys */
	struct buf end = {0};

	if (!backwards)
		return side > 0 ? MDB_NOTFOUND : seek_forwards(at, side < 0 || !from.len ? prefix : from);
	if (from.len && side < 0)
		return MDB_NOTFOUND;
	if (from.len && side == 0)
		return seek_backwards(at, from, true);
	prefix_end(prefix, &end);
	int code = seek_backwards(at, buf_span(&end), false);
	buf_free(&end);
	return code;
}

void archive_walk(struct archive_reader *reader, int table, struct span prefix, struct span from, bool backwards, archive_each *each, void *context)
{
	struct position at = {0};

	assert(table >= 0 && table < ARCHIVE_TABLES);
	if (!read_succeeded(reader, "cannot walk", mdb_cursor_open(reader->txn, reader->archive->tables[table], &at.cursor)))
		return;
	int code = seek_first(&at, prefix, from, backwards);
	while (!code) {
		struct span key = {at.key.mv_data, at.key.mv_size}, row;
		if (!span_starts(key, prefix))
			break;
		if (!row_unseal(table, key, (struct span){at.value.mv_data, at.value.mv_size}, &row)) {
			code = MDB_CORRUPTED;
			break;
		}
		if (!each(context, key, row))
			break;
		code = mdb_cursor_get(at.cursor, &at.key, &at.value, backwards ? MDB_PREV : MDB_NEXT);
	}
	read_succeeded(reader, "cannot walk", code);
	mdb_cursor_close(at.cursor);
}

int64_t archive_count(struct archive_reader *reader, int table)
{
	MDB_stat stat = {0};

	assert(table >= 0 && table < ARCHIVE_TABLES);
	read_succeeded(reader, "cannot count", mdb_stat(reader->txn, reader->archive->tables[table], &stat));
	return (int64_t)stat.ms_entries;
}

int64_t archive_used(struct archive *archive)
{
	struct archive_reader *reader = archive_read_begin(archive);
	int64_t used = 0;

	if (!reader)
		return 0;
	used = lmdb_file_used(&archive->file, reader->txn, archive->tables, ARCHIVE_TABLES);
	archive_read_end(reader);
	return used;
}
