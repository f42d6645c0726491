/* For administrators and subscribers: how the daemon is, its workers, the journal's records, and the replay of the feed.
 * Everything that reads the journal looks at a bounded number of records per request and says where to ask on. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>

static struct figure *figure_of(struct engine *engine, const char *name)
{
	struct figure *found;
	size_t len = strlen(name);

	HASH_FIND(hh, engine->figures, name, len, found);
	if (found)
		return found;
	found = must_calloc(1, sizeof *found + len + 1);
	memcpy(found->name, name, len);
	HASH_ADD_KEYPTR(hh, engine->figures, found->name, len, found);
	return found;
}

void figure_add(struct engine *engine, const char *name, int64_t by)
{
	figure_of(engine, name)->value += by;
}

void figure_set(struct engine *engine, const char *name, int64_t value)
{
	figure_of(engine, name)->value = value;
}

void engine_set_figure(struct engine *engine, const char *name, int64_t value)
{
	figure_set(engine, name, value);
}

void figures_free(struct engine *engine)
{
	struct figure *figure, *next;

	HASH_ITER(hh, engine->figures, figure, next) {
		HASH_DEL(engine->figures, figure);
		free(figure);
	}
}

static void gather_figures(struct engine *engine)
{
	char name[64];
	int64_t used = 0, room = 0;

	figure_set(engine, "open_cases", state_open_cases(engine->state));
	figure_set(engine, "held_cases", state_held_cases(engine->state));
	figure_set(engine, "policies_held", state_kept_policies(engine->state));
	figure_set(engine, "cases_ever", state_next_number(engine->state) - 1);
	figure_set(engine, "journal_seq", state_last_seq(engine->state));
	figure_set(engine, "archive_seq", archive_reached(engine->archive));
	figure_set(engine, "archive_bytes", archive_used(engine->archive));
	if (engine->journal->ops->room(engine->journal, &used, &room) == 0) {
		figure_set(engine, "journal_bytes", used);
		figure_set(engine, "journal_room_bytes", room);
	}
	figure_set(engine, "peers", HASH_COUNT(engine->peers));
	figure_set(engine, "workers", HASH_COUNT(engine->workers));
	figure_set(engine, "tasks_leased", HASH_COUNT(engine->leases));
	figure_set(engine, "subscriptions", HASH_COUNT(engine->subscriptions));
	figure_set(engine, "queries_waiting", engine->queries.count);
	backup_figures(engine);
	scrub_figures(engine);
	prune_figures(engine);
	readers_figures(engine);
	for (int task = TASK_triage; task < TASK_LIMIT; task++) {
		snprintf(name, sizeof name, "tasks_waiting_%s", task_name(task));
		figure_set(engine, name, work_waiting(engine, task));
	}
}

static int by_name(const struct figure *a, const struct figure *b)
{
	return strcmp(a->name, b->name);
}

/* What is wrong, the worst first. */
static void status_reason(struct engine *engine, char *reason, size_t size)
{
	const char *fault = archive_fault(engine->archive);
	char journal[200] = "";

	if (engine->damaged_seq)
		snprintf(journal, sizeof journal, "journal: record %lld is damaged; restore a backup (docs/OPERATING.md)", (long long)engine->damaged_seq);
	const char *parts[] = {journal, engine->no_room && !engine->journal->gone ? "disk full: nothing is written; free some space" :
		engine->no_room || engine->low_room ? room_refusal(engine) : "", fault ? fault : ""};
	reason[0] = '\0';
	for (size_t i = 0, len = 0; i < sizeof parts / sizeof *parts && len < size; i++)
		if (parts[i][0])
			len += (size_t)snprintf(reason + len, size - len, "%s%s", len ? "; " : "", parts[i]);
}

