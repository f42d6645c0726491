/* From a source into a new journal. Owns the journal while it is written; trusts nothing that the source says: every hash is computed
 * anew before its record is taken.
 *
 * Invariants: records come from 1 without gaps; the journal gets its name only when all of it was written, read back and verified; what
 * is wrong names the record. */
#include "transfer/copy.h"

#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "store/journal.h"
#include "store/unfinished.h"

#define COMMIT_BYTES (16 << 20)
#define COMMIT_RECORDS 65536
#define FULL_BYTES (1 << 20)
#define MAP_SPARE (INT64_C(1) << 28) /* so that a full disk is what is met first */

struct copy {
	const struct copy_source *source;
	struct journal *journal; /* NULL: only checked */
	const char *directory;   /* where it grows */
	int64_t until;
	int64_t pending_bytes, pending_records;
	struct copy_result result;
	char *error;
	size_t error_size;
};

_Static_assert(STREAM_HASH_BYTES == JOURNAL_HASH_BYTES, "the stream carries the journal's hashes");

static int wrong(const struct copy *copy, int64_t seq, const char *what)
{
	snprintf(copy->error, copy->error_size, "record %" PRId64 " %s; nothing was written", seq, what);
	return -1;
}

/* Bytes for which its file system has room. */
static int64_t room_in(const char *directory)
{
	struct statvfs disk;

	return statvfs(directory, &disk) == 0 ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize : 0;
}

/* LMDB calls a write that a full disk cut short an input/output error. */
static int journal_wrong(const struct copy *copy)
{
	bool full = room_in(copy->directory) < FULL_BYTES;

	snprintf(copy->error, copy->error_size, "%s%s", copy->journal->error, full ? "; its file system is full: free space there, or name another directory" : "");
	return -1;
}

static int take_record(struct copy *copy, const struct stream_entry *entry)
{
	int64_t seq = copy->result.last_seq + 1;

	if (entry->number != seq)
		return wrong(copy, seq, "is missing");
	journal_chain(copy->result.last_hash, seq, entry->bytes, copy->result.last_hash);
	if (memcmp(copy->result.last_hash, entry->hash, JOURNAL_HASH_BYTES) != 0)
		return wrong(copy, seq, "does not match its hash: it was changed or damaged");
	copy->result.last_seq = seq;
	if (!copy->journal)
		return 0;
	if (copy->journal->ops->append(copy->journal, seq, entry->bytes))
		return journal_wrong(copy);
	copy->pending_bytes += (int64_t)entry->bytes.len;
	if (++copy->pending_records < COMMIT_RECORDS && copy->pending_bytes < COMMIT_BYTES)
		return 0;
	copy->pending_bytes = copy->pending_records = 0;
	return copy->journal->ops->commit(copy->journal) ? journal_wrong(copy) : 0;
}

static int take_row(struct copy *copy, const struct stream_entry *entry)
{
	if (!copy->result.last_seq)
		return wrong(copy, 1, "is missing before a private row");
	copy->result.rows++;
	if (copy->journal && entry->bytes.len && copy->journal->ops->private_put(copy->journal, entry->number, entry->bytes))
		return journal_wrong(copy);
	return 0;
}

static int take_end(const struct copy *copy, const struct stream_entry *entry)
{
	if (entry->number != copy->result.last_seq || entry->records != copy->result.last_seq)
		return wrong(copy, copy->result.last_seq + 1, "is missing at the end");
	if (entry->rows != copy->result.rows)
		return wrong(copy, copy->result.last_seq, "is the last one, and the number of private rows is not what the end says");
	if (memcmp(entry->hash, copy->result.last_hash, JOURNAL_HASH_BYTES) != 0)
		return wrong(copy, copy->result.last_seq, "is the last one, and its hash is not what the end says");
	if (copy->until != INT64_MAX && copy->result.last_seq < copy->until)
		return wrong(copy, copy->until, "is behind the end");
	return 0;
}

/* A record's private row stands behind it: so the first record after `until` ends the work. */
static int take_all(struct copy *copy)
{
	struct stream_entry entry;

	for (;;) {
		if (copy->source->next(copy->source->context, &entry, copy->error, copy->error_size))
			return -1;
		if (entry.part == STREAM_END)
			return take_end(copy, &entry);
		if (entry.part == STREAM_RECORD && entry.number > copy->until)
			return 0;
		if (entry.part == STREAM_RECORD ? take_record(copy, &entry) : take_row(copy, &entry))
			return -1;
	}
}

/* Reads back what was written. */
static int written_verify(const struct copy *copy, const char *directory)
{
	struct journal *journal = journal_lmdb_open_backup(directory, copy->error, copy->error_size);
	int64_t bad = 0, rows = 0;

	if (!journal)
		return -1;
	int failed = journal_verify(journal, 1, journal->last_seq, &bad) || journal->last_seq != copy->result.last_seq || journal_lmdb_private_count(journal, &rows);
	if (failed)
		snprintf(copy->error, copy->error_size, "what was written cannot be read back (record %" PRId64 "); check the disk of %s", bad, directory);
	journal->ops->close(journal);
	return failed ? -1 : 0;
}

static int write_all(struct copy *copy, const char *directory)
{
	copy->directory = directory;
	/* The map is as large as there is room; the daemon that opens it sets its own. */
	copy->journal = journal_lmdb_open(directory, MAP_SPARE + room_in(directory), copy->error, copy->error_size);
	if (!copy->journal)
		return -1;
	int failed = take_all(copy);
	if (!failed && copy->journal->ops->commit(copy->journal))
		failed = journal_wrong(copy);
	copy->journal->ops->close(copy->journal);
	copy->journal = NULL;
	return failed ? -1 : written_verify(copy, directory);
}

int copy_run(const struct copy_source *source, const char *into, int64_t until, struct copy_result *ret_result,
	char *error, size_t error_size)
{
	struct copy copy = {.source = source, .until = until, .error = error, .error_size = error_size};
	struct unfinished unfinished;
	int failed;

	if (!into) {
		failed = take_all(&copy);
	} else {
		if (unfinished_begin(&unfinished, into, error, error_size))
			return -1;
		failed = write_all(&copy, unfinished.path);
		if (!failed)
			failed = unfinished_finish(&unfinished, error, error_size);
		unfinished_end(&unfinished);
	}
	if (!failed)
		*ret_result = copy.result;
	return failed;
}
