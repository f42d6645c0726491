/* The oracles. A reference is made from a run in which nothing went wrong: every record, the moments at which a transaction ended, the private
 * rows of each, and with the engine on top the state's digest and the archive's content, both from a replay in memory.
 *
 * A folder is right when its journal is the reference's up to one of those moments, not before what was acknowledged, its rows are that moment's,
 * its archive is what the journal makes of it, and work goes on in it. */
#include "tests/storage/check_inside.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "store/backup.h"
#include "store/journal_memory.h"

void folder_empty(const char *folder, bool itself)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[600];

	while (directory && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_type == DT_DIR)
			folder_empty(path, true);
		else
			unlink(path);
	}
	if (directory)
		closedir(directory);
	if (itself)
		rmdir(folder);
}

/* ---- notes ---- */

void progress_note(struct progress *progress, struct span lines)
{
	struct span rest = lines;
	int64_t seq;

	while (rest.len) {
		const char *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;
		char line[160];
		snprintf(line, sizeof line, "%.*s", (int)len, rest.data);
		if (sscanf(line, "committed %" SCNd64, &seq) == 1)
			progress->committed = seq;
		else if (sscanf(line, "acknowledged %" SCNd64, &seq) == 1 && seq > progress->acknowledged)
			progress->acknowledged = seq;
		else if (sscanf(line, "backed %" SCNd64, &seq) == 1)
			progress->backed = seq;
		rest.data += end ? len + 1 : len;
		rest.len -= end ? len + 1 : len;
	}
}

static struct moment *moment_add(struct reference *reference, const struct moment *before)
{
	if (reference->moment_count == reference->moment_room) {
		reference->moment_room = reference->moment_room ? reference->moment_room * 2 : 64;
		reference->moments = must_realloc(reference->moments, reference->moment_room * sizeof *reference->moments);
	}
	reference->moments[reference->moment_count] = *before;
	return &reference->moments[reference->moment_count++];
}

/* The empty journal is a moment as well. */
static bool moments_read(struct reference *reference, struct span notes)
{
	struct moment now = {0};
	char *text = span_dup(notes), *place = NULL;
	bool good = true;

	moment_add(reference, &now);
	for (char *line = strtok_r(text, "\n", &place); line; line = strtok_r(NULL, "\n", &place)) {
		int64_t number;
		uint64_t hash;
		if (sscanf(line, "row %" SCNd64 " %" SCNx64, &number, &hash) == 2) {
			good = good && number >= 0 && number < ROWS_MOST;
			now.rows[good ? number : 0] = hash;
		} else if (sscanf(line, "committed %" SCNd64, &now.seq) == 1) {
			moment_add(reference, &now);
		}
	}
	free(text);
	return good;
}

static const struct moment *moment_find(const struct reference *reference, int64_t seq)
{
	for (size_t i = 0; i < reference->moment_count; i++)
		if (reference->moments[i].seq == seq)
			return &reference->moments[i];
	return NULL;
}

/* ---- the finished run ---- */

static void case_remember(struct reference *reference, int64_t seq, struct span bytes)
{
	struct record event;
	struct flaw flaw;
	int index;

	if (codec_read_lenient(bytes, &event, &flaw) || event.event != EVENT_case_opened || reference->case_count == CASES_MOST)
		return;
	char ref[24] = "";
	snprintf(ref, sizeof ref, "%.*s", (int)event.source_ref.len, event.source_ref.data);
	if (sscanf(ref, "T%d", &index) != 1)
		return;
	reference->cases[reference->case_count].index = index;
	reference->cases[reference->case_count].number = event.case_id;
	reference->cases[reference->case_count++].seq = seq;
}

static bool records_read(struct reference *reference, char *error, size_t error_size)
{
	char state[WORKLOAD_PATH_MOST];
	workload_state(reference->workload->kind, reference->workload->directory, state);
	struct journal *journal = journal_lmdb_open(state, WORKLOAD_MAP_BYTES, error, error_size);
	struct span bytes;

	if (!journal || journal->ops->read_begin(journal))
		return false;
	reference->last = journal->last_seq;
	reference->records = must_calloc((size_t)journal->last_seq + 1, sizeof *reference->records);
	if (journal->first_seq > 1 && !segments_into(reference, journal, state, error, error_size))
		return false;
	for (int64_t seq = journal->first_seq; seq <= journal->last_seq; seq++) {
		struct stored *stored = &reference->records[seq - 1];
		if (journal->ops->read(journal, seq, &bytes, stored->hash))
			return false;
		stored->bytes = span_dup(bytes);
		stored->len = bytes.len;
		if (reference->workload->kind == WORKLOAD_CITY)
			case_remember(reference, seq, bytes);
	}
	journal->ops->read_end(journal);
	journal->ops->close(journal);
	return true;
}

