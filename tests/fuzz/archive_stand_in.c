/* The archive in memory, in place of the one over LMDB: sorted rows, no thread, no file. It can lag: then rounds that were handed over
 * wait until it is told to catch up, as they do behind a busy disk. */
#include "tests/fuzz/stage.h"

#include <stdlib.h>
#include <string.h>

#include "store/archive_backlog.h"

struct row {
	struct span key, value; /* owned */
};

struct shelf {
	struct row *rows; /* by key */
	size_t count, room;
};

struct archive {
	struct shelf shelves[ARCHIVE_TABLES];
	struct buf backlog;
	size_t whole; /* bytes of the backlog that are complete rounds */
	int64_t reached;
	bool lags;
	int readers;
};

struct archive_reader {
	struct archive *archive;
};

static size_t shelf_seek(const struct shelf *shelf, struct span key)
{
	size_t low = 0, high = shelf->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (span_compare(shelf->rows[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void row_free(struct row *row)
{
	free((char *)row->key.data);
	free((char *)row->value.data);
}

static void shelf_change(struct shelf *shelf, struct span key, struct span value, bool removes)
{
	size_t at = shelf_seek(shelf, key);
	bool found = at < shelf->count && span_equal(shelf->rows[at].key, key);

	if (found)
		row_free(&shelf->rows[at]);
	if (found && removes)
		memmove(shelf->rows + at, shelf->rows + at + 1, (--shelf->count - at) * sizeof *shelf->rows);
	if (removes)
		return;
	if (!found) {
		if (shelf->count == shelf->room) {
			shelf->room = shelf->room ? shelf->room * 2 : 16;
			shelf->rows = must_realloc(shelf->rows, shelf->room * sizeof *shelf->rows);
		}
		memmove(shelf->rows + at + 1, shelf->rows + at, (shelf->count++ - at) * sizeof *shelf->rows);
	}
	shelf->rows[at] = (struct row){{span_dup(key), key.len}, {span_dup(value), value.len}};
}

void stand_in_catch_up(struct archive *archive)
{
	struct buf rounds = {archive->backlog.data, archive->whole, archive->whole};
	struct archive_batch batch = {0};

	FUZZ_CHECK(!archive->readers, "the archive is written while it is read");
	for (size_t from = 0; from < rounds.len; from = batch.end) {
		backlog_batch(&rounds, from, &batch);
		for (size_t i = 0; i < batch.count; i++) {
			const struct archive_change *change = &batch.changes[i];
			shelf_change(&archive->shelves[change->table], (struct span){change->key, change->key_len},
				(struct span){change->key + change->key_len, change->value_len}, change->removes);
		}
		archive->reached = batch.seq;
	}
	archive_batch_free(&batch);
	if (archive->whole)
		memmove(archive->backlog.data, archive->backlog.data + archive->whole, archive->backlog.len - archive->whole);
	archive->backlog.len -= archive->whole;
	archive->whole = 0;
}

struct archive *stand_in_open(void)
{
	return must_calloc(1, sizeof(struct archive));
}

void stand_in_lag(struct archive *archive, bool lags)
{
	archive->lags = lags;
}

/* A crash: what was not written is gone. */
void stand_in_crash(struct archive *archive)
{
	buf_clear(&archive->backlog);
	archive->whole = 0;
}

void stand_in_close(struct archive *archive)
{
	for (int table = 0; table < ARCHIVE_TABLES; table++) {
		for (size_t i = 0; i < archive->shelves[table].count; i++)
			row_free(&archive->shelves[table].rows[i]);
		free(archive->shelves[table].rows);
	}
	buf_free(&archive->backlog);
	free(archive);
}

void archive_put(struct archive *archive, int table, struct span key, struct span value)
{
	FUZZ_CHECK(key.len >= 1 && key.len <= 500, "a key of %zu bytes", key.len);
	backlog_add(&archive->backlog, table, key, value, false);
}

void archive_remove(struct archive *archive, int table, struct span key)
{
	FUZZ_CHECK(key.len >= 1 && key.len <= 500, "a key of %zu bytes", key.len);
	backlog_add(&archive->backlog, table, key, (struct span){0}, true);
}

void archive_hand_over(struct archive *archive, int64_t seq)
{
	backlog_end_round(&archive->backlog, seq);
	archive->whole = archive->backlog.len;
	if (!archive->lags)
		stand_in_catch_up(archive);
}

int64_t archive_reached(struct archive *archive)
{
	return archive->reached;
}

const char *archive_fault(struct archive *archive)
{
	(void)archive;
	return NULL;
}

bool archive_broken(const struct archive *archive)
{
	(void)archive;
	return false;
}

int64_t archive_backlog(struct archive *archive)
{
	return (int64_t)archive->backlog.len;
}

void archive_hurry(struct archive *archive, int64_t seq)
{
	(void)archive;
	(void)seq;
}

int archive_flush(struct archive *archive)
{
	stand_in_catch_up(archive);
	return 0;
}

int64_t archive_used(struct archive *archive)
{
	(void)archive;
	return 0;
}

struct archive_reader *archive_read_begin(struct archive *archive)
{
	struct archive_reader *reader = must_calloc(1, sizeof *reader);

	reader->archive = archive;
	archive->readers++;
	return reader;
}

void archive_read_end(struct archive_reader *reader)
{
	reader->archive->readers--;
	free(reader);
}

bool archive_read_failed(const struct archive_reader *reader)
{
	return !reader;
}

int64_t archive_read_seq(struct archive_reader *reader)
{
	return reader->archive->reached;
}

bool archive_get(struct archive_reader *reader, int table, struct span key, struct span *ret_value)
{
	const struct shelf *shelf = &reader->archive->shelves[table];
	size_t at = shelf_seek(shelf, key);

	if (at == shelf->count || !span_equal(shelf->rows[at].key, key))
		return false;
	*ret_value = shelf->rows[at].value;
	return true;
}

/* Slow and plain: every row of the table is held against prefix and bound. */
void archive_walk(struct archive_reader *reader, int table, struct span prefix, struct span from, bool backwards, archive_each *each, void *context)
{
	const struct shelf *shelf = &reader->archive->shelves[table];

	for (size_t i = 0; i < shelf->count; i++) {
		const struct row *row = &shelf->rows[backwards ? shelf->count - 1 - i : i];
		int side = from.len ? span_compare(row->key, from) : 0;
		if (!span_starts(row->key, prefix) || (from.len && (backwards ? side > 0 : side < 0)))
			continue;
		if (!each(context, row->key, row->value))
			return;
	}
}

int64_t archive_count(struct archive_reader *reader, int table)
{
	return (int64_t)reader->archive->shelves[table].count;
}