void admin_status(struct engine *engine, const struct caller *caller)
{
	char reason[900];
	struct figure *figure, *next;
	struct list_writer list;
	struct record reply, one;

	gather_figures(engine);
	HASH_SORT(engine->figures, by_name);
	buf_clear(&engine->encoded);
	list_begin(&list, &engine->encoded, CODEC_NAMES);
	HASH_ITER(hh, engine->figures, figure, next) {
		record_clear(&one);
		record_set(&one, name, span_of(figure->name));
		record_set(&one, value, figure->value);
		list_add(&list, &one);
	}
	reply_begin(caller, &reply);
	record_set(&reply, version, span_of(REEVE_VERSION));
	record_set(&reply, now, engine->now);
	record_set(&reply, seq, state_last_seq(engine->state));
	record_set(&reply, policy, state_policy_version(engine->state));
	if (state_policy(engine->state))
		record_set(&reply, policy_name, state_policy(engine->state)->name);
	status_reason(engine, reason, sizeof reason);
	if (reason[0])
		record_set(&reply, reason, span_of(reason));
	record_set(&reply, figures, list_end(&list));
	peer_send(engine, caller->peer, &reply);
}

void admin_workers(struct engine *engine, const struct caller *caller)
{
	struct worker *worker, *next;
	struct list_writer list;
	struct record reply, one;

	buf_clear(&engine->encoded);
	list_begin(&list, &engine->encoded, CODEC_NAMES);
	HASH_ITER(hh, engine->workers, worker, next) {
		record_clear(&one);
		record_set(&one, worker, span_of(worker->name));
		record_set(&one, task, worker->task);
		record_set(&one, pid, worker->pid);
		record_set(&one, credit, worker->credit);
		record_set(&one, open, worker->leased);
		record_set(&one, done, worker->done);
		record_set(&one, failed, worker->failed);
		record_set(&one, age_ms, engine->real > worker->heard ? engine->real - worker->heard : 0);
		list_add(&list, &one);
	}
	reply_begin(caller, &reply);
	record_set(&reply, workers, list_end(&list));
	record_set(&reply, now, engine->now);
	peer_send(engine, caller->peer, &reply);
}

void admin_mutes(struct engine *engine, const struct caller *caller)
{
	struct list_writer list;
	struct record reply, one;

	buf_clear(&engine->encoded);
	list_begin(&list, &engine->encoded, CODEC_NAMES);
	for (const struct mute *mute = state_mutes(engine->state); mute; mute = mute->next) {
		if (mute->until <= engine->now)
			continue;
		record_clear(&one);
		record_set(&one, mute, mute->number);
		record_set(&one, until, mute->until);
		if (mute->area)
			record_set(&one, area, state_text(engine->state, mute->area));
		if (mute->category)
			record_set(&one, category, state_text(engine->state, mute->category));
		if (mute->clock)
			record_set(&one, clock, mute->clock);
		list_add(&list, &one);
	}
	reply_begin(caller, &reply);
	record_set(&reply, mutes, list_end(&list));
	record_set(&reply, now, engine->now);
	peer_send(engine, caller->peer, &reply);
}

/* The event itself stays, so that streams have no gaps; the words about a confidential case do not leave. */
void event_strip(struct record *event)
{
	static const enum field words[] = {FIELD_title, FIELD_text, FIELD_address, FIELD_latitude, FIELD_longitude, FIELD_reason, FIELD_result,
		FIELD_opinion, FIELD_similar};

	record_drop(event, FIELD_files);
	for (size_t i = 0; record_get(event, confidential, false) && i < sizeof words / sizeof *words; i++)
		record_drop(event, words[i]);
}

struct slice {
	int64_t from, last, next;
	int64_t count; /* rows that may be written */
	bool chained;  /* journal_read: hashes, every record; otherwise the feed's view */
	bool raw;      /* as they are stored */
	bool private;  /* raw: with the private row of each case that is opened */
	int64_t rows;  /* private rows that were written */
	struct archive_reader *archive; /* NULL: it cannot be read now */
};

static bool in_topic(const struct record *event, struct span topic)
{
	char text[512];
	int len;

	if (!topic.len)
		return true;
	len = snprintf(text, sizeof text, "%s/%.*s%s", event_name(event->event), record_has(event, path) ? (int)event->path.len : 0,
		record_has(event, path) ? event->path.data : "", record_has(event, path) ? "/" : "");
	return span_starts((struct span){text, (size_t)len}, topic);
}

