/* What an event changes. It never fails and looks at nothing but the event and the state: whatever had to be worked out
 * (due times, units, rungs) stands in the event, so a replay needs no policy, clock or file.
 *
 * A broken rule here is a bug in decide and ends the process by assertion: a wrong state must not be kept. */
#include "core/state_inside.h"

#include <assert.h>
#include <math.h>

void sla_stop(struct sla *sla)
{
	*sla = (struct sla){0};
}

static void sla_begin(struct state *state, struct sla *sla, int kind, struct span limit, int64_t start, int64_t due, int64_t warn, int64_t policy)
{
	*sla = (struct sla){0};
	sla->kind = (uint8_t)kind;
	sla->limit = intern_add(&state->names, limit);
	sla->start = start;
	sla->due = due;
	sla->warn = warn;
	sla->policy = (uint32_t)policy;
}

/* The stage that begins with this event: its clock, its epoch, and which worker it waits for. */
void stage_begin(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->stage_at = event->at;
	casefile->attention = false;
	casefile->task = TASK_none; /* without patience no worker is asked: people do it */
	if (record_has(event, next_at))
		casefile->task = casefile->state == STATE_received ? TASK_triage : casefile->state == STATE_triaged ? TASK_assign : TASK_none;
	casefile->work_until = casefile->task ? event->next_at : 0;
	sla_stop(&casefile->sla[SLOT_STAGE]);
	if (record_has(event, stage_limit))
		sla_begin(state, &casefile->sla[SLOT_STAGE], event->stage, event->stage_limit, event->stage_start, event->stage_due,
			event->stage_warn, record_get(event, policy, 0));
}

static void promise_set(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct sla *sla = &casefile->sla[SLOT_PROMISE];

	if (!record_has(event, limit))
		return;
	sla_stop(sla);
	if (event->limit.len)
		sla_begin(state, sla, CLOCK_promise, event->limit, event->start, event->due, event->warn,
			record_get(event, promise_policy, record_get(event, policy, 0)));
	if (casefile->details && !record_has(event, pauses_counted))
		casefile->details->pause_count = 0; /* its due times give back none of the pauses before */
	milestone_set(state, casefile, event);
}

/* The stage of a staged promise that comes next; without one in the event none is left. */
void milestone_set(struct state *state, struct casefile *casefile, const struct record *event)
{
	if (!record_has(event, next_milestone) && !casefile->details)
		return;
	casefile_detail(casefile)->milestone = intern_add(&state->names, record_get(event, next_milestone, (struct span){0}));
	casefile_detail(casefile)->milestone_at = record_get(event, milestone_due, 0);
}

static void place_set(struct casefile *casefile, const struct record *event)
{
	if (record_has(event, latitude) && record_has(event, longitude)) {
		casefile->latitude_e6 = (int32_t)lround(event->latitude * 1e6);
		casefile->longitude_e6 = (int32_t)lround(event->longitude * 1e6);
	}
	if (record_has(event, address) && event->address.len)
		casefile->address = (uint32_t)(span_hash(event->address) | 1);
}

static void report_set(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->reported_at = event->reported_at;
	casefile->kind = record_get(event, kind, KIND_help);
	casefile->urgency = (uint8_t)record_get(event, urgency, 3);
	casefile->area = intern_add(&state->names, event->area);
	if (record_has(event, category))
		casefile->category = intern_add(&state->names, event->category);
	if (record_has(event, channel))
		casefile->channel = intern_add(&state->names, event->channel);
	casefile->priority = record_get(event, priority, false);
	casefile->contact = record_get(event, contact_kept, false);
	place_set(casefile, event);
}

static struct casefile *apply_opened(struct state *state, int64_t seq, const struct record *event)
{
	struct casefile *casefile = state_add(state, event->case_id, intern_add(&state->names, event->source), event->source_ref);

