/* Sources of a journal, one entry after the other. Owns what it opened; never judges a hash (copy.c does) and never holds one state of a file that a
 * daemon writes for more than READ_MOST records, because its free pages could not be used again meanwhile.
 *
 * A directory is its segments, in order, and then its journal. Behind a record that opens a case comes the private row that is still there. */
#include "transfer/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/case_number.h"
#include "schema/codec.h"
#include "store/journal.h"
#include "store/segment.h"

#define READ_MOST 256

/* One file. Of a journal's: its records; of a stream: its entries, with the rows of the journal that it was pruned from. */
struct source {
	FILE *file; /* NULL: the journal itself */
	struct stream_reader *reader;
	struct journal *journal; /* rows, and records without a file; NULL: none */
	bool with_rows;
	int64_t seq, row_of, rows, records; /* row_of: the case whose row comes next, 0: none */
	int reading;                        /* records since the read began; 0: none is under way */
	bool begun;
};

struct directory {
	struct journal *journal;
	struct segments segments;
};

struct sources {
	struct source **rows;
	struct copy_source *list;
	size_t count;
	struct directory *directories;
	size_t directory_count;
};

static struct record event; /* one at a time is looked at; it is large */

static void read_over(struct source *source)
{
	if (source->reading)
		source->journal->ops->read_end(source->journal);
	source->reading = 0;
}

static int read_more(struct source *source, char *error, size_t error_size)
{
	if (source->reading >= READ_MOST)
		read_over(source);
	if (!source->reading && source->journal->ops->read_begin(source->journal)) {
		snprintf(error, error_size, "%s", source->journal->error);
		return -1;
	}
	source->reading++;
	return 0;
}

static void row_expect(struct source *source, struct span record)
{
	struct flaw flaw;

	source->row_of = 0;
	if (source->with_rows && codec_read_lenient(record, &event, &flaw) == 0 && event.event == EVENT_case_opened && record_get(&event, contact_kept, false))
		source->row_of = event.case_id;
}

/* True when the row is still there: it may have been destroyed, or left out of an export. What a caller left is less than the rest of the journal: a damaged row is told
 * of and left out. */
static bool row_take(struct source *source, struct stream_entry *ret_entry)
{
	int64_t number = source->row_of;
	char text[CASE_NUMBER_TEXT];
	int found;

	source->row_of = 0;
	*ret_entry = (struct stream_entry){.part = STREAM_PRIVATE, .number = number};
	found = source->journal->ops->private_get(source->journal, number, &ret_entry->bytes);
	if (found && found != JOURNAL_MISSING) {
		case_number_write(number, text);
		fprintf(stderr, "reeve-journal: the caller's row of case %s is not what was stored and is left out; an earlier backup may have it\n", text);
	}
	source->rows += !found;
	return !found;
}

static int journal_next(struct source *source, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	struct journal *journal = source->journal;

	if (!source->begun) {
		source->begun = true;
		source->seq = journal->first_seq - 1;
		*ret_entry = (struct stream_entry){.part = STREAM_BASE, .number = source->seq};
		memcpy(ret_entry->hash, journal->base_hash, sizeof ret_entry->hash);
		if (source->seq)
			return 0;
	}
	if (source->seq == journal->last_seq) {
		*ret_entry = (struct stream_entry){.part = STREAM_END, .number = source->seq, .records = source->records, .rows = source->rows};
		memcpy(ret_entry->hash, journal->last_hash, sizeof ret_entry->hash);
		return 0;
	}
	*ret_entry = (struct stream_entry){.part = STREAM_RECORD, .number = ++source->seq};
	source->records++;
	if (journal->ops->read(journal, source->seq, &ret_entry->bytes, ret_entry->hash)) {
		snprintf(error, error_size, "record %" PRId64 " cannot be read: if it left the journal just now, try again; otherwise go back to an earlier backup", source->seq);
		return -1;
	}
	row_expect(source, ret_entry->bytes);
	return 0;
}

