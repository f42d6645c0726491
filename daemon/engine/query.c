/* Questions about cases. A single case comes from memory (a closed one is brought back from the archive), its words from
 * the journal. Lists come from the archive, which follows the journal by a moment: a list waits until the archive holds
 * everything that was stored when it was asked (or min_seq), for limits.query_wait_ms at the most, and says as_of. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMELINE_MOST 2000 /* events of one case that are shown; older ones are cut and gap says so */

bool journal_record(struct engine *engine, int64_t seq, struct record *ret)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct span bytes;
	struct flaw flaw;

	return seq > 0 && engine->journal->ops->read(engine->journal, seq, &bytes, hash) == 0 && codec_read_lenient(bytes, ret, &flaw) == 0;
}

static void name_into(struct engine *engine, struct record *record, enum field field, struct span *member, uint32_t name)
{
	if (!name)
		return;
	*member = state_text(engine->state, name);
	record_mark(record, field);
}

static void count_into(struct record *record, enum field field, int64_t *member, int64_t count)
{
	if (!count)
		return;
	*member = count;
	record_mark(record, field);
}

/* What most cases never have: counted only when it happened. */
static void details_into(struct engine *engine, struct record *record, const struct casefile *casefile)
{
	const struct details *details = casefile->details;

	count_into(record, FIELD_returns, &record->returns, details->returns);
	count_into(record, FIELD_transfers, &record->transfers, details->transfers);
	count_into(record, FIELD_extensions, &record->extensions, details->extensions);
	count_into(record, FIELD_reworks, &record->reworks, details->reworks);
	count_into(record, FIELD_redos, &record->redos, details->redos);
	count_into(record, FIELD_reminders, &record->reminders, details->reminders);
	count_into(record, FIELD_calls, &record->calls, details->calls);
	name_into(engine, record, FIELD_department, &record->department, details->department);
	name_into(engine, record, FIELD_admission, &record->admission, details->admission);
	if (details->final)
		record_set(record, final, true);
	if (details->supervised)
		record_set(record, supervised, true);
	if (details->master)
		record_set(record, into, details->master);
	if (casefile->state == STATE_suspended && details->until)
		record_set(record, until, details->until);
}

void case_into(struct engine *engine, struct record *record, const struct casefile *casefile, struct span ref)
{
	const struct sla *promise = &casefile->sla[SLOT_PROMISE], *stage = &casefile->sla[SLOT_STAGE];

	record_set(record, case_id, casefile->number);
	record_set(record, state, casefile->state);
	record_set(record, kind, casefile->kind);
	record_set(record, urgency, casefile->urgency);
	name_into(engine, record, FIELD_category, &record->category, casefile->category);
	name_into(engine, record, FIELD_area, &record->area, casefile->area);
	name_into(engine, record, FIELD_unit, &record->unit, casefile->unit);
	name_into(engine, record, FIELD_first_contact, &record->first_contact, casefile->first_contact);
	name_into(engine, record, FIELD_source, &record->source, casefile->source);
	record_set(record, source_ref, ref);
	record_set(record, reported_at, casefile->reported_at);
	record_set(record, first_seq, casefile->first_seq);
	record_set(record, last_seq, casefile->last_seq);
	record_set(record, epoch, casefile->epoch);
	record_set(record, reopens, casefile->reopens);
	record_set(record, priority, casefile->priority);
	record_set(record, attention, casefile->attention);
	record_set(record, contact_kept, casefile->contact && !prune_took_contact(engine, casefile));
	if (casefile->confidential)
		record_set(record, confidential, true);
	if (casefile->details)
		details_into(engine, record, casefile);
	if (casefile->state == STATE_closed) {
		record_set(record, outcome, casefile->outcome);
		record_set(record, late, casefile->late);
		record_set(record, closed_at, casefile->closed_at);
	} else {
		record_set(record, overdue, promise->limit && engine->now > promise->due);
	}
	if (promise->limit) {
		record_set(record, due, promise->due);
		name_into(engine, record, FIELD_limit, &record->limit, promise->limit);
	}
	if (stage->limit) {
		record_set(record, stage, stage->kind);
		record_set(record, stage_due, stage->due);
	}
}

/* Title and address, and with `whole` everything the resident said. */
static bool words_into(struct engine *engine, struct record *record, int64_t first_seq, bool whole)
{
	struct record *opened = &engine->scratch;

	if (!journal_record(engine, first_seq, opened))
		return false;
	record_copy(record, opened, title);
	record_copy(record, opened, address);
	if (!whole)
		return true;
	record_copy(record, opened, text);
	record_copy(record, opened, latitude);
	record_copy(record, opened, longitude);
	record_copy(record, opened, channel);
	record_copy(record, opened, at);
	return true;
}