	assert(event->case_id == state->next_number);
	state->next_number++;
	casefile->state = STATE_received;
	casefile->opened_at = event->at;
	casefile->first_seq = seq;
	report_set(state, casefile, event);
	casefile->confidential = record_get(event, confidential, false);
	if (record_has(event, department)) {
		casefile_detail(casefile)->department = intern_add(&state->names, event->department);
		casefile_detail(casefile)->admission = intern_add(&state->names, record_get(event, admission, (struct span){0}));
	}
	watch_heard(state, casefile->source, event->at);
	stage_begin(state, casefile, event);
	promise_set(state, casefile, event);
	return casefile;
}

static void apply_reopened(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_triaged;
	casefile->outcome = OUTCOME_none;
	casefile->late = false;
	casefile->closed_at = 0;
	casefile->reopens = (uint16_t)event->reopens;
	if (record_has(event, calls))
		casefile_detail(casefile)->calls = (uint16_t)event->calls;
	stage_begin(state, casefile, event);
}

static void apply_triaged(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_triaged;
	casefile->category = intern_add(&state->names, event->category);
	casefile->urgency = (uint8_t)event->urgency;
	casefile->kind = event->kind;
	casefile->area = intern_add(&state->names, event->area);
	stage_begin(state, casefile, event);
	promise_set(state, casefile, event);
}

void apply_dispatched(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_dispatched;
	casefile->unit = intern_add(&state->names, event->unit);
	if (casefile->details)
		casefile->details->returned_by = 0;
	if (record_has(event, first_contact)) {
		assert(!casefile->first_contact);
		casefile->first_contact = intern_add(&state->names, event->first_contact);
	}
	stage_begin(state, casefile, event);
	sla_stop(&casefile->sla[SLOT_SIGN]);
	if (record_has(event, sign_limit))
		sla_begin(state, &casefile->sla[SLOT_SIGN], CLOCK_sign, event->sign_limit, event->sign_start, event->sign_due, event->sign_warn,
			record_get(event, policy, 0));
}

void sla_begin_sub(struct state *state, struct sla *sla, const struct record *event, int kind)
{
	sla_begin(state, sla, kind, record_get(event, limit, (struct span){0}), record_get(event, start, 0), record_get(event, due, 0),
		record_get(event, warn, 0), record_get(event, policy, 0));
}

void apply_closed(struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_closed;
	casefile->outcome = event->outcome;
	casefile->late = event->late;
	casefile->closed_at = event->at;
	casefile->stage_at = event->at;
	casefile->task = TASK_none;
	casefile->work_until = 0;
	casefile->attention = false;
	sla_stop(&casefile->sla[SLOT_STAGE]);
	sla_stop(&casefile->sla[SLOT_SIGN]);
	sla_stop(&casefile->sla[SLOT_ALARM]);
	for (int slot = SLA_SLOTS; casefile->details && slot < SLA_ALL; slot++)
		sla_stop(casefile_clock(casefile, slot));
	casefile->sla[SLOT_PROMISE].next = 0; /* the promise stays to be read; nothing leaves for it any more */
	casefile->sla[SLOT_PROMISE].phase = LADDER_QUIET;
}

static int slot_of(const struct record *event)
{
	return record_has(event, slot) ? (int)event->slot : sla_slot(event->clock);
}

static struct sla *sla_of(struct casefile *casefile, const struct record *event)
{
	return casefile_clock(casefile, slot_of(event));
}

static void apply_escalation(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct sla *sla = sla_of(casefile, event);

	if (event->event == EVENT_escalation_due && !sla->kind)
		sla->kind = event->clock; /* an alarm has no limit: it begins with its ladder */
	sla->next = record_get(event, next_at, 0);
	switch (event->event) {
	case EVENT_escalation_due:
		if (event->rung == 1) /* the notice key: a stage has its epoch; other clocks can begin twice in one */
			sla->epoch = slot_of(event) >= SLOT_ALARM ? (uint32_t)(state->last_seq + 1) : casefile->epoch;
		sla->ladder = intern_add(&state->names, event->ladder);
		sla->rung = (uint8_t)event->rung;
		sla->phase = LADDER_WANTING;
		break;
	case EVENT_case_escalated:
		sla->phase = LADDER_TOLD;
		break;
	case EVENT_escalation_acknowledged:
		sla->phase = LADDER_ANSWERED;
		sla->hold_s = (uint32_t)(record_get(event, hold_ms, 0) / 1000);
		break;
	case EVENT_notice_withheld:
		sla->phase = LADDER_QUIET;
		break;
	default:
		break;
	}
}