struct summing {
	uint64_t sum;
	int table;
};

static bool sum_row(void *context, struct span key, struct span value)
{
	struct summing *summing = context;

	summing->sum = (summing->sum ^ span_hash(key)) * UINT64_C(0x9fb21c651e98df25) + (span_hash(value) ^ (uint64_t)summing->table);
	return true;
}

static uint64_t archive_sum(struct archive *archive)
{
	struct archive_reader *reader = archive_read_begin(archive);
	struct summing summing = {0};

	for (summing.table = 0; reader && summing.table < ARCHIVE_TABLES; summing.table++)
		archive_walk(reader, summing.table, (struct span){0}, (struct span){0}, false, sum_row, &summing);
	archive_read_end(reader);
	return summing.sum;
}

/* The state and the archive that a moment's records make, from nothing. */
static bool moment_replay(struct reference *reference, struct moment *moment, const char *scratch, char *error, size_t error_size)
{
	struct journal *journal = journal_memory_open();
	struct archive *archive = archive_open(scratch, WORKLOAD_MAP_BYTES, engine_archive_format(), NULL, NULL, NULL, error, error_size);
	struct engine *engine = NULL;

	for (int64_t seq = 1; seq <= moment->seq; seq++)
		journal->ops->append(journal, seq, (struct span){reference->records[seq - 1].bytes, reference->records[seq - 1].len});
	journal->ops->commit(journal);
	if (archive)
		engine = engine_open(&reference->settings, journal, archive, WORKLOAD_NOW, error, error_size);
	if (engine) {
		engine_digest(engine, moment->digest);
		archive_flush(archive);
		moment->archive = archive_sum(archive);
	}
	bool good = engine != NULL;
	engine_close(engine);
	archive_close(archive);
	journal->ops->close(journal);
	folder_empty(scratch, false);
	return good;
}

struct reference *reference_read(const struct workload *workload, struct span notes, const char *scratch)
{
	struct reference *reference = must_calloc(1, sizeof *reference);
	char error[512] = "its notes name a row that is too high";

	reference->workload = workload;
	city_settings(&reference->settings);
	bool good = moments_read(reference, notes) && records_read(reference, error, sizeof error);
	for (size_t i = 0; good && workload->kind == WORKLOAD_CITY && i < reference->moment_count; i++)
		good = moment_replay(reference, &reference->moments[i], scratch, error, sizeof error);
	if (good)
		return reference;
	fprintf(stderr, "the run without a crash cannot be read: %s\n", error);
	reference_free(reference);
	return NULL;
}

void reference_free(struct reference *reference)
{
	for (int64_t i = 0; reference && i < reference->last; i++)
		free(reference->records[i].bytes);
	if (reference) {
		free(reference->records);
		free(reference->moments);
		settings_free(&reference->settings);
	}
	free(reference);
}

/* ---- a folder ---- */

bool wrong(struct looking *looking, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(looking->verdict->why, sizeof looking->verdict->why, format, list);
	va_end(list);
	return false;
}

bool record_is(const struct reference *reference, int64_t seq, struct span bytes, const unsigned char *hash)
{
	const struct stored *stored = &reference->records[seq - 1];

	return span_equal(bytes, (struct span){stored->bytes, stored->len}) && memcmp(hash, stored->hash, JOURNAL_HASH_BYTES) == 0;
}

static bool records_hold(struct looking *looking, struct journal *journal, int64_t least)
{
	const struct reference *reference = looking->reference;
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct span bytes;
	int64_t bad = 0;

	if (journal->last_seq < least)
		return wrong(looking, "record %" PRId64 " was acknowledged, and the journal ends with %" PRId64, least, journal->last_seq);
	if (journal->last_seq > reference->last)
		return wrong(looking, "the journal ends with %" PRId64 ", and only %" PRId64 " were ever written", journal->last_seq, reference->last);
	if (journal_verify(journal, journal->first_seq, journal->last_seq, &bad))
		return wrong(looking, "record %" PRId64 " does not match its hash", bad);
	if (journal->ops->read_begin(journal))
		return wrong(looking, "%s", journal->error);
	bool same = true;
	for (int64_t seq = journal->first_seq; seq <= journal->last_seq && same; seq++) {
		same = journal->ops->read(journal, seq, &bytes, hash) == 0 && record_is(reference, seq, bytes, hash);
		bad = seq;
	}
	journal->ops->read_end(journal);
	return same || wrong(looking, "record %" PRId64 " is not the one that was written", bad);
}

