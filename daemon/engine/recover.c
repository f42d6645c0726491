/* Start-up is the normal apply path at high speed: the open cases from the archive, then the journal's tail. Without an
 * archive the tail is the whole journal, and the archive is written anew on the way. */
#include "engine/inside.h"
#include "engine/sound.h"

#include <stdio.h>

#define RECOVER_ROUND 8192 /* events before the changes are handed to the archivist */

struct loading {
	struct engine *engine;
	struct archive_reader *reader;
	int64_t bad;
};

static bool load_name(void *context, struct span key, struct span value)
{
	struct loading *loading = context;

	state_restore_name(loading->engine->state, ++loading->engine->names_kept, value);
	(void)key;
	return true;
}

static bool load_stream(void *context, struct span key, struct span value)
{
	struct loading *loading = context;
	uint64_t both = (uint64_t)number_of_key(key.data);
	int64_t number;

	memcpy(&number, value.data, sizeof number);
	state_restore_stream(loading->engine->state, (int)(both >> 32), (uint32_t)both, number);
	return true;
}

static bool load_open(void *context, struct span key, struct span value)
{
	struct loading *loading = context;
	struct casefile row;
	struct span found, ref;

	(void)value;
	if (!archive_get(loading->reader, TABLE_CASES, key, &found) || !casefile_read(found, &row, &ref)) {
		loading->bad = number_of_key(key.data);
		return false;
	}
	if (casefile_lives(&row)) {
		state_restore_case(loading->engine->state, &row, ref);
	} else { /* older versions kept merged cases here for ever */
		archive_remove(loading->engine->archive, TABLE_OPEN, key);
		casefile_release(&row);
	}
	return true;
}

static bool load_policy(void *context, struct span key, struct span value)
{
	struct loading *loading = context;

	adopt_note(loading->engine, number_of_key(key.data), number_of_key(value.data), true);
	return true;
}

/* A part of what is open is worse than no start at all. */
static int archive_unreadable(struct engine *engine, char *error, size_t error_size)
{
	const char *why = archive_fault(engine->archive);

	snprintf(error, error_size, "the archive cannot be read%s%s: start again; if it is the same, give the daemon more memory, or delete archive.mdb: it is rebuilt from the journal",
		why ? ": " : "", why ? why : "");
	return -1;
}

static int load_archive(struct engine *engine, struct archive_reader *reader, char *error, size_t error_size)
{
	struct loading loading = {engine, reader, 0};
	struct span value, all = {0};
	int64_t scalars[3];

	if (!archive_get(reader, TABLE_SCALARS, span_of("scalars"), &value) || value.len != sizeof scalars) {
		if (archive_read_failed(reader))
			return archive_unreadable(engine, error, error_size);
		snprintf(error, error_size, "the archive has no scalars: stop the daemon, delete archive.mdb and start again; it is rebuilt from the journal");
		return -1;
	}
	memcpy(scalars, value.data, sizeof scalars);
	archive_walk(reader, TABLE_NAMES, all, all, false, load_name, &loading);
	if (archive_get(reader, TABLE_SCALARS, span_of("watch"), &value))
		state_restore_watch(engine->state, value);
	engine->low_told = archive_get(reader, TABLE_SCALARS, span_of("low"), &value) && value.len;
	archive_walk(reader, TABLE_STREAMS, all, all, false, load_stream, &loading);
	archive_walk(reader, TABLE_POLICIES, all, all, false, load_policy, &loading);
	if (!loading.bad)
		archive_walk(reader, TABLE_OPEN, all, all, false, load_open, &loading);
	state_restore_scalars(engine->state, archive_read_seq(reader), scalars[0], scalars[1], scalars[2]);
	if (archive_read_failed(reader))
		return archive_unreadable(engine, error, error_size);
	if (!loading.bad)
		return 0;
	snprintf(error, error_size, "the archive does not fit the journal (at %lld): delete archive.mdb and start again; it is rebuilt from the journal",
		(long long)loading.bad);
	return -1;
}