/* A confidential case is for actors that the configuration lists: those of its unit, and supervisors of an area above it. */
bool case_visible(const struct engine *engine, const struct record *request, const struct casefile *casefile)
{
	const struct actor_setting *actor = actor_of(engine, request);
	const struct policy *policy = state_policy(engine->state);

	if (!casefile->confidential)
		return true;
	if (!actor || !policy)
		return false;
	if (actor->unit && casefile->unit && span_is(state_text(engine->state, casefile->unit), actor->unit))
		return true;
	if (!(actor->roles & (ROLE_BIT(supervisor) | ROLE_BIT(dispatcher))))
		return false;
	return !actor->area || policy_area_within(policy, policy_area(policy, state_text(engine->state, casefile->area)), policy_area(policy, span_of(actor->area)));
}

/* The case a request names, in memory; NULL after a refusal was sent. Commits first, so that its words can be read. */
const struct casefile *query_case(struct engine *engine, const struct caller *caller)
{
	const struct record *request = caller->request;
	const struct casefile *casefile = NULL;
	bool by_ref = record_has(request, source) && record_has(request, source_ref);

	if (round_commit(engine))
		return NULL;
	if (!record_has(request, case_id) && !by_ref) {
		reply_refusal(engine, caller, ERROR_bad_reference, FIELD_case_id, NULL);
		return NULL;
	}
	engine->archive_unread = false;
	if (engine_bring(engine, request))
		casefile = record_has(request, case_id) ? state_case(engine->state, request->case_id)
			: state_case_by_ref(engine->state, request->source, request->source_ref);
	if (!casefile && engine->archive_unread)
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, archive_unread);
	else if (!casefile)
		reply_refusal(engine, caller, ERROR_unknown_case, record_has(request, case_id) ? FIELD_case_id : FIELD_source_ref, NULL);
	if (!casefile || case_visible(engine, request, casefile))
		return casefile;
	reply_refusal(engine, caller, ERROR_sealed, FIELD_case_id, NULL);
	return NULL;
}

static struct span requests_list(struct engine *engine, const struct casefile *casefile, struct buf *buf)
{
	static const uint8_t asked[] = {COMMAND_request_return, COMMAND_request_extension, COMMAND_request_suspension};
	struct list_writer list;
	struct record one;

	(void)engine;
	list_begin(&list, buf, CODEC_NAMES);
	for (int slot = SLOT_RETURN; slot <= SLOT_SUSPENSION; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);
		if (!sla->kind)
			continue;
		record_clear(&one);
		record_set(&one, asked, asked[slot - SLOT_RETURN]);
		if (sla->limit)
			record_set(&one, due, sla->due);
		list_add(&list, &one);
	}
	return list_end(&list);
}

static struct span assistants_list(struct engine *engine, const struct casefile *casefile, struct buf *buf)
{
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (int i = 0; i < ASSISTANTS_MOST; i++) {
		const struct sla *sla = casefile_sla(casefile, SLOT_ASSIST + i);
		if (!casefile->details->assistants[i])
			continue;
		record_clear(&one);
		record_set(&one, assistant, state_text(engine->state, casefile->details->assistants[i]));
		record_set(&one, running, sla->kind != CLOCK_none);
		if (sla->limit)
			record_set(&one, due, sla->due);
		list_add(&list, &one);
	}
	return list_end(&list);
}

static struct span followers_list(const struct casefile *casefile, struct buf *buf)
{
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (uint32_t i = 0; i < casefile->details->follower_count; i++) {
		record_clear(&one);
		record_set(&one, case_id, casefile->details->followers[i]);
		list_add(&list, &one);
	}
	return list_end(&list);
}

void query_show(struct engine *engine, const struct caller *caller)
{
	const struct casefile *casefile = query_case(engine, caller);
	struct buf lists[3] = {{0}};
	struct record reply;

	if (!casefile || engine->journal->ops->read_begin(engine->journal))
		return;
	reply_begin(caller, &reply);
	case_into(engine, &reply, casefile, span_of(casefile->ref));
	if (!words_into(engine, &reply, casefile->first_seq, true))
		prune_into(engine, &reply, casefile->first_seq);
	if (casefile->details) {
		record_set(&reply, requests, requests_list(engine, casefile, &lists[0]));
		record_set(&reply, assistants, assistants_list(engine, casefile, &lists[1]));
		record_set(&reply, followers, followers_list(casefile, &lists[2]));
	}
	record_set(&reply, now, engine->now);
	record_set(&reply, as_of, state_last_seq(engine->state));
	peer_send(engine, caller->peer, &reply);
	for (int i = 0; i < 3; i++)
		buf_free(&lists[i]);
	engine->journal->ops->read_end(engine->journal);
}