/* A record as it is stored, to be moved elsewhere: with its hash and, if asked for, the private row that was stored with it. */
static bool slice_raw(struct engine *engine, struct slice *slice, int64_t seq, struct list_writer *list)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct record *event = &engine->scratch, one;
	struct span bytes, row;
	struct flaw flaw;

	if (engine->journal->ops->read(engine->journal, seq, &bytes, hash))
		return false;
	record_clear(&one);
	record_set(&one, seq, seq);
	record_set(&one, record, bytes);
	record_set(&one, hash, ((struct span){(const char *)hash, sizeof hash}));
	if (slice->private && codec_read_lenient(bytes, event, &flaw) == 0 && event->event == EVENT_case_opened && record_get(event, contact_kept, false)
		&& engine->journal->ops->private_get(engine->journal, event->case_id, &row) == 0) {
		record_set(&one, case_id, event->case_id);
		record_set(&one, private_row, row);
		slice->rows++;
	}
	list_add(list, &one);
	return true;
}

/* Whether a case is confidential today; of a closed one only the archive may know. Without it rather a word too few than one too many. */
static bool sealed_today(const struct engine *engine, const struct slice *slice, int64_t number)
{
	const struct casefile *casefile = state_case(engine->state, number);
	struct casefile row;
	struct span value, ref;
	char key[8];
	bool sealed;

	if (casefile || !slice->archive)
		return !casefile || casefile->confidential;
	number_key(key, number);
	if (!archive_get(slice->archive, TABLE_CASES, (struct span){key, sizeof key}, &value) || !casefile_read(value, &row, &ref))
		return archive_read_failed(slice->archive);
	sealed = row.confidential;
	casefile_release(&row);
	return sealed;
}

/* Writes one record of the journal into the list; false when it is not wanted. */
static bool slice_one(struct engine *engine, struct slice *slice, int64_t seq, struct span topic, struct list_writer *list)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct record *event = &engine->scratch;
	struct span bytes;
	struct flaw flaw;

	if (slice->raw)
		return slice_raw(engine, slice, seq, list);
	if (engine->journal->ops->read(engine->journal, seq, &bytes, hash) || codec_read_lenient(bytes, event, &flaw))
		return false;
	if (!slice->chained && !in_topic(event, topic))
		return false;
	record_set(event, seq, seq);
	if (record_has(event, path) && sealed_today(engine, slice, event->case_id))
		record_set(event, confidential, true);
	event_strip(event);
	if (slice->chained)
		record_set(event, hash, ((struct span){(const char *)hash, sizeof hash}));
	list_add(list, event);
	return true;
}

/* The kept ones of the records that were pruned, for their private rows. Returns where the sequence, or the next slice, begins. */
static int64_t slice_kept(struct engine *engine, struct slice *slice, int64_t seq, struct list_writer *list)
{
	for (int64_t scanned = 0; engine->journal->ops->kept_next(engine->journal, seq, &seq) == 0; seq++) {
		if (scanned++ == engine->settings->limits_scan_rows || (int64_t)engine->encoded.len > engine->settings->limits_page_bytes)
			return seq;
		slice_raw(engine, slice, seq, list);
	}
	return engine->journal->first_seq;
}

static struct span slice_read(struct engine *engine, struct slice *slice, struct span topic)
{
	struct list_writer list;
	int64_t scanned = 0, written = 0, seq = slice->from;

	buf_clear(&engine->encoded);
	list_begin(&list, &engine->encoded, CODEC_NAMES);
	if (seq < engine->journal->first_seq)
		seq = slice_kept(engine, slice, seq, &list);
	if (seq < engine->journal->first_seq) {
		slice->next = seq;
		return list_end(&list);
	}
	slice->archive = archive_read_begin(engine->archive);
	for (; seq <= slice->last && scanned < engine->settings->limits_scan_rows && written < slice->count; seq++, scanned++) {
		if ((int64_t)engine->encoded.len > engine->settings->limits_page_bytes)
			break;
		written += slice_one(engine, slice, seq, topic, &list);
	}
	if (slice->archive)
		archive_read_end(slice->archive);
	slice->next = seq;
	return list_end(&list);
}