static int source_next(void *context, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	struct source *source = context;

	if (source->journal && read_more(source, error, error_size))
		return -1;
	if (source->row_of && row_take(source, ret_entry))
		return 0;
	if (!source->file)
		return journal_next(source, ret_entry, error, error_size);
	if (stream_read(source->reader, ret_entry, error, error_size))
		return -1;
	if (source->journal && ret_entry->part == STREAM_RECORD)
		row_expect(source, ret_entry->bytes);
	if (ret_entry->part == STREAM_END)
		ret_entry->rows += source->rows;
	return 0;
}

static struct source *source_add(struct sources *sources)
{
	struct source *source = must_calloc(1, sizeof *source);

	sources->rows = must_realloc(sources->rows, (sources->count + 1) * sizeof *sources->rows);
	sources->list = must_realloc(sources->list, (sources->count + 1) * sizeof *sources->list);
	sources->list[sources->count] = (struct copy_source){source_next, source};
	sources->rows[sources->count++] = source;
	return source;
}

static int stream_add(struct sources *sources, const char *name, struct journal *rows_of, char *error, size_t error_size)
{
	struct source *source = source_add(sources);
	bool with_private;

	source->file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rbe");
	source->journal = rows_of;
	source->with_rows = rows_of != NULL;
	if (!source->file) {
		snprintf(error, error_size, "%s: it cannot be opened: %s", name, strerror(errno));
		return -1;
	}
	source->reader = stream_read_begin(source->file, &with_private, error, error_size);
	return source->reader ? 0 : -1;
}

static int segments_open(struct sources *sources, const struct segments *segments, struct journal *rows_of, char *error, size_t error_size)
{
	int failed = 0;

	if (segments->lacks_to) {
		snprintf(error, error_size, "%s", segments->lack);
		return -1;
	}
	for (size_t i = 0; i < segments->count && !failed; i++) {
		struct buf path = {0};
		buf_printf(&path, "%s/%s", segments->directory, segments->rows[i].name);
		failed = stream_add(sources, path.data, rows_of, error, error_size);
		buf_free(&path);
	}
	return failed;
}

static int directory_add(struct sources *sources, const char *name, bool with_rows, char *error, size_t error_size)
{
	struct directory *directory;

	sources->directories = must_realloc(sources->directories, (sources->directory_count + 1) * sizeof *sources->directories);
	directory = &sources->directories[sources->directory_count];
	*directory = (struct directory){0};
	directory->journal = with_rows ? journal_lmdb_open_backup(name, error, error_size) : journal_lmdb_open_readonly(name, error, error_size);
	if (!directory->journal)
		return -1;
	sources->directory_count++;
	segments_find(&directory->segments, name, directory->journal);
	struct journal *rows_of = with_rows ? directory->journal : NULL;
	if (segments_open(sources, &directory->segments, rows_of, error, error_size))
		return -1;
	struct source *source = source_add(sources);
	source->journal = directory->journal;
	source->with_rows = with_rows;
	return 0;
}

struct sources *sources_open(char *const *names, int count, bool with_rows, char *error, size_t error_size)
{
	struct sources *sources = must_calloc(1, sizeof *sources);
	struct stat status;
	int failed = 0;

	for (int i = 0; i < count && !failed; i++) {
		bool is_directory = strcmp(names[i], "-") != 0 && stat(names[i], &status) == 0 && S_ISDIR(status.st_mode);
		failed = is_directory ? directory_add(sources, names[i], with_rows, error, error_size) : stream_add(sources, names[i], NULL, error, error_size);
	}
	if (!failed)
		return sources;
	sources_close(sources);
	return NULL;
}

const struct copy_source *sources_list(const struct sources *sources, size_t *ret_count)
{
	*ret_count = sources->count;
	return sources->list;
}

void sources_close(struct sources *sources)
{
	for (size_t i = 0; sources && i < sources->count; i++) {
		struct source *source = sources->rows[i];
		read_over(source);
		stream_read_end(source->reader);
		if (source->file && source->file != stdin)
			fclose(source->file);
		free(source);
	}
	for (size_t i = 0; sources && i < sources->directory_count; i++) {
		segments_free(&sources->directories[i].segments);
		sources->directories[i].journal->ops->close(sources->directories[i].journal);
	}
	if (sources) {
		free(sources->rows);
		free(sources->list);
		free(sources->directories);
	}
	free(sources);
}