/* Answered requests are remembered across restarts: read from the journal's last records before the tail. */
static void load_requests(struct engine *engine, int64_t reached)
{
	int64_t from = engine->journal->last_seq - engine->settings->limits_remembered_requests + 1;

	for (int64_t seq = from < engine->journal->first_seq ? engine->journal->first_seq : from; seq <= reached; seq++)
		if (journal_record(engine, seq, &engine->scratch))
			state_restore_request(engine->state, seq, &engine->scratch);
}

static int unreadable(int64_t seq, char *error, size_t error_size)
{
	snprintf(error, error_size, "journal record %lld cannot be read: restore a backup, or look at it with reeve journal verify", (long long)seq);
	return -1;
}

static int apply_record(struct engine *engine, int64_t seq, struct record *event, char *error, size_t error_size)
{
	char why[200];

	if (record_has(event, case_id) && record_has(event, path))
		engine_bring_case(engine, event->case_id);
	if (engine->archive_unread)
		return archive_unreadable(engine, error, error_size);
	if (!event_sound(engine->state, event, why, sizeof why)) {
		snprintf(error, error_size, "journal record %lld cannot be applied: %s: restore a backup, or start the version that wrote it",
			(long long)seq, why);
		return -1;
	}
	if (event->event == EVENT_policy_adopted)
		adopt_note(engine, event->policy, seq, false);
	project_event(engine, event);
	if (state_apply(engine->state, seq, event))
		stream_keep(engine, event);
	return 0;
}

/* Now and then, and at the end. */
static void tail_hand_over(struct engine *engine, int64_t seq, int64_t last)
{
	if (seq % RECOVER_ROUND != 0 && seq != last)
		return;
	project_round(engine);
	state_forget(engine->state, archive_reached(engine->archive));
}

struct pruned {
	struct engine *engine;
	int64_t last;
	char *error;
	size_t error_size;
	bool failed;
};

static bool pruned_apply(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct pruned *pruned = context;
	struct record *event = &pruned->engine->scratch;
	struct flaw flaw;

	(void)hash;
	if (seq > pruned->last)
		return false;
	pruned->failed = codec_read_lenient(record, event, &flaw) ? unreadable(seq, pruned->error, pruned->error_size)
		: apply_record(pruned->engine, seq, event, pruned->error, pruned->error_size);
	if (!pruned->failed)
		tail_hand_over(pruned->engine, seq, pruned->last);
	return !pruned->failed;
}

/* What the archive lacks and the journal no longer has. */
static int apply_segments(struct engine *engine, int64_t reached, char *error, size_t error_size)
{
	const struct segments *segments = &engine->prune.segments;
	struct pruned pruned = {engine, engine->journal->first_seq - 1, error, error_size, false};

	if (reached >= pruned.last)
		return 0;
	if (segments->lacks_to > reached) {
		snprintf(error, error_size, "the archive has to be rebuilt, and %s", segments->lack);
		return -1;
	}
	for (size_t i = 0; i < segments->count && !pruned.failed; i++) {
		const struct segment *segment = &segments->rows[i];
		if (segment->to > reached && segment->from <= pruned.last && segment_read(segments->directory, segment, reached + 1, pruned_apply, &pruned, error, error_size))
			return -1;
	}
	return pruned.failed ? -1 : 0;
}

static int journal_reading(struct engine *engine, char *error, size_t error_size)
{
	if (engine->journal->ops->read_begin(engine->journal) == 0)
		return 0;
	snprintf(error, error_size, "the journal cannot be read: %s", engine->journal->error[0] ? engine->journal->error : "start again; give the daemon more memory");
	return -1;
}

static int apply_tail(struct engine *engine, int64_t reached, char *error, size_t error_size)
{
	int64_t last = engine->journal->last_seq;

	for (int64_t seq = reached < engine->journal->first_seq ? engine->journal->first_seq : reached + 1; seq <= last; seq++) {
		if (journal_reading(engine, error, error_size))
			return -1;
		int failed = journal_record(engine, seq, &engine->scratch) ? apply_record(engine, seq, &engine->scratch, error, error_size)
			: unreadable(seq, error, error_size);
		engine->journal->ops->read_end(engine->journal);
		if (failed)
			return -1;
		tail_hand_over(engine, seq, last);
	}
	return 0;
}