/* Each event names the one before it of the same case: walk back, then write forwards. */
static size_t timeline_seqs(struct engine *engine, const struct casefile *casefile, int64_t *ret_seqs, int64_t *ret_lacks)
{
	size_t count = 0;
	int64_t seq = casefile->last_seq;

	while (seq > 0 && count < TIMELINE_MOST && journal_record(engine, seq, &engine->scratch)) {
		ret_seqs[count++] = seq;
		seq = record_get(&engine->scratch, previous, 0);
	}
	*ret_lacks = count < TIMELINE_MOST ? seq : 0;
	return count;
}

void query_timeline(struct engine *engine, const struct caller *caller)
{
	const struct casefile *casefile = query_case(engine, caller);
	struct list_writer list;
	struct record reply;
	int64_t *seqs, lacks;
	char why[40];

	if (!casefile || engine->journal->ops->read_begin(engine->journal))
		return;
	seqs = must_calloc(TIMELINE_MOST, sizeof *seqs);
	size_t count = timeline_seqs(engine, casefile, seqs, &lacks);
	if (lacks >= engine->journal->first_seq) {
		snprintf(why, sizeof why, "record %lld", (long long)lacks);
		reply_refusal(engine, caller, ERROR_journal_damaged, FIELD_COUNT, why);
		engine->journal->ops->read_end(engine->journal);
		free(seqs);
		return;
	}
	buf_clear(&engine->encoded);
	list_begin(&list, &engine->encoded, CODEC_NAMES);
	for (size_t i = count; i-- > 0;)
		if (journal_record(engine, seqs[i], &engine->scratch)) {
			record_set(&engine->scratch, seq, seqs[i]);
			list_add(&list, &engine->scratch);
		}
	reply_begin(caller, &reply);
	record_set(&reply, case_id, casefile->number);
	record_set(&reply, events, list_end(&list));
	if (count && seqs[count - 1] != casefile->first_seq)
		record_set(&reply, gap, true);
	prune_into(engine, &reply, lacks);
	peer_send(engine, caller->peer, &reply);
	free(seqs);
	engine->journal->ops->read_end(engine->journal);
}

/* ---- list ---- */

struct listing {
	struct engine *engine;
	const struct record *request;
	const struct policy *policy;
	struct archive_reader *reader;
	int area; /* policy's index, -1: any */
	uint32_t unit, category, source;
	int64_t before;  /* numbers below this one */
	int64_t count;
	int64_t scanned;
	int64_t stopped; /* the highest number at which a walk had to stop; nothing below it is complete */
	int64_t *found;  /* numbers, unordered between walks */
	size_t found_count, found_room, walk_found;
};

static bool listing_holds(const struct listing *listing, const struct casefile *row)
{
	const struct record *request = listing->request;
	const struct sla *promise = &row->sla[SLOT_PROMISE];
	bool closed = row->state == STATE_closed;

	if ((listing->unit && row->unit != listing->unit) || (listing->source && row->source != listing->source))
		return false;
	if (listing->category && row->category != listing->category)
		return false;
	if (listing->area >= 0 && !policy_area_within(listing->policy, policy_area(listing->policy, state_text(listing->engine->state, row->area)), listing->area))
		return false;
	if (record_has(request, state) && row->state != request->state)
		return false;
	if (record_has(request, closed) && closed != request->closed)
		return false;
	if (record_has(request, attention) && row->attention != request->attention)
		return false;
	if (record_has(request, urgency) && row->urgency != request->urgency)
		return false;
	if (record_has(request, overdue) && request->overdue != (closed ? row->late : promise->limit && listing->engine->now > promise->due))
		return false;
	return row->reported_at >= record_get(request, from, INT64_MIN) && row->reported_at < record_get(request, to, INT64_MAX);
}

static bool row_of(struct listing *listing, int64_t number, struct casefile *ret_row, struct span *ret_ref)
{
	struct span value;
	char key[8];

	number_key(key, number);
	return archive_get(listing->reader, TABLE_CASES, (struct span){key, sizeof key}, &value) && casefile_read(value, ret_row, ret_ref);
}

