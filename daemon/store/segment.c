/* What lies in DIR/segments: names, the chain from one to the next, and reading. Owns the list; never writes one (segment_job.c) and never removes
 * a finished one, unless all of it is in the journal still.
 *
 * Invariant: a file belongs to the journal only when its last record has the hash that the next one (or the journal) builds on. So what
 * another journal left, or an older life of this one, does no harm. The search goes backwards, because the journal knows where it begins. */
#include "store/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/segment_inside.h"
#include "transfer/stream.h"

_Static_assert(STREAM_HASH_BYTES == JOURNAL_HASH_BYTES, "the stream carries the journal's hashes");

void segment_name(struct segment *segment, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	int at = snprintf(segment->name, sizeof segment->name, "%012" PRId64 "-%012" PRId64 "-", segment->from, segment->to);

	for (int i = 0; i < SEGMENT_NAME_HASH && (size_t)at < sizeof segment->name; i++)
		at += snprintf(segment->name + at, sizeof segment->name - (size_t)at, "%02x", hash[i]);
	snprintf(segment->name + at, sizeof segment->name - (size_t)at, SEGMENT_ENDING);
}

char *segment_path(const char *directory, const char *name)
{
	struct buf path = {0};

	buf_printf(&path, "%s/%s", directory, name);
	char *whole = span_dup(buf_span(&path));
	buf_free(&path);
	return whole;
}

/* The name says from where to where; *ret_hash: the hexadecimal digits in it. */
static bool name_read(const char *name, struct segment *ret_segment)
{
	int end = 0;

	*ret_segment = (struct segment){0};
	if (strlen(name) >= sizeof ret_segment->name)
		return false;
	if (sscanf(name, "%" SCNd64 "-%" SCNd64 "-%*[0-9a-f]" SEGMENT_ENDING "%n", &ret_segment->from, &ret_segment->to, &end) != 2 || !end || name[end])
		return false;
	snprintf(ret_segment->name, sizeof ret_segment->name, "%s", name);
	return ret_segment->from >= 1 && ret_segment->to >= ret_segment->from;
}

/* A record's hash stands in the name of the segment that ends with it. */
static bool ends_with(const struct segment *segment, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct segment named = *segment;

	segment_name(&named, hash);
	return strcmp(named.name, segment->name) == 0;
}

/* The hash that its first record builds on. */
static bool base_read(const char *directory, struct segment *segment)
{
	char *path = segment_path(directory, segment->name), error[256];
	FILE *file = fopen(path, "rbe");
	bool with_private, good = segment->from == 1;
	struct stream_reader *reader = file ? stream_read_begin(file, &with_private, error, sizeof error) : NULL;
	struct stream_entry entry;
	struct stat status;

	if (reader && !good && stream_read(reader, &entry, error, sizeof error) == 0 && entry.part == STREAM_BASE && entry.number == segment->from - 1) {
		memcpy(segment->base_hash, entry.hash, JOURNAL_HASH_BYTES);
		good = true;
	}
	if (file && fstat(fileno(file), &status) == 0)
		segment->bytes = status.st_size;
	stream_read_end(reader);
	if (file)
		fclose(file);
	free(path);
	return reader && good;
}

/* Everything in the directory that is called like a segment. */
static struct segment *names_read(const char *directory, size_t *ret_count)
{
	DIR *folder = opendir(directory);
	struct segment *rows = NULL, one;
	size_t count = 0, room = 0;
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (!name_read(entry->d_name, &one))
			continue;
		if (count == room) {
			room = room ? room * 2 : 64;
			rows = must_realloc(rows, room * sizeof *rows);
		}
		rows[count++] = one;
	}
	if (folder)
		closedir(folder);
	*ret_count = count;
	return rows;
}

/* Hash of a record of the journal. */
static bool hash_of(struct journal *journal, int64_t seq, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	struct span unused;

	if (seq < journal->first_seq || seq > journal->last_seq || journal->ops->read_begin(journal))
		return false;
	bool found = journal->ops->read(journal, seq, &unused, ret_hash) == 0;
	journal->ops->read_end(journal);
	return found;
}

/* Written, but nothing of it was pruned before the process ended: it is in the journal, and will be written again. */
static void spare_remove(const char *directory, const struct segment *segment, struct journal *journal)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	char *path;

	if (segment->from != journal->first_seq || !hash_of(journal, segment->to, hash) || !ends_with(segment, hash))
		return;
	path = segment_path(directory, segment->name);
	unlink(path);
	free(path);
}

static void leftovers_remove(const char *directory)
{
	DIR *folder = opendir(directory);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		size_t len = strlen(entry->d_name), ending = strlen(SEGMENT_UNFINISHED);
		if (len > ending && strcmp(entry->d_name + len - ending, SEGMENT_UNFINISHED) == 0)
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder)
		closedir(folder);
}

void segments_clean(const char *state_directory, struct journal *journal)
{
	char *directory = segment_path(state_directory, SEGMENT_FOLDER);
	size_t count = 0;

	leftovers_remove(directory);
	struct segment *rows = names_read(directory, &count);
	for (size_t i = 0; i < count; i++)
		spare_remove(directory, &rows[i], journal);
	free(rows);
	free(directory);
}

/* Holds record `seq`, whose hash is given, and what comes after it is in the journal. */
static bool leads_to(struct segment *segment, int64_t seq, const unsigned char hash[JOURNAL_HASH_BYTES], struct journal *journal)
{
	unsigned char later[JOURNAL_HASH_BYTES];

	if (segment->from > seq || segment->to < seq)
		return false;
	if (segment->to == seq)
		return ends_with(segment, hash);
	return seq == journal->first_seq - 1 && hash_of(journal, segment->to, later) && ends_with(segment, later);
}