/* That callers' rows left is part of the audit. */
static void note_rows(struct engine *engine, const struct caller *caller, const struct slice *slice)
{
	struct record event;

	if (!slice->rows)
		return;
	record_clear(&event);
	record_set(&event, event, EVENT_private_exported);
	record_set(&event, at, engine->now);
	record_set(&event, from_seq, slice->from);
	record_set(&event, next_seq, slice->next);
	record_set(&event, count, slice->rows);
	record_copy(&event, caller->request, actor);
	round_record(engine, &event, NULL);
}

static void answer_slice(struct engine *engine, const struct caller *caller, bool chained)
{
	const struct record *request = caller->request;
	struct slice slice = {.from = request->from_seq, .chained = chained, .raw = record_get(request, raw, false), .private = record_get(request, private, false)};
	struct record reply;

	if (slice.private && engine->no_room) { /* that rows left could not be noted */
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, room_refusal(engine));
		return;
	}
	if (round_commit(engine) || engine->journal->ops->read_begin(engine->journal))
		return;
	slice.last = engine->journal->last_seq;
	slice.count = record_get(request, count, INT64_MAX);
	reply_begin(caller, &reply);
	if (slice.from < engine->journal->first_seq) {
		if (slice.from > 0)
			prune_into(engine, &reply, slice.from);
		if (!slice.raw || !slice.private)
			slice.from = engine->journal->first_seq;
		record_set(&reply, from_seq, engine->journal->first_seq);
		record_set(&reply, hash, ((struct span){(const char *)engine->journal->base_hash, JOURNAL_HASH_BYTES}));
	}
	record_set(&reply, events, slice_read(engine, &slice, record_get(request, topic, (struct span){0})));
	record_set(&reply, next_seq, slice.next);
	record_set(&reply, as_of, slice.last);
	if (slice.next > slice.last)
		record_set(&reply, caught_up, true);
	peer_send(engine, caller->peer, &reply);
	engine->journal->ops->read_end(engine->journal);
	note_rows(engine, caller, &slice);
}

void admin_replay(struct engine *engine, const struct caller *caller)
{
	answer_slice(engine, caller, false);
}

void admin_journal_read(struct engine *engine, const struct caller *caller)
{
	answer_slice(engine, caller, true);
}

/* The kept ones of the records that were pruned answer for themselves. They are few. 0, or what is wrong with *ret_bad. */
static int kept_verify(struct engine *engine, int64_t seq, int64_t *ret_bad)
{
	struct journal *journal = engine->journal;
	struct span unused;
	int found = seq < journal->first_seq ? journal->ops->read_begin(journal) : 0;

	if (found || seq >= journal->first_seq)
		return found;
	for (; !found && journal->ops->kept_next(journal, seq, &seq) == 0; seq++) {
		*ret_bad = seq;
		found = journal->ops->kept_read(journal, seq, &unused);
	}
	journal->ops->read_end(journal);
	return found;
}

void admin_journal_verify(struct engine *engine, const struct caller *caller)
{
	int64_t from = record_get(caller->request, from_seq, 1), count, last, to, bad = 0;
	struct record reply;
	int found;

	if (round_commit(engine))
		return;
	last = engine->journal->last_seq;
	found = kept_verify(engine, from, &bad);
	if (from < engine->journal->first_seq)
		from = engine->journal->first_seq;
	count = record_get(caller->request, count, 10000);
	to = from <= last && count <= last - from ? from + count - 1 : last;
	if (!found && from <= to)
		found = journal_verify(engine->journal, from, to, &bad);
	if (found > 0)
		scrub_found(engine, bad, found);
	reply_begin(caller, &reply);
	record_set(&reply, from_seq, from);
	record_set(&reply, next_seq, found ? bad : to + 1);
	record_set(&reply, as_of, last);
	if (found) {
		record_set(&reply, gap, true);
		record_set(&reply, seq, bad);
		record_set(&reply, reason, span_of(found == JOURNAL_MISSING ? "a record is missing" : found == JOURNAL_DAMAGED
			? "a record does not match its hash" : engine->journal->error));
	} else if (to >= last) {
		record_set(&reply, caught_up, true);
	}
	peer_send(engine, caller->peer, &reply);
}
