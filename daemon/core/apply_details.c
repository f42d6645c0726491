/* What the rarer events change: requests to the dispatcher, suspension, assistants, check and call-back, supervision, and
 * the links between merged cases. Like apply.c it never fails and reads nothing but event and state. */
#include "core/state_inside.h"

#include <assert.h>

static void asks_stop(struct casefile *casefile)
{
	for (int slot = SLA_SLOTS; casefile->details && slot < SLA_ALL; slot++)
		if (slot != SLOT_SUPERVISION)
			sla_stop(casefile_clock(casefile, slot));
}

static void apply_asked(struct state *state, struct casefile *casefile, const struct record *event)
{
	int slot = event->event == EVENT_return_requested ? SLOT_RETURN : event->event == EVENT_extension_requested ? SLOT_EXTENSION : SLOT_SUSPENSION;

	sla_begin_sub(state, casefile_clock(casefile, slot), event, CLOCK_approve);
	if (slot == SLOT_SUSPENSION)
		casefile_detail(casefile)->asked_until = record_get(event, until, 0);
}

static void apply_denied(struct casefile *casefile, const struct record *event)
{
	sla_stop(casefile_clock(casefile, event->asked == COMMAND_request_return ? SLOT_RETURN
		: event->asked == COMMAND_request_extension ? SLOT_EXTENSION : SLOT_SUSPENSION));
}

/* Back to the dispatcher: the unit no longer holds it. */
static void apply_back(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_triaged;
	if (event->event == EVENT_case_returned)
		casefile_detail(casefile)->returned_by = casefile->unit;
	casefile->unit = 0;
	asks_stop(casefile);
	sla_stop(&casefile->sla[SLOT_SIGN]);
	stage_begin(state, casefile, event);
	if (event->event == EVENT_case_recalled || record_get(event, final, false)) { /* people decide: no worker sends it off again */
		casefile->task = TASK_none;
		casefile->attention = true;
	}
	if (record_has(event, returns)) {
		casefile_detail(casefile)->returns = (uint16_t)event->returns;
		casefile_detail(casefile)->final = record_get(event, final, false);
	}
}

/* New due times for the promise and the stage, where the event has them; thresholds that lie ahead again count again. */
static void move_due(struct casefile *casefile, const struct record *event)
{
	struct sla *promise = &casefile->sla[SLOT_PROMISE], *stage = &casefile->sla[SLOT_STAGE], *sign = &casefile->sla[SLOT_SIGN];

	if (record_has(event, due)) {
		promise->due = event->due;
		promise->warn = event->warn;
		promise->warned = promise->warned && promise->warn <= event->at;
	}
	if (record_has(event, stage_due)) {
		stage->due = event->stage_due;
		stage->warn = event->stage_warn;
		stage->warned = stage->warned && stage->warn <= event->at;
	}
	if (record_has(event, sign_due)) {
		sign->due = event->sign_due;
		sign->warn = event->sign_warn;
		sign->warned = sign->warned && sign->warn <= event->at;
	}
}

static void apply_suspended(struct casefile *casefile, const struct record *event)
{
	struct details *details = casefile_detail(casefile);

	casefile->state = STATE_suspended;
	details->until = record_get(event, until, 0);
	details->paused_at = event->at;
	sla_stop(casefile_clock(casefile, SLOT_SUSPENSION));
}

static void pause_add(struct details *details, int64_t from, int64_t to)
{
	details->pauses = must_realloc(details->pauses, (details->pause_count + 1) * sizeof *details->pauses);
	details->pauses[details->pause_count++] = (struct pause){from, to};
}

static void apply_resumed(struct casefile *casefile, const struct record *event)
{
	struct details *details = casefile_detail(casefile);

	casefile->state = STATE_in_progress;
	pause_add(details, details->paused_at, event->at);
	details->until = details->paused_at = 0;
	sla_stop(&casefile->sla[SLOT_SIGN]);
	move_due(casefile, event);
	details->milestone_at = record_get(event, milestone_due, details->milestone_at);
}

/* Work begins again with the same unit: after a check that failed, or a resident who says no. */
static void apply_again(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct details *details = casefile_detail(casefile);

	casefile->state = STATE_in_progress;
	details->reworks = (uint16_t)record_get(event, reworks, details->reworks);
	details->redos = (uint16_t)record_get(event, redos, details->redos);
	details->calls = 0;
	stage_begin(state, casefile, event);
}

static void apply_assistant(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct sla *sla = casefile_clock(casefile, (int)event->slot);

	if (event->event == EVENT_assistant_reported) {
		sla_stop(sla);
		return;
	}
	if (event->event == EVENT_assistant_moved) {
		sla->due = event->due;
		sla->warn = event->warn;
		sla->warned = sla->warned && sla->warn <= event->at;
		return;
	}
	casefile_detail(casefile)->assistants[event->slot - SLOT_ASSIST] = intern_add(&state->names, event->assistant);
	sla_begin_sub(state, sla, event, CLOCK_assist);
}

static void apply_supervision(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct sla *sla = casefile_clock(casefile, SLOT_SUPERVISION);

	if (event->event == EVENT_supervision_opened)
		sla_begin_sub(state, sla, event, CLOCK_supervision);
	else
		sla_stop(sla);
	casefile_detail(casefile)->supervised = event->event != EVENT_supervision_closed;
}

static void follower_add(struct casefile *casefile, int64_t number)
{
	struct details *details = casefile_detail(casefile);

	details->followers = must_realloc(details->followers, (details->follower_count + 1) * sizeof *details->followers);
	details->followers[details->follower_count++] = number;
}

