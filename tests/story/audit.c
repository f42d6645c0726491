/* What must hold after every story, whatever it tells. Each rule looks at the journal alone or compares it with the state; none of
 * them asks decide or apply how they came to it. */
#include "tests/story/story.h"

#include <stdlib.h>

#include "schema/fields.h"
#include "tests/sim/model.h"

struct auditor {
	struct world *world;
	struct buf *report;
	int broken;
	const struct record *events; /* [seq - 1]: each read once, for the rules that look back */
	struct record event; /* the one looked at */
	int64_t seq;
};

#define COMPLAIN(auditor, format, ...) \
	((auditor)->broken++, buf_printf((auditor)->report, "  broken rule: " format "\n", __VA_ARGS__))

/* The fields of each event, from events.def. */
struct event_shape {
	uint64_t always[FIELD_WORDS], may[FIELD_WORDS];
};

static void shape_of(int kind, struct event_shape *shape)
{
	*shape = (struct event_shape){0};
	switch (kind) {
#define HAS(member) shape->always[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define MAY(member) shape->may[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define EVENT(number, name, fields, meaning) case number: fields break;
#include "schema/events.def"
#undef HAS
#undef MAY
	default:
		break;
	}
}

static void rule_fields(struct auditor *auditor)
{
	struct event_shape shape;

	shape_of(auditor->event.event, &shape);
	for (int field = 0; field < FIELD_COUNT; field++) {
		bool always = shape.always[field / 64] >> (field % 64) & 1, may = shape.may[field / 64] >> (field % 64) & 1;
		bool there = record_holds(&auditor->event, (enum field)field);
		if (there && !always && !may)
			COMPLAIN(auditor, "event %lld, %s, holds %s, which events.def does not say", (long long)auditor->seq, event_name(auditor->event.event), field_name((enum field)field));
		if (always && !there)
			COMPLAIN(auditor, "event %lld, %s, lacks %s", (long long)auditor->seq, event_name(auditor->event.event), field_name((enum field)field));
	}
}

static void rule_round_trip(struct auditor *auditor)
{
	struct buf again = {0}, wire = {0}, back = {0};
	struct record read;
	struct flaw flaw;
	struct span journal = buf_span(&auditor->world->journal[auditor->seq - 1]);

	codec_write(&again, &auditor->event, CODEC_NUMBERS);
	if (!span_equal(buf_span(&again), journal))
		COMPLAIN(auditor, "event %lld is not the same when it is read and written again", (long long)auditor->seq);
	codec_write(&wire, &auditor->event, CODEC_NAMES);
	if (codec_read(buf_span(&wire), &read, &flaw))
		COMPLAIN(auditor, "event %lld is refused on the wire: %s", (long long)auditor->seq, flaw.detail);
	codec_write(&back, &read, CODEC_NUMBERS);
	if (!span_equal(buf_span(&back), journal))
		COMPLAIN(auditor, "event %lld is not the same after a way over the wire", (long long)auditor->seq);
	buf_free(&again);
	buf_free(&wire);
	buf_free(&back);
}

/* previous names the case's event before this one, stream numbers have no gap, time does not go back. */
static void rule_chain(struct auditor *auditor)
{
	const struct record *event = &auditor->event;
	int64_t previous = 0, stream = 1;

	if (!record_has(event, case_id))
		return;
	for (int64_t seq = 1; seq < auditor->seq; seq++) {
		const struct record *other = &auditor->events[seq - 1];
		if (record_has(other, case_id) && other->case_id == event->case_id)
			previous = seq;
		if (other->event == event->event && record_has(other, path) && span_equal(other->path, event->path))
			stream++;
		if (other->at > event->at)
			COMPLAIN(auditor, "event %lld happened before event %lld", (long long)auditor->seq, (long long)seq);
	}
	if (event->previous != previous)
		COMPLAIN(auditor, "event %lld says previous=%lld, but it is %lld", (long long)auditor->seq, (long long)event->previous, (long long)previous);
	if (event->stream != stream)
		COMPLAIN(auditor, "event %lld says stream=%lld, but it is %lld", (long long)auditor->seq, (long long)event->stream, (long long)stream);
}

static bool about_time(int kind)
{
	return kind == EVENT_clock_warned || kind == EVENT_clock_breached || kind == EVENT_escalation_due || kind == EVENT_case_escalated ||
		kind == EVENT_escalation_unanswered || kind == EVENT_escalation_acknowledged;
}