/* Only a journal that lost its end, or another one in its place, is behind its archive: what the archive has seen was acknowledged. */
static int journal_is_short(const struct journal *journal, int64_t reached, char *error, size_t error_size)
{
	snprintf(error, error_size, "the journal ends with record %lld, but the archive has seen record %lld: the journal has lost records that were acknowledged; "
		"restore a backup (docs/OPERATING.md), or, if it was put back on purpose, delete archive.mdb and archive.mdb-lock and start again",
		(long long)journal->last_seq, (long long)reached);
	return -1;
}

static bool same_chain(struct journal *journal, int64_t seq, struct span hash)
{
	unsigned char found[JOURNAL_HASH_BYTES];
	struct span unused;

	if (hash.len != sizeof found || journal->ops->read_begin(journal))
		return false;
	if (seq == journal->first_seq - 1)
		memcpy(found, journal->base_hash, sizeof found);
	bool same = (seq == journal->first_seq - 1 || journal->ops->read(journal, seq, &unused, found) == 0) && memcmp(found, hash.data, sizeof found) == 0;
	journal->ops->read_end(journal);
	return same;
}

int engine_archive_check(struct journal *journal, struct archive *archive, char *error, size_t error_size)
{
	struct archive_reader *reader = archive_read_begin(archive);
	int64_t reached = reader ? archive_read_seq(reader) : 0;
	struct span hash, scalars;
	int result = 0;

	if (reached > journal->last_seq) {
		result = journal_is_short(journal, reached, error, error_size);
	} else if (reached > 0 && (!archive_get(reader, TABLE_SCALARS, span_of("scalars"), &scalars) || !archive_get(reader, TABLE_SCALARS, span_of("chain"), &hash))) {
		snprintf(error, error_size, "the archive lacks a row that each one has");
		result = 1;
	} else if (reached > 0 && !same_chain(journal, reached, hash)) {
		snprintf(error, error_size, "the archive belongs to another journal: at record %lld their hashes differ", (long long)reached);
		result = 1;
	}
	archive_read_end(reader);
	return result;
}

struct opening {
	struct engine *engine;
	char *error;
	size_t error_size;
	bool failed;
};

static void note_open(void *context, const struct casefile *casefile)
{
	struct opening *opening = context;

	opening->failed = opening->failed || !adopt_for_case(opening->engine, casefile, opening->error, opening->error_size);
	work_note_open(opening->engine, casefile);
}

/* What the open cases wait for, and the policies that they need. */
static int open_cases(struct engine *engine, char *error, size_t error_size)
{
	struct opening opening = {engine, error, error_size, false};
	int64_t version = state_policy_version(engine->state);

	if (version && !adopt_version(engine, version, error, error_size))
		return -1;
	state_each_open(engine->state, note_open, &opening);
	return opening.failed ? -1 : 0;
}

static int load(struct engine *engine, struct archive_reader *reader, char *error, size_t error_size)
{
	int failed = journal_reading(engine, error, error_size);

	if (failed)
		return failed;
	failed = load_archive(engine, reader, error, error_size);
	if (!failed)
		load_requests(engine, archive_read_seq(reader));
	engine->journal->ops->read_end(engine->journal);
	return failed;
}

int recover(struct engine *engine, char *error, size_t error_size)
{
	struct archive_reader *reader = archive_read_begin(engine->archive);
	int64_t reached = reader ? archive_read_seq(reader) : 0;
	int failed = 0;

	if (archive_read_failed(reader))
		failed = archive_unreadable(engine, error, error_size);
	if (!failed && reached > engine->journal->last_seq)
		failed = journal_is_short(engine->journal, reached, error, error_size);
	if (!failed)
		failed = scrub_start(engine, reached, error, error_size);
	if (!failed && reached > 0)
		failed = load(engine, reader, error, error_size);
	archive_read_end(reader);
	if (!failed)
		failed = apply_segments(engine, reached, error, error_size);
	if (!failed)
		failed = apply_tail(engine, reached, error, error_size);
	if (!failed)
		failed = open_cases(engine, error, error_size);
	return failed;
}