static void listing_add(struct listing *listing, int64_t number)
{
	if (listing->found_count == listing->found_room) {
		listing->found_room = listing->found_room ? listing->found_room * 2 : 128;
		listing->found = must_realloc(listing->found, listing->found_room * sizeof *listing->found);
	}
	listing->found[listing->found_count++] = number;
	listing->walk_found++;
}

/* The last eight bytes of every key walked here are the case number. */
static bool listing_each(void *context, struct span key, struct span value)
{
	struct listing *listing = context;
	int64_t number = number_of_key(key.data + key.len - 8);
	struct casefile row;
	struct span ref;
	bool whole = value.len > 0;

	if (++listing->scanned > listing->engine->settings->limits_scan_rows || (int64_t)listing->walk_found >= listing->count) {
		if (number > listing->stopped)
			listing->stopped = number;
		return false;
	}
	if (whole ? casefile_read(value, &row, &ref) : row_of(listing, number, &row, &ref)) {
		if (listing_holds(listing, &row))
			listing_add(listing, number);
		casefile_release(&row);
	}
	return true;
}

static void listing_walk(struct listing *listing, int table, uint32_t name)
{
	char key[12];
	size_t prefix = table == TABLE_CASES || table == TABLE_OPEN ? 0 : 4;

	if (prefix)
		name_key(key, name);
	number_key(key + prefix, listing->before - 1);
	listing->walk_found = 0;
	archive_walk(listing->reader, table, (struct span){key, prefix}, (struct span){key, prefix + 8}, true, listing_each, listing);
}

static bool open_only(const struct record *request)
{
	return (record_has(request, closed) && !request->closed) || (record_has(request, state) && request->state != STATE_closed) ||
		(record_has(request, attention) && request->attention);
}

/* Chooses the narrowest index: unit, category, open cases, area and what lies below it, everything. */
static void listing_run(struct listing *listing)
{
	if (listing->unit) {
		listing_walk(listing, TABLE_BY_UNIT, listing->unit);
	} else if (listing->category) {
		listing_walk(listing, TABLE_BY_CATEGORY, listing->category);
	} else if (open_only(listing->request)) {
		listing_walk(listing, TABLE_OPEN, 0);
	} else if (listing->area > 0) {
		for (size_t i = 0; i < listing->policy->area_count; i++)
			if (policy_area_within(listing->policy, (int)i, listing->area)) {
				uint32_t name = state_interned(listing->engine->state, listing->policy->areas[i].code);
				if (name)
					listing_walk(listing, TABLE_BY_AREA, name);
			}
	} else {
		listing_walk(listing, TABLE_CASES, 0);
	}
}

static int newest_first(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? 1 : left > right ? -1 : 0;
}

static void listing_answer(struct listing *listing, const struct caller *caller)
{
	struct engine *engine = listing->engine;
	struct list_writer list;
	struct record reply, one;
	struct casefile row;
	struct span ref;
	int64_t last = listing->stopped, written = 0;
	char cursor[24];

	if (listing->found_count)
		qsort(listing->found, listing->found_count, sizeof *listing->found, newest_first);
	buf_clear(&engine->encoded);
	list_begin(&list, &engine->encoded, CODEC_NAMES);
	for (size_t i = 0; i < listing->found_count && listing->found[i] > listing->stopped; i++) {
		if (written == listing->count || (int64_t)engine->encoded.len > engine->settings->limits_page_bytes) {
			last = listing->found[i];
			break;
		}
		if (!row_of(listing, listing->found[i], &row, &ref))
			continue;
		record_clear(&one);
		case_into(engine, &one, &row, ref);
		if (case_visible(engine, caller->request, &row))
			words_into(engine, &one, row.first_seq, false);
		list_add(&list, &one);
		casefile_release(&row);
		written++;
	}
	reply_begin(caller, &reply);
	record_set(&reply, cases, list_end(&list));
	record_set(&reply, as_of, archive_read_seq(listing->reader));
	record_set(&reply, now, engine->now);
	if (last > 0) {
		snprintf(cursor, sizeof cursor, "%lld", (long long)last);
		record_set(&reply, cursor, span_of(cursor));
	}
	peer_send(engine, caller->peer, &reply);
}

/* 0, or the field whose name nobody knows. A unit, category or source that was never used is known to the policy alone: no rows. */
static enum error_kind listing_names(struct listing *listing, enum field *ret_field)
{
	const struct record *request = listing->request;
	const struct state *state = listing->engine->state;