/* The case's last closing or merging, and what undid it, decide whether its clocks may speak. */
static void rule_silence(struct auditor *auditor)
{
	bool closed = false;

	if (!about_time(auditor->event.event))
		return;
	for (int64_t seq = 1; seq < auditor->seq; seq++) {
		const struct record *other = &auditor->events[seq - 1];
		if (!record_has(other, case_id) || other->case_id != auditor->event.case_id)
			continue;
		if (other->event == EVENT_case_closed || other->event == EVENT_case_merged)
			closed = true;
		else if (other->event == EVENT_case_reopened || other->event == EVENT_case_unmerged || other->event == EVENT_call_back_due)
			closed = false;
	}
	if (closed)
		COMPLAIN(auditor, "event %lld, %s, comes after the case was closed", (long long)auditor->seq, event_name(auditor->event.event));
}

static void rule_notice(struct auditor *auditor)
{
	if (auditor->event.event != EVENT_case_escalated)
		return;
	for (int64_t seq = 1; seq < auditor->seq; seq++) {
		const struct record *other = &auditor->events[seq - 1];
		if (other->event == EVENT_case_escalated && span_equal(other->notice, auditor->event.notice))
			COMPLAIN(auditor, "notice %.*s was sent twice: events %lld and %lld", (int)other->notice.len, other->notice.data, (long long)seq, (long long)auditor->seq);
	}
}

/* What the case's suspensions before this event give back. */
static int give_back(const struct auditor *auditor, const struct limit *limit, const struct calendar *calendar, int64_t *due)
{
	int64_t from = 0;
	int failed = 0;

	for (int64_t seq = 1; seq < auditor->seq && !failed; seq++) {
		const struct record *other = &auditor->events[seq - 1];
		if (!record_has(other, case_id) || other->case_id != auditor->event.case_id)
			continue;
		if (other->event == EVENT_case_suspended)
			from = other->at;
		else if (other->event == EVENT_case_resumed && from < *due)
			failed = limit_pause_shift(limit, calendar, *due, from, other->at, due);
	}
	return failed;
}

/* A promise of an opening or a triage is a pure function of its limit, its start, the case's suspensions and the policy of that version. */
static void rule_due(struct auditor *auditor)
{
	const struct record *event = &auditor->event;
	const struct policy *policy = state_policy_of(auditor->world->state, record_get(event, policy, 0));
	int limit = policy && record_has(event, limit) ? policy_limit(policy, event->limit) : -1;
	int64_t due;

	if ((event->event != EVENT_case_opened && event->event != EVENT_case_triaged) || limit < 0)
		return;
	const struct calendar *calendar = &policy->calendars[policy->limits[limit].calendar];
	if (limit_at(&policy->limits[limit], calendar, event->start, 100, &due) || give_back(auditor, &policy->limits[limit], calendar, &due) || due != event->due)
		COMPLAIN(auditor, "event %lld: the due time does not follow from its limit", (long long)auditor->seq);
}

static void rule_first_contact(struct auditor *auditor)
{
	if (!record_has(&auditor->event, first_contact) || auditor->event.event != EVENT_case_dispatched)
		return;
	for (int64_t seq = 1; seq < auditor->seq; seq++) {
		const struct record *other = &auditor->events[seq - 1];
		if (other->event == EVENT_case_dispatched && other->case_id == auditor->event.case_id && record_has(other, first_contact))
			COMPLAIN(auditor, "event %lld sets the first-contact unit of case %lld again", (long long)auditor->seq, (long long)other->case_id);
	}
}

void state_digest(const struct state *state, struct buf *buf)
{
	buf_printf(buf, "%lld %lld %lld %lld %lld %lld\n", (long long)state_last_seq(state), (long long)state_now(state), (long long)state_next_number(state),
		(long long)state_policy_version(state), (long long)state_open_cases(state), (long long)state_held_cases(state));
	for (uint32_t name = 1; name <= state_interned_count(state); name++) {
		buf_add_span(buf, state_text(state, name));
		buf_printf(buf, " %lld", (long long)state_unit_open(state, name));
		for (int event = 1; event < EVENT_LIMIT; event++)
			if (state_stream(state, event, name))
				buf_printf(buf, " %d:%lld", event, (long long)state_stream(state, event, name));
		buf_add_text(buf, "\n");
	}
	state_write_watch(state, buf);
	for (int64_t number = 1; number < state_next_number(state); number++)
		if (state_case(state, number)) {
			casefile_write(buf, state_case(state, number));
			buf_add_text(buf, "\n");
		}
}