static bool rows_hold(struct looking *looking, struct journal *journal)
{
	const struct moment *moment = moment_find(looking->reference, journal->last_seq);
	struct span row;

	if (!moment)
		return wrong(looking, "the journal ends with %" PRId64 ", in the middle of a transaction", journal->last_seq);
	if (journal->ops->read_begin(journal))
		return wrong(looking, "%s", journal->error);
	for (int number = 0; number < ROWS_MOST && !looking->verdict->why[0]; number++) {
		int found = journal->ops->private_get(journal, number, &row);
		if (found < 0)
			wrong(looking, "%s", journal->error);
		else if ((found == 0) != (moment->rows[number] != 0) || (found == 0 && span_hash(row) != moment->rows[number]))
			wrong(looking, "private row %d is not that of record %" PRId64, number, journal->last_seq);
	}
	journal->ops->read_end(journal);
	return !looking->verdict->why[0];
}

static bool archive_holds_plain(struct looking *looking)
{
	char buffer[PLAIN_RECORD_MOST], name[16];
	int64_t rows[PLAIN_TABLES][PLAIN_KEYS], counts[PLAIN_TABLES] = {0};
	struct archive_reader *reader = archive_read_begin(looking->archive);
	struct span value;

	if (!reader)
		return wrong(looking, "archive: %s", archive_fault(looking->archive));
	plain_archive(archive_read_seq(reader), rows);
	for (int table = 0; table < PLAIN_TABLES; table++) {
		for (int key = 0; key < PLAIN_KEYS && !looking->verdict->why[0]; key++) {
			snprintf(name, sizeof name, "key %03d", key);
			int64_t seq = rows[table][key];
			bool found = archive_get(reader, table, span_of(name), &value);
			if (found != (seq != 0) || (found && !span_equal(value, plain_value(buffer, seq))))
				wrong(looking, "archive at %" PRId64 ": table %d %s is not what record %" PRId64 " made it", archive_read_seq(reader), table, name, seq);
			counts[table] += found;
		}
		if (!looking->verdict->why[0] && archive_count(reader, table) != counts[table])
			wrong(looking, "archive: table %d has rows that nobody put there", table);
	}
	archive_read_end(reader);
	return !looking->verdict->why[0];
}

/* The engine finds the same state and writes the same archive as a replay from nothing. */
static bool engine_holds(struct looking *looking)
{
	const struct reference *reference = looking->reference;
	const struct moment *moment = moment_find(reference, looking->journal->last_seq);
	unsigned char digest[32];
	char error[512] = "";

	looking->engine = engine_open(&reference->settings, looking->journal, looking->archive, WORKLOAD_NOW, error, sizeof error);
	if (!looking->engine)
		return wrong(looking, "the engine does not start: %s", error);
	engine_digest(looking->engine, digest);
	if (memcmp(digest, moment->digest, sizeof digest) != 0)
		return wrong(looking, "the state at %" PRId64 " is not that of a replay", looking->journal->last_seq);
	if (archive_flush(looking->archive))
		return wrong(looking, "archive: %s", archive_fault(looking->archive));
	if (archive_sum(looking->archive) != moment->archive)
		return wrong(looking, "the archive at %" PRId64 " is not what the journal makes of it", looking->journal->last_seq);
	return true;
}

/* The last report is sent again, and a new one comes in. */
static bool engine_goes_on(struct looking *looking)
{
	const struct reference *reference = looking->reference;
	struct record request, reply;
	int64_t last = looking->journal->last_seq, known = 0;
	int index = 0;

	for (size_t i = 0; i < reference->case_count; i++)
		if (reference->cases[i].seq <= last)
			known = reference->cases[i].number, index = reference->cases[i].index;
	if (!known)
		return true; /* before the policy there are no cases */
	city_report(&request, index);
	if (city_ask(looking->engine, WORKLOAD_NOW, &request, &reply) || reply.case_id != known)
		return wrong(looking, "report %d was case %" PRId64 ", and is another one when it is sent again", index, known);
	city_report(&request, 90000);
	if (city_ask(looking->engine, WORKLOAD_NOW, &request, &reply) || record_has(&reply, error))
		return wrong(looking, "no new report is taken: %s", engine_fault(looking->engine));
	if (looking->journal->last_seq <= last)
		return wrong(looking, "a new report was answered, and the journal has not grown");
	return true;
}

static bool journal_goes_on(struct looking *looking)
{
	struct journal *journal = looking->journal;
	char buffer[PLAIN_RECORD_MOST];

	for (int64_t more = 1; more <= 6; more++) {
		struct span record = plain_record(buffer, journal->last_seq + 1);
		if (journal->ops->append(journal, journal->last_seq + 1, record) || journal->ops->private_put(journal, 600 + more, record)
			|| journal->ops->commit(journal))
			return wrong(looking, "nothing more can be written: %s", journal->error);
	}
	return true;
}