static void apply_breached(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct sla *sla = sla_of(casefile, event);

	sla->warned = sla->breached = true;
	if (!record_has(event, ladder))
		return;
	sla->ladder = intern_add(&state->names, event->ladder);
	sla->rung = 0;
	sla->phase = LADDER_QUIET;
	sla->next = record_get(event, next_at, 0);
}

static void apply_attention(struct casefile *casefile)
{
	casefile->attention = true;
	casefile->task = TASK_none;
	casefile->work_until = 0;
}

static void apply_to_case(struct state *state, struct casefile *casefile, const struct record *event)
{
	switch (event->event) {
	case EVENT_case_triaged:
		apply_triaged(state, casefile, event);
		break;
	case EVENT_case_dispatched:
		apply_dispatched(state, casefile, event);
		break;
	case EVENT_case_signed:
		casefile->state = STATE_in_progress;
		casefile->stage_at = event->at;
		sla_stop(&casefile->sla[SLOT_SIGN]);
		break;
	case EVENT_case_reported:
		casefile->state = record_get(event, state, STATE_reported);
		sla_stop(&casefile->sla[SLOT_SIGN]);
		stage_begin(state, casefile, event);
		break;
	case EVENT_case_closed:
		apply_closed(casefile, event);
		break;
	case EVENT_case_reopened:
		apply_reopened(state, casefile, event);
		break;
	case EVENT_clock_warned:
		sla_of(casefile, event)->warned = true;
		break;
	case EVENT_clock_breached:
		apply_breached(state, casefile, event);
		break;
	case EVENT_escalation_due:
	case EVENT_case_escalated:
	case EVENT_escalation_acknowledged:
	case EVENT_escalation_unanswered:
	case EVENT_notice_withheld:
		apply_escalation(state, casefile, event);
		break;
	case EVENT_attention_needed:
		apply_attention(casefile);
		break;
	default:
		details_apply(state, casefile, event);
		break;
	}
}

/* An answered notice stays quiet as long as the case moves; when it stops moving, the answer runs out. */
static void rearm(struct casefile *casefile, const struct record *event)
{
	if ((event->event >= EVENT_clock_warned && event->event <= EVENT_contact_read) || event->event == EVENT_case_reminded ||
		event->event == EVENT_notice_withheld || event->event == EVENT_milestone_missed || event->event == EVENT_clock_restaged)
		return;
	for (int slot = 0; slot < SLA_ALL; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);
		if (sla && sla->phase == LADDER_ANSWERED && sla->hold_s)
			casefile_clock(casefile, slot)->next = event->at + sla->hold_s * INT64_C(1000);
	}
}

static struct casefile *apply_event(struct state *state, int64_t seq, const struct record *event)
{
	struct casefile *casefile;

	if (event->event == EVENT_case_opened) {
		casefile = apply_opened(state, seq, event);
	} else {
		casefile = state_casefile(state, event->case_id);
		assert(casefile); /* the engine brings a closed case back from the archive first */
		state_unlist(state, casefile);
		apply_to_case(state, casefile, event);
	}
	casefile->epoch = (uint32_t)event->epoch;
	casefile->last_seq = seq;
	rearm(casefile, event);
	state_list(state, casefile);
	state_set_timers(state, casefile);
	if (event->event == EVENT_case_closed)
		followers_release(state, casefile, event);
	state_stream_set(state, event->event, intern_add(&state->names, event->path), event->stream);
	return casefile;
}

const struct casefile *state_apply(struct state *state, int64_t seq, const struct record *event)
{
	struct casefile *casefile = NULL;

	assert(seq == state->last_seq + 1);
	if (event->event == EVENT_policy_adopted)
		state->policy_version = event->policy;
	else if (record_has(event, path)) /* only what happens to a case has one */
		casefile = apply_event(state, seq, event);
	else
		watch_apply(state, event);
	state->last_seq = seq;
	if (event->at > state->now)
		state->now = event->at;
	state_remember(state, seq, event);
	return casefile;
}