static const struct segment *find_before(struct segments *segments, struct segment *rows, size_t count, int64_t seq, const unsigned char hash[JOURNAL_HASH_BYTES],
	struct journal *journal)
{
	for (size_t i = 0; i < count; i++)
		if (leads_to(&rows[i], seq, hash, journal) && base_read(segments->directory, &rows[i]))
			return &rows[i];
	return NULL;
}

static void lack_say(struct segments *segments, int64_t seq)
{
	segments->lacks_to = seq;
	snprintf(segments->lack, sizeof segments->lack, "the segment that ends with record %" PRId64 " (%s/...-%012" PRId64 "-...%s) is missing, or it or the next one is damaged: copy it back",
		seq, segments->directory, seq, SEGMENT_ENDING);
}

static void rows_reverse(struct segments *segments)
{
	for (size_t i = 0; i < segments->count / 2; i++) {
		struct segment other = segments->rows[i];
		segments->rows[i] = segments->rows[segments->count - 1 - i];
		segments->rows[segments->count - 1 - i] = other;
	}
}

void segments_add(struct segments *segments, const struct segment *segment)
{
	segments->rows = must_realloc(segments->rows, (segments->count + 1) * sizeof *segments->rows);
	segments->rows[segments->count++] = *segment;
	segments->bytes += segment->bytes;
}

void segments_find(struct segments *segments, const char *state_directory, struct journal *journal)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	size_t count = 0;

	*segments = (struct segments){.directory = segment_path(state_directory, SEGMENT_FOLDER)};
	struct segment *rows = names_read(segments->directory, &count);
	memcpy(hash, journal->base_hash, sizeof hash);
	for (int64_t seq = journal->first_seq - 1; seq > 0 && !segments->lacks_to;) {
		const struct segment *found = find_before(segments, rows, count, seq, hash, journal);
		if (!found) {
			lack_say(segments, seq);
			continue;
		}
		segments_add(segments, found);
		memcpy(hash, found->base_hash, sizeof hash);
		seq = found->from - 1;
	}
	rows_reverse(segments);
	free(rows);
}

const struct segment *segments_with(const struct segments *segments, int64_t seq)
{
	size_t low = 0, high = segments->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (segments->rows[middle].to < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < segments->count && segments->rows[low].from <= seq ? &segments->rows[low] : NULL;
}

void segments_free(struct segments *segments)
{
	free(segments->directory);
	free(segments->rows);
	*segments = (struct segments){0};
}

struct walk {
	const struct segment *segment;
	unsigned char chain[JOURNAL_HASH_BYTES];
	int64_t next, from;
	journal_each *each;
	void *context;
	bool enough;
};

/* One entry: 0, or what is wrong with it. */
static const char *entry_take(struct walk *walk, const struct stream_entry *entry)
{
	const struct segment *segment = walk->segment;

	switch (entry->part) {
	case STREAM_BASE:
		return entry->number == segment->from - 1 && memcmp(entry->hash, walk->chain, JOURNAL_HASH_BYTES) == 0 ? NULL : "does not continue the segment before it";
	case STREAM_RECORD:
		if (entry->number != walk->next || walk->next > segment->to)
			return "does not hold the records that its name says";
		journal_chain(walk->chain, walk->next, entry->bytes, walk->chain);
		if (memcmp(walk->chain, entry->hash, JOURNAL_HASH_BYTES) != 0)
			return "holds a record that does not match its hash";
		walk->enough = walk->next >= walk->from && !walk->each(walk->context, walk->next, entry->bytes, walk->chain);
		walk->next++;
		return NULL;
	case STREAM_END:
		return walk->next == segment->to + 1 && ends_with(segment, walk->chain) ? NULL : "does not end with the record that its name says";
	default:
		return "holds something that is no record";
	}
}

static int walk_all(struct walk *walk, struct stream_reader *reader, char *error, size_t error_size)
{
	struct stream_entry entry = {0};

	while (!walk->enough && entry.part != STREAM_END) {
		if (stream_read(reader, &entry, error, error_size))
			return -1;
		const char *wrong = entry_take(walk, &entry);
		if (wrong) {
			snprintf(error, error_size, "it %s (at record %" PRId64 ")", wrong, walk->next);
			return -1;
		}
	}
	return 0;
}

int segment_read_file(const char *path, const struct segment *segment, int64_t from, journal_each *each, void *context, char *error, size_t error_size)
{
	struct walk walk = {.segment = segment, .next = segment->from, .from = from, .each = each, .context = context};
	char why[256] = "";
	FILE *file = fopen(path, "rbe");
	bool with_private;
	int failed = -1;

	memcpy(walk.chain, segment->base_hash, sizeof walk.chain);
	if (!file)
		snprintf(why, sizeof why, "it cannot be opened: %s", strerror(errno));
	struct stream_reader *reader = file ? stream_read_begin(file, &with_private, why, sizeof why) : NULL;
	if (reader)
		failed = walk_all(&walk, reader, why, sizeof why);
	if (failed)
		snprintf(error, error_size, "segment %s: %s; copy it back from where the segments are kept safe", path, why);
	stream_read_end(reader);
	if (file)
		fclose(file);
	return failed;
}

int segment_read(const char *directory, const struct segment *segment, int64_t from, journal_each *each, void *context, char *error, size_t error_size)
{
	char *path = segment_path(directory, segment->name);
	int failed = segment_read_file(path, segment, from, each, context, error, error_size);

	free(path);
	return failed;
}