static struct record *events_read(const struct world *world)
{
	struct record *events = must_calloc(world->journal_count + 1, sizeof *events);

	for (size_t i = 0; i < world->journal_count; i++)
		world_event(world, (int64_t)i + 1, &events[i]);
	return events;
}

static void rule_same(struct auditor *auditor, struct state *other, const char *what)
{
	struct buf live = {0}, again = {0};

	state_digest(auditor->world->state, &live);
	state_digest(other, &again);
	if (!span_equal(buf_span(&live), buf_span(&again)))
		COMPLAIN(auditor, "the state differs from %s", what);
	buf_free(&live);
	buf_free(&again);
	state_free(other);
}

struct recount {
	struct auditor *auditor;
	const struct state *state;
	uint32_t unit;
	int64_t open, unit_open;
};

/* An open case has a worker, a person or a deadline to wait for; a ladder that wants somebody told has a deadline. */
static void case_waits(struct recount *recount, const struct casefile *casefile)
{
	bool timer = false;

	for (int slot = 0; slot < TIMER_SLOTS; slot++)
		timer |= casefile_timer(casefile, slot) != 0;
	if (timer != (casefile->timer_at != 0))
		COMPLAIN(recount->auditor, "case %lld: its deadlines and the heap of deadlines do not agree", (long long)casefile->number);
	if (!timer && !casefile->unit && !casefile->attention)
		COMPLAIN(recount->auditor, "case %lld is open and waits for nothing", (long long)casefile->number);
	if (casefile->task && !casefile_timer(casefile, TIMER_WORK))
		COMPLAIN(recount->auditor, "case %lld waits for a worker without an end", (long long)casefile->number);
	for (int slot = 0; slot < SLA_ALL && casefile_sla(casefile, slot); slot++)
		if (casefile_sla(casefile, slot)->phase == LADDER_WANTING && !casefile_timer(casefile, slot < SLA_SLOTS ? slot : TIMER_DETAILS))
			COMPLAIN(recount->auditor, "case %lld: nobody would be told if the worker does not answer", (long long)casefile->number);
}

static void recount_case(void *context, const struct casefile *casefile)
{
	struct recount *recount = context;

	recount->open++;
	case_waits(recount, casefile);
}

static void recount_unit(void *context, const struct casefile *casefile)
{
	struct recount *recount = context;

	if (casefile->unit == recount->unit && casefile->state >= STATE_dispatched)
		recount->unit_open++;
}

static void rule_counts(struct auditor *auditor)
{
	const struct state *state = auditor->world->state;
	struct recount recount = {.auditor = auditor, .state = state};

	state_each_open(state, recount_case, &recount);
	if (recount.open != state_open_cases(state))
		COMPLAIN(auditor, "%lld cases are open, not %lld", (long long)recount.open, (long long)state_open_cases(state));
	for (recount.unit = 1; recount.unit <= state_interned_count(state); recount.unit++) {
		recount.unit_open = 0;
		state_each_open(state, recount_unit, &recount);
		if (recount.unit_open != state_unit_open(state, recount.unit))
			COMPLAIN(auditor, "%.*s holds %lld open cases, not %lld", (int)state_text(state, recount.unit).len, state_text(state, recount.unit).data,
				(long long)recount.unit_open, (long long)state_unit_open(state, recount.unit));
	}
}

/* The naive account of the same history has nothing to complain of. */
static void rule_model(struct auditor *auditor)
{
	model_finish(auditor->world->model, auditor->world->state);
	if (model_complaint(auditor->world->model))
		COMPLAIN(auditor, "%s", model_complaint(auditor->world->model));
}

int audit(struct world *world, struct buf *report)
{
	struct record *events = events_read(world);
	struct auditor auditor = {.world = world, .report = report, .events = events};

	for (auditor.seq = 1; auditor.seq <= (int64_t)world->journal_count; auditor.seq++) {
		auditor.event = events[auditor.seq - 1];
		rule_fields(&auditor);
		rule_round_trip(&auditor);
		rule_chain(&auditor);
		rule_silence(&auditor);
		rule_notice(&auditor);
		rule_due(&auditor);
		rule_first_contact(&auditor);
	}
	free(events);
	rule_counts(&auditor);
	rule_model(&auditor);
	rule_same(&auditor, world_replay(world), "a replay of its events");
	rule_same(&auditor, world_restore(world), "one that is read back from the archive's rows");
	return auditor.broken;
}