static bool backup_holds(struct looking *looking)
{
	char place[600], error[512] = "";

	snprintf(place, sizeof place, "%s/backup/journal.mdb", looking->folder);
	bool is_there = access(place, F_OK) == 0;
	if (!is_there)
		return !looking->progress->backed || wrong(looking, "the backup was said to be whole, and is not there");
	snprintf(place, sizeof place, "%s/backup", looking->folder);
	struct journal *copy = journal_lmdb_open_backup(place, error, sizeof error);
	if (!copy)
		return wrong(looking, "the backup: %s", error);
	bool good = records_hold(looking, copy, looking->progress->backed)
		&& (looking->reference->workload->kind == WORKLOAD_IMPORT || rows_hold(looking, copy));
	copy->ops->close(copy);
	return good;
}

/* A backup that was interrupted does not stand in the way of the next one. */
static bool backup_again(struct looking *looking)
{
	char place[600], error[512] = "";
	struct journal_backup_state state;

	snprintf(place, sizeof place, "%s/backup/journal.mdb", looking->folder);
	if (access(place, F_OK) == 0)
		return true;
	snprintf(place, sizeof place, "%s/backup", looking->folder);
	struct journal_backup *backup = journal_backup_start(looking->journal, place, error, sizeof error);
	if (!backup)
		return wrong(looking, "no new backup: %s", error);
	do {
		usleep(100);
		journal_backup_poll(backup, &state);
	} while (!state.over);
	journal_backup_end(backup);
	return !state.failed || wrong(looking, "no new backup: %s", state.error);
}

static bool store_holds(struct looking *looking)
{
	const struct reference *reference = looking->reference;
	bool city = reference->workload->kind == WORKLOAD_CITY;
	char error[512] = "";

	if (city && (looking->lock = state_lock(looking->state, error, sizeof error)) < 0)
		return wrong(looking, "%s", error);
	looking->journal = journal_lmdb_open(looking->state, WORKLOAD_MAP_BYTES, error, sizeof error);
	if (!looking->journal)
		return wrong(looking, "the journal does not open: %s", error);
	looking->verdict->last = looking->journal->last_seq;
	if (!records_hold(looking, looking->journal, looking->progress->acknowledged) || !rows_hold(looking, looking->journal))
		return false;
	if (reference->workload->kind == WORKLOAD_PRUNE && (!segments_hold(looking, looking->journal) || !pruning_goes_on(looking) || !segments_hold(looking, looking->journal)))
		return false;
	if ((reference->workload->kind == WORKLOAD_BACKUP || reference->workload->kind == WORKLOAD_IMPORT) && (!backup_holds(looking) || !backup_again(looking)))
		return false;
	looking->archive = archive_open(looking->state, WORKLOAD_MAP_BYTES, city ? engine_archive_format() : WORKLOAD_FORMAT, NULL, NULL,
		&looking->verdict->rebuilt, error, sizeof error);
	if (!looking->archive)
		return wrong(looking, "the archive does not open: %s", error);
	if (archive_reached(looking->archive) > looking->journal->last_seq)
		return wrong(looking, "the archive is at %" PRId64 ", ahead of the journal at %" PRId64, archive_reached(looking->archive), looking->journal->last_seq);
	return city ? engine_holds(looking) && engine_goes_on(looking) : archive_holds_plain(looking) && journal_goes_on(looking);
}

static void store_close(struct looking *looking)
{
	engine_close(looking->engine);
	archive_close(looking->archive);
	if (looking->journal)
		looking->journal->ops->close(looking->journal);
	if (looking->lock >= 0)
		close(looking->lock);
	looking->lock = -1;
	looking->engine = NULL;
	looking->archive = NULL;
	looking->journal = NULL;
}

/* What was written after the crash is there at the next start, too. */
static bool again_holds(struct looking *looking, int64_t last)
{
	char error[512] = "";
	int64_t bad = 0;

	looking->journal = journal_lmdb_open(looking->state, WORKLOAD_MAP_BYTES, error, sizeof error);
	if (!looking->journal)
		return wrong(looking, "the journal does not open a second time: %s", error);
	if (looking->journal->last_seq != last || journal_verify(looking->journal, looking->journal->first_seq, last, &bad))
		return wrong(looking, "what was written after the crash is not there at the next start");
	return true;
}

void check_folder(const struct reference *reference, const char *folder, const struct progress *progress, bool thorough, struct verdict *ret_verdict)
{
	struct looking looking = {.reference = reference, .folder = folder, .progress = progress, .verdict = ret_verdict, .lock = -1};

	workload_state(reference->workload->kind, folder, looking.state);
	*ret_verdict = (struct verdict){0};
	bool good = store_holds(&looking);
	int64_t last = looking.journal ? looking.journal->last_seq : 0;
	store_close(&looking);
	if (good && thorough)
		again_holds(&looking, last);
	store_close(&looking);
}
