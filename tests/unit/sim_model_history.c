/* The sound history, made by hand: the chain is linked by event() itself, all else is said here. */
#include "tests/unit/sim_model_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct record events[EVENTS_MOST];
int count;
bool unanswered, unpublished;
int64_t asleep;

static struct span text(const char *words)
{
	return span_of(words);
}

/* What an event's place says of it. */
void link_event(int place)
{
	struct record *record = &events[place];

	record_set(record, previous, 0);
	record_set(record, stream, 1);
	for (int i = 0; i < place; i++) {
		if (events[i].case_id == record->case_id && record_has(&events[i], case_id))
			record->previous = i + 1;
		record->stream += events[i].event == record->event;
	}
}

struct record *event(int kind, int64_t number, int64_t at, int64_t epoch)
{
	struct record *record = &events[count++];

	assert_true(count <= EVENTS_MOST);
	record_clear(record);
	record_set(record, event, (uint8_t)kind);
	record_set(record, at, at);
	record_set(record, case_id, number);
	record_set(record, path, text("town"));
	record_set(record, epoch, epoch);
	link_event(count - 1);
	return record;
}

static void asked_as(struct record *record, const char *request)
{
	record_set(record, actor, text("ann"));
	record_set(record, request, text(request));
}

static void stage(struct record *record, int clock, int64_t start, int64_t due)
{
	record_set(record, stage, (uint8_t)clock);
	record_set(record, stage_limit, text("stage"));
	record_set(record, stage_start, start);
	record_set(record, stage_due, due);
	record_set(record, stage_warn, due - HOUR);
	record_set(record, policy, 1);
}

static struct record *opened(int64_t number, const char *ref, int64_t at)
{
	struct record *record = event(EVENT_case_opened, number, at, 1);

	record_set(record, source, text("web"));
	record_set(record, source_ref, text(ref));
	record_set(record, text, text("no light"));
	record_set(record, area, text("town"));
	record_set(record, reported_at, at);
	record_set(record, urgency, 3);
	record_set(record, next_at, at + HOUR);
	return record;
}

static void promise(struct record *record, int64_t start, int64_t due)
{
	record_set(record, limit, text("promise"));
	record_set(record, start, start);
	record_set(record, due, due);
	record_set(record, warn, due - 2 * HOUR);
}

static struct record *clocked(int kind, int64_t at, int64_t epoch)
{
	struct record *record = event(kind, 1, at, epoch);

	record_set(record, clock, CLOCK_promise);
	if (kind == EVENT_clock_warned || kind == EVENT_clock_breached) {
		record_set(record, limit, text("promise"));
		record_set(record, due, DUE);
		record_set(record, threshold, kind == EVENT_clock_warned ? 80 : 100);
	} else {
		record_set(record, rung, 1);
	}
	if (kind != EVENT_clock_warned && kind != EVENT_escalation_acknowledged)
		record_set(record, ladder, text("late"));
	if (kind == EVENT_case_escalated || kind == EVENT_escalation_acknowledged)
		record_set(record, notice, text("1/promise/4/1"));
	return record;
}

static void life_until_breach(void)
{
	struct record *record = &events[count++];

	record_clear(record);
	record_set(record, event, EVENT_policy_adopted);
	record_set(record, at, START);
	record_set(record, policy, 1);
	record_set(record, policy_name, text("town"));
	record_set(record, files, ((struct span){"\x90", 1}));
	promise(opened(1, "T-1", START), START, DUE);
	record = event(EVENT_case_triaged, 1, START + 1000, 2);
	record_set(record, category, text("light"));
	record_set(record, urgency, 3);
	record_set(record, kind, KIND_help);
	record_set(record, area, text("town"));
	record_set(record, worker, text("triage-1"));
	record_set(record, next_at, START + HOUR);
	promise(record, START, DUE);
	stage(record, CLOCK_dispatch, START + 1000, START + 5 * HOUR);
	record = event(EVENT_case_dispatched, 1, START + 2000, 3);
	record_set(record, unit, text("works"));
	record_set(record, first_contact, text("works"));
	stage(record, CLOCK_handle, START + 2000, START + 50 * HOUR);
	asked_as(record, "d.1");
	record = event(EVENT_case_signed, 1, START + 3000, 4);
	record_set(record, unit, text("works"));
	asked_as(record, "g.1");
	clocked(EVENT_clock_warned, DUE - 2 * HOUR, 4);
	clocked(EVENT_clock_breached, DUE, 4);
}

