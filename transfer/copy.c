/* From a source into a new journal. Owns the journal while it is written; trusts nothing that the source says: every hash is computed
 * anew before its record is taken.
 *
 * Invariants: records come from 1 without gaps, whatever number of files they are in; the journal gets its name only when all of it was written, read back and verified; what
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
	const struct copy_source *sources;
	size_t count;
	/* of the source under way */
	int64_t at;                           /* record read last */
	unsigned char at_hash[STREAM_HASH_BYTES];
	int64_t records, rows;
	bool begun;

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
	snprintf(copy->error, copy->error_size, "record %" PRId64 " %s%s", seq, what, copy->journal ? "; nothing was written" : "");
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

/* Two sources that share a record share everything before it, or are of different journals. */
static int same_there(const struct copy *copy)
{
	if (copy->at == copy->result.last_seq && memcmp(copy->at_hash, copy->result.last_hash, JOURNAL_HASH_BYTES) != 0)
		return wrong(copy, copy->at, "is another one in the next file: they are of different journals");
	return 0;
}

static int take_base(struct copy *copy, const struct stream_entry *entry)
{
	if (copy->begun || entry->number < 1)
		return wrong(copy, copy->at + 1, "does not follow");
	if (entry->number > copy->result.last_seq)
		return wrong(copy, copy->result.last_seq + 1, "is missing: it was pruned before, and is in a segment, which has to be named first");
	copy->at = entry->number;
	memcpy(copy->at_hash, entry->hash, JOURNAL_HASH_BYTES);
	return same_there(copy);
}

static int take_record(struct copy *copy, const struct stream_entry *entry)
{
	int64_t seq = copy->at + 1;

	if (entry->number != seq)
		return wrong(copy, seq, "is missing");
	journal_chain(copy->at_hash, seq, entry->bytes, copy->at_hash);
	if (memcmp(copy->at_hash, entry->hash, JOURNAL_HASH_BYTES) != 0)
		return wrong(copy, seq, "does not match its hash: it was changed or damaged");
	copy->at = seq;
	copy->records++;
	if (seq <= copy->result.last_seq)
		return same_there(copy);
	copy->result.last_seq = seq;
	memcpy(copy->result.last_hash, copy->at_hash, JOURNAL_HASH_BYTES);
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
	copy->rows++;
	if (copy->journal && entry->bytes.len && copy->journal->ops->private_put(copy->journal, entry->number, entry->bytes))
		return journal_wrong(copy);
	return 0;
}

static int take_end(const struct copy *copy, const struct stream_entry *entry)
{
	if (entry->number != copy->at || entry->records != copy->records)
		return wrong(copy, copy->at + 1, "is missing at the end");
	if (entry->rows != copy->rows)
		return wrong(copy, copy->at, "is the last one, and the number of private rows is not what the end says");
	if (memcmp(entry->hash, copy->at_hash, JOURNAL_HASH_BYTES) != 0)
		return wrong(copy, copy->at, "is the last one, and its hash is not what the end says");
	return 0;
}

/* A record's private row stands behind it: so the first record after `until` ends the work. */
static int take_source(struct copy *copy, const struct copy_source *source)
{
	struct stream_entry entry;
	int failed = 0;

	copy->at = copy->records = copy->rows = 0;
	memset(copy->at_hash, 0, sizeof copy->at_hash);
	copy->begun = false;
	while (!failed) {
		if (source->next(source->context, &entry, copy->error, copy->error_size))
			return -1;
		if (entry.part == STREAM_END)
			return take_end(copy, &entry);
		if (entry.part == STREAM_RECORD && entry.number > copy->until)
			return 0;
		failed = entry.part == STREAM_BASE ? take_base(copy, &entry) : entry.part == STREAM_RECORD ? take_record(copy, &entry) : take_row(copy, &entry);
		copy->begun = true;
	}
	return failed;
}

static int take_all(struct copy *copy)
{
	for (size_t i = 0; i < copy->count && copy->result.last_seq < copy->until; i++)
		if (take_source(copy, &copy->sources[i]))
			return -1;
	if (copy->until != INT64_MAX && copy->result.last_seq < copy->until)
		return wrong(copy, copy->until, "is behind the end");
	return 0;
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

int copy_run(const struct copy_source *sources, size_t count, const char *into, int64_t until, struct copy_result *ret_result,
	char *error, size_t error_size)
{
	struct copy copy = {.sources = sources, .count = count, .until = until, .error = error, .error_size = error_size};
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