	listing->area = record_has(request, area) ? policy_area(listing->policy, request->area) : -1;
	*ret_field = FIELD_area;
	if (record_has(request, area) && listing->area < 0)
		return ERROR_unknown_area;
	*ret_field = FIELD_unit;
	if (record_has(request, unit) && !(listing->unit = state_interned(state, request->unit)))
		return policy_unit(listing->policy, request->unit) < 0 ? ERROR_unknown_unit : ERROR_none;
	*ret_field = FIELD_category;
	if (record_has(request, category) && !(listing->category = state_interned(state, request->category)))
		return policy_category(listing->policy, request->category) < 0 ? ERROR_unknown_category : ERROR_none;
	if (record_has(request, source))
		listing->source = state_interned(state, request->source);
	return ERROR_none;
}

static bool nothing_can_match(const struct listing *listing)
{
	const struct record *request = listing->request;

	return (record_has(request, unit) && !listing->unit) || (record_has(request, category) && !listing->category) ||
		(record_has(request, source) && !listing->source);
}

static int64_t cursor_of(const struct record *request)
{
	int64_t number = 0;

	if (!record_has(request, cursor))
		return INT64_MAX;
	for (size_t i = 0; i < request->cursor.len; i++) {
		char digit = request->cursor.data[i];
		if (digit < '0' || digit > '9' || i > 17)
			return -1;
		number = number * 10 + digit - '0';
	}
	return number + 1;
}

static void list_now(struct engine *engine, const struct caller *caller)
{
	struct listing listing = {.engine = engine, .request = caller->request, .policy = state_policy(engine->state)};
	enum error_kind refused;
	enum field field;

	listing.before = cursor_of(caller->request);
	listing.count = record_get(caller->request, count, engine->settings->limits_page_cases);
	if (listing.count > engine->settings->limits_page_cases || listing.count < 1)
		listing.count = engine->settings->limits_page_cases;
	if (!listing.policy) {
		reply_refusal(engine, caller, ERROR_no_policy, FIELD_COUNT, NULL);
		return;
	}
	refused = listing.before < 0 ? ERROR_out_of_range : listing_names(&listing, &field);
	if (refused) {
		reply_refusal(engine, caller, refused, listing.before < 0 ? FIELD_cursor : field, NULL);
		return;
	}
	listing.reader = archive_read_begin(engine->archive);
	if (!listing.reader || engine->journal->ops->read_begin(engine->journal)) {
		archive_read_end(listing.reader);
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, archive_unread);
		return;
	}
	if (!nothing_can_match(&listing))
		listing_run(&listing);
	if (archive_read_failed(listing.reader))
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, archive_unread);
	else
		listing_answer(&listing, caller);
	engine->journal->ops->read_end(engine->journal);
	archive_read_end(listing.reader);
	free(listing.found);
}

void query_list(struct engine *engine, const struct caller *caller)
{
	int64_t need = record_get(caller->request, min_seq, state_last_seq(engine->state));

	if (round_commit(engine))
		return;
	if (archive_reached(engine->archive) >= need || engine->settings->limits_query_wait_ms == 0) {
		list_now(engine, caller);
	} else if (engine->queries.count < engine->settings->limits_waiting_requests) {
		archive_hurry(engine->archive, need);
		waiting_add(&engine->queries, caller, need, engine->real + engine->settings->limits_query_wait_ms);
	} else {
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, "limits.waiting_requests queries wait for the archive");
	}
}

/* Queries whose time has come: the archive has what they need, or they waited long enough. */
void query_turn(struct engine *engine)
{
	struct waiting_list later = {0};
	int64_t reached = archive_reached(engine->archive);
	struct waiting *one;

	while ((one = waiting_take(&engine->queries))) {
		struct record request;
		struct flaw flaw;
		struct caller caller = {one->peer, &request, {one->map, one->len}};
		if (reached < one->need_seq && engine->real < one->until)
			waiting_add(&later, &caller, one->need_seq, one->until);
		else if (codec_read(caller.map, &request, &flaw) == 0)
			list_now(engine, &caller);
		free(one);
	}
	engine->queries = later;
}

bool query_ready(struct engine *engine)
{
	int64_t reached = archive_reached(engine->archive);
	bool answered = false;

	for (int64_t left = engine->queries.count; left > 0 && !answered; left--) {
		struct waiting *one = waiting_take(&engine->queries);
		struct record request;
		struct flaw flaw;
		struct caller caller = {one->peer, &request, {one->map, one->len}};
		answered = reached >= one->need_seq || engine->real >= one->until;
		if (!answered)
			waiting_add(&engine->queries, &caller, one->need_seq, one->until);
		else if (codec_read(caller.map, &request, &flaw) == 0)
			list_now(engine, &caller);
		free(one);
	}
	return answered;
}