static void life_until_closed(void)
{
	struct record *record = clocked(EVENT_escalation_due, DUE, 4);

	record_set(record, reason, text("the time is over"));
	record_set(record, next_at, DUE + HOUR);
	record = clocked(EVENT_case_escalated, DUE + 1000, 4);
	record_set(record, audience, text("supervisor@town"));
	record_set(record, audience_area, text("town"));
	record_set(record, text, text("late"));
	record_set(record, next_at, DUE + 4 * HOUR);
	asked_as(clocked(EVENT_escalation_acknowledged, DUE + 2000, 4), "k.1");
	record = event(EVENT_case_reported, 1, DUE + HOUR, 5);
	record_set(record, unit, text("works"));
	record_set(record, result, text("done"));
	record_set(record, state, STATE_reported);
	asked_as(record, "p.1");
	record = event(EVENT_case_closed, 1, DUE + 2 * HOUR, 6);
	record_set(record, outcome, OUTCOME_solved);
	record_set(record, late, true);
	record_set(record, unit, text("works"));
	asked_as(record, "c.1");
}

static void others(void)
{
	int64_t at = DUE + 3 * HOUR;
	struct record *record = opened(2, "T-2", at);

	record_set(record, confidential, true);
	opened(3, "T-3", at);
	record = event(EVENT_case_merged, 2, at + 1000, 2);
	record_set(record, into, 3);
	record_set(record, outcome, OUTCOME_merged);
	record_set(record, late, false);
	record_set(record, confidential, true);
	asked_as(record, "m.1");
	record = event(EVENT_case_joined, 3, at + 1000, 1);
	record_set(record, follower, 2);
}

void sound(void)
{
	count = 0;
	unanswered = unpublished = false;
	asleep = 0;
	life_until_breach();
	life_until_closed();
	others();
}

/* ---- playing it ---- */

static int command_of(const struct record *record)
{
	switch (record->event) {
	case EVENT_case_opened:
		return COMMAND_submit;
	case EVENT_case_triaged:
		return COMMAND_triage_result;
	case EVENT_case_dispatched:
		return COMMAND_dispatch;
	case EVENT_case_signed:
		return COMMAND_sign;
	case EVENT_escalation_acknowledged:
		return COMMAND_acknowledge;
	case EVENT_case_reported:
		return COMMAND_report;
	case EVENT_case_merged:
		return COMMAND_merge;
	default:
		return COMMAND_close;
	}
}

bool request_of(const struct record *record, struct record *ret)
{
	record_clear(ret);
	record_set(ret, command, (uint8_t)command_of(record));
	if (record->event == EVENT_case_opened) {
		record_set(ret, request, record->source_ref);
		record_copy(ret, record, source);
		record_copy(ret, record, source_ref);
		record_copy(ret, record, text);
		return true;
	}
	record_copy(ret, record, request);
	record_copy(ret, record, actor);
	record_copy(ret, record, case_id);
	record_copy(ret, record, category);
	if (record_has(record, worker))
		record_set(ret, fence, record->epoch - 1);
	return record_has(record, request) || record_has(record, worker);
}

struct record reply_to(const struct record *request, int64_t number, int64_t seq)
{
	struct record reply;

	record_clear(&reply);
	record_set(&reply, reply, request->command);
	record_copy(&reply, request, request);
	record_set(&reply, case_id, number);
	record_set(&reply, seq, seq);
	return reply;
}

struct record publication(int seq)
{
	struct record published = events[seq - 1];

	record_set(&published, seq, seq);
	record_drop(&published, FIELD_files);
	if (record_get(&published, confidential, false))
		record_drop(&published, FIELD_text);
	return published;
}

void play_event(struct model *model, int seq)
{
	struct record request, reply, published = publication(seq);
	bool asked = request_of(&events[seq - 1], &request);

	if (asked)
		model_asked(model, &request);
	model_event(model, seq, &events[seq - 1]);
	if (asked && !unanswered && record_has(&request, request)) {
		reply = reply_to(&request, events[seq - 1].case_id, seq);
		model_answered(model, &reply);
	}
	if (!unpublished)
		model_published(model, 0, &published);
	model_time(model, events[seq - 1].at);
}

struct model *play(void)
{
	struct model *model = model_new();

	for (int seq = 1; seq <= count; seq++)
		play_event(model, seq);
	if (asleep)
		model_time(model, asleep);
	return model;
}

struct state *state_of(int last)
{
	struct state *state = state_new();

	for (int seq = 1; seq <= last; seq++)
		state_apply(state, seq, &events[seq - 1]);
	return state;
}