static void follower_remove(struct casefile *casefile, int64_t number)
{
	struct details *details = casefile_detail(casefile);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < details->follower_count; i++)
		if (details->followers[i] != number)
			details->followers[kept++] = details->followers[i];
	details->follower_count = kept;
}

/* The master is closed: each follower's caller is called back now, or (where nobody calls back) nothing more happens. One that is not in memory
 * was settled by an earlier closing. */
void followers_release(struct state *state, struct casefile *casefile, const struct record *event)
{
	const struct details *details = casefile_details(casefile);

	for (uint32_t i = 0; i < details->follower_count; i++) {
		struct casefile *follower = state_casefile(state, details->followers[i]);
		if (!follower || casefile_details(follower)->master != casefile->number || casefile_details(follower)->call_at)
			continue;
		state_unlist(state, follower);
		casefile_detail(follower)->call_at = record_get(event, call_followers, false) ? event->at : -1;
		casefile_detail(follower)->settled_seq = casefile->last_seq;
		state_list(state, follower);
		state_set_timers(state, follower);
	}
}

static void apply_merged(struct casefile *casefile, const struct record *event)
{
	apply_closed(casefile, event);
	casefile_detail(casefile)->master = event->into;
	casefile_detail(casefile)->call_at = 0;
}

static void apply_unmerged(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_triaged;
	casefile->outcome = OUTCOME_none;
	casefile->late = false;
	casefile->closed_at = 0;
	casefile_detail(casefile)->master = 0;
	casefile_detail(casefile)->call_at = 0;
	stage_begin(state, casefile, event);
}

static void apply_call_back_due(struct state *state, struct casefile *casefile, const struct record *event)
{
	casefile->state = STATE_calling_back;
	casefile_detail(casefile)->call_at = -1;
	stage_begin(state, casefile, event);
	casefile->attention = !casefile->unit; /* no unit ever had it, or none any more: people are told that it waits for them */
}

static void apply_restaged(struct state *state, struct casefile *casefile, const struct record *event)
{
	struct record as_sub = *event;

	record_set(&as_sub, limit, event->stage_limit);
	record_set(&as_sub, start, event->stage_start);
	record_set(&as_sub, due, event->stage_due);
	record_set(&as_sub, warn, event->stage_warn);
	sla_begin_sub(state, &casefile->sla[SLOT_STAGE], &as_sub, event->stage);
}

static void apply_reminded(struct casefile *casefile, const struct record *event)
{
	casefile_detail(casefile)->reminders = (uint16_t)event->reminders;
	casefile->urgency = (uint8_t)record_get(event, urgency, casefile->urgency);
}

void details_apply(struct state *state, struct casefile *casefile, const struct record *event)
{
	switch (event->event) {
	case EVENT_return_requested:
	case EVENT_extension_requested:
	case EVENT_suspension_requested:
		apply_asked(state, casefile, event);
		break;
	case EVENT_request_denied:
		apply_denied(casefile, event);
		break;
	case EVENT_case_returned:
	case EVENT_case_recalled:
		apply_back(state, casefile, event);
		break;
	case EVENT_clock_extended:
		casefile_detail(casefile)->extensions = (uint16_t)event->extensions;
		sla_stop(casefile_clock(casefile, SLOT_EXTENSION));
		move_due(casefile, event);
		break;
	case EVENT_case_suspended:
		apply_suspended(casefile, event);
		break;
	case EVENT_case_resumed:
		apply_resumed(casefile, event);
		break;
	case EVENT_case_transferred:
		asks_stop(casefile);
		apply_dispatched(state, casefile, event);
		casefile_detail(casefile)->transfers = (uint16_t)event->transfers;
		break;
	case EVENT_assistant_added:
	case EVENT_assistant_reported:
	case EVENT_assistant_moved:
		apply_assistant(state, casefile, event);
		break;
	case EVENT_case_checked:
		casefile->state = STATE_calling_back;
		stage_begin(state, casefile, event);
		break;
	case EVENT_case_reworked:
	case EVENT_case_redone:
		apply_again(state, casefile, event);
		break;
	case EVENT_resident_called:
		casefile_detail(casefile)->calls = (uint16_t)event->calls;
		break;
	case EVENT_case_reminded:
		apply_reminded(casefile, event);
		break;
	case EVENT_supervision_opened:
	case EVENT_supervision_answered:
	case EVENT_supervision_closed:
		apply_supervision(state, casefile, event);
		break;
	case EVENT_case_merged:
		apply_merged(casefile, event);
		break;
	case EVENT_case_joined:
		follower_add(casefile, event->follower);
		break;
	case EVENT_case_unmerged:
		apply_unmerged(state, casefile, event);
		break;
	case EVENT_case_left:
		follower_remove(casefile, event->follower);
		break;
	case EVENT_call_back_due:
		apply_call_back_due(state, casefile, event);
		break;
	case EVENT_case_sealed:
		casefile->confidential = event->confidential;
		break;
	case EVENT_milestone_reached:
	case EVENT_milestone_missed:
		if (record_has(event, next_milestone) || event->event == EVENT_milestone_missed || span_equal(event->milestone, intern_text(&state->names, casefile_details(casefile)->milestone)))
			milestone_set(state, casefile, event);
		break;
	case EVENT_clock_restaged:
		apply_restaged(state, casefile, event);
		break;
	default:
		break;
	}
}
