/* What a unit asks of the dispatcher: to return a case, to have more time, to suspend it. Each is a record beside the
 * state with a clock of its own, needs a reason, and ends by approval or denial. While it is open the case's clocks run on. */
#include "core/decide_inside.h"

struct ask {
	int slot, event;
};

static struct ask ask_of(int command)
{
	switch (command) {
	case COMMAND_request_return:
	case COMMAND_approve_return:
		return (struct ask){SLOT_RETURN, EVENT_return_requested};
	case COMMAND_request_extension:
	case COMMAND_approve_extension:
		return (struct ask){SLOT_EXTENSION, EVENT_extension_requested};
	default:
		return (struct ask){SLOT_SUSPENSION, EVENT_suspension_requested};
	}
}

static bool ask_open(const struct casefile *casefile, int slot)
{
	const struct sla *sla = casefile_sla(casefile, slot);

	return sla && sla->kind != CLOCK_none;
}

/* What makes a request pointless whatever the dispatcher thinks. */
static int ask_refused(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);
	const struct sla *stage = &casefile->sla[SLOT_STAGE];

	switch (question->command->command) {
	case COMMAND_request_return:
		return details->final ? refuse(question, ERROR_cannot_return, FIELD_final, NULL) : 0;
	case COMMAND_request_extension:
		if (question->policy->extension_limit < 0 || details->extensions >= question->policy->extensions_cap)
			return refuse(question, ERROR_capped, FIELD_extensions, NULL);
		return stage->limit && question->now > stage->due ? refuse(question, ERROR_limit_passed, FIELD_stage_due, NULL) : 0;
	default:
		return record_has(question->command, until) && question->command->until <= question->now
			? refuse(question, ERROR_in_the_past, FIELD_until, NULL) : 0;
	}
}

int decide_ask(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct ask ask = ask_of(question->command->command);
	struct subject subject = subject_of(question, casefile);
	struct record *event;
	int refused;

	if (casefile->state != STATE_dispatched && casefile->state != STATE_in_progress)
		return refuse(question, ERROR_illegal_transition, FIELD_state, "only while a unit has the case");
	if (other_unit(question))
		return refuse(question, ERROR_wrong_unit, FIELD_unit, NULL);
	if (ask_open(casefile, ask.slot))
		return refuse(question, ERROR_already_requested, FIELD_COUNT, NULL);
	refused = ask_refused(question);
	if (refused)
		return refused;
	event = event_of(question, ask.event, casefile, subject.area);
	record_set(event, unit, state_text(question->state, casefile->unit));
	record_copy(event, question->command, reason);
	record_copy(event, question->command, code);
	record_copy(event, question->command, until);
	sub_clock_into(question, event, CLOCK_approve, ask.slot, subject);
	return 0;
}

/* At the cap the coordinating level is told, and the dispatch that follows is final. */
static int approve_return(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	int returns = casefile_details(casefile)->returns + 1;
	bool capped = returns >= question->policy->returns_cap;
	struct record *event = event_of(question, EVENT_case_returned, casefile, subject.area);

	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, unit, state_text(question->state, casefile->unit));
	record_set(event, returns, returns);
	if (capped)
		record_set(event, final, true);
	record_copy(event, question->command, reason);
	stage_into(question, event, CLOCK_dispatch, subject, capped ? TASK_none : TASK_assign);
	if (capped)
		alarm_into(question, casefile, subject, casefile->epoch + 1, LADDER_RETURNS, "returned as often as the policy lets");
	return 0;
}

struct moved {
	int64_t due, warn;
};

/* The extension's limit counted on from the old due time. */
static bool extend(const struct question *question, const struct sla *sla, struct moved *ret)
{
	const struct policy *policy = question->policy;
	const struct limit *limit = &policy->limits[policy->extension_limit];

	return sla->limit && limit_at(limit, &policy->calendars[limit->calendar], sla->due, 100, &ret->due) == 0 &&
		limit_at(limit, &policy->calendars[limit->calendar], sla->due, policy->warn_percent, &ret->warn) == 0;
}

static int approve_extension(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);
	struct record *event;
	struct moved moved;

	if (question->policy->extension_limit < 0 || details->extensions >= question->policy->extensions_cap)
		return refuse(question, ERROR_capped, FIELD_extensions, NULL);
	event = event_of(question, EVENT_clock_extended, casefile, subject_of(question, casefile).area);
	record_set(event, extensions, details->extensions + 1);
	record_copy(event, question->command, reason);
	if (extend(question, &casefile->sla[SLOT_STAGE], &moved)) {
		record_set(event, stage_due, moved.due);
		record_set(event, stage_warn, moved.warn);
	}
	if (question->policy->extension_moves_promise && extend(question, &casefile->sla[SLOT_PROMISE], &moved)) {
		record_set(event, due, moved.due);
		record_set(event, warn, moved.warn);
	}
	return 0;
}

static int approve_suspension(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	int64_t asked = casefile_details(casefile)->asked_until, latest = question->now + question->policy->suspension_longest_ms;
	int64_t until = record_get(question->command, until, asked ? asked : latest);
	struct record *event;

	if (until <= question->now)
		return refuse(question, ERROR_in_the_past, FIELD_until, NULL);
	event = event_of(question, EVENT_case_suspended, casefile, subject_of(question, casefile).area);
	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, until, until < latest ? until : latest);
	record_copy(event, question->command, reason);
	return 0;
}

int decide_approve(struct question *question)
{
	if (!ask_open(question->casefile, ask_of(question->command->command).slot))
		return refuse(question, ERROR_not_requested, FIELD_command, NULL);
	switch (question->command->command) {
	case COMMAND_approve_return:
		return approve_return(question);
	case COMMAND_approve_extension:
		return approve_extension(question);
	default:
		return approve_suspension(question);
	}
}

int decide_deny(struct question *question)
{
	uint8_t asked = question->command->asked;
	struct record *event;

	if (asked != COMMAND_request_return && asked != COMMAND_request_extension && asked != COMMAND_request_suspension)
		return refuse(question, ERROR_bad_name, FIELD_asked, "request_return, request_extension or request_suspension");
	if (!ask_open(question->casefile, ask_of(asked).slot))
		return refuse(question, ERROR_not_requested, FIELD_asked, NULL);
	event = event_of(question, EVENT_request_denied, question->casefile, subject_of(question, question->casefile).area);
	record_set(event, asked, asked);
	record_copy(event, question->command, reason);
	return 0;
}

/* A clock's due and warning moved by the counted time of the pause, by the policy that set the clock. A pause outside
 * counted time moves nothing. */
static bool shifted(const struct question *question, const struct sla *sla, struct moved *ret)
{
	const struct policy *policy = state_policy_of(question->state, sla->policy);
	int limit = policy && sla->limit ? policy_limit(policy, state_text(question->state, sla->limit)) : -1;
	int64_t from = casefile_details(question->casefile)->paused_at;

	if (limit < 0 || sla->breached)
		return false;
	const struct calendar *calendar = &policy->calendars[policy->limits[limit].calendar];
	return limit_pause_shift(&policy->limits[limit], calendar, sla->due, from, question->now, &ret->due) == 0 &&
		limit_pause_shift(&policy->limits[limit], calendar, sla->warn, from, question->now, &ret->warn) == 0;
}

/* Assisting units waited as well: each one's clock moves in an event of its own. */
static void assistants_shift(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct moved moved;

	for (int slot = SLOT_ASSIST; slot < SLA_ALL && question->decision->count < DECISION_EVENTS; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);
		if (!sla || !sla->limit || !shifted(question, sla, &moved) || moved.due == sla->due)
			continue;
		struct record *event = event_of(question, EVENT_assistant_moved, casefile, subject.area);
		record_set(event, epoch, casefile->epoch + 1);
		record_set(event, assistant, state_text(question->state, casefile->details->assistants[slot - SLOT_ASSIST]));
		record_set(event, slot, slot);
		record_set(event, due, moved.due);
		record_set(event, warn, moved.warn);
	}
}

/* By hand, or by the tick when the date has come. */
int decide_resume(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct record *event = event_of(question, EVENT_case_resumed, casefile, subject_of(question, casefile).area);
	struct moved moved;

	record_set(event, epoch, casefile->epoch + 1);
	record_copy(event, question->command, reason);
	if (shifted(question, &casefile->sla[SLOT_PROMISE], &moved)) {
		record_set(event, due, moved.due);
		record_set(event, warn, moved.warn);
	}
	if (shifted(question, &casefile->sla[SLOT_STAGE], &moved)) {
		record_set(event, stage_due, moved.due);
		record_set(event, stage_warn, moved.warn);
	}
	if (casefile_details(casefile)->milestone_at)
		record_set(event, milestone_due, milestone_shifted(question));
	assistants_shift(question);
	return 0;
}

/* An extension or a pause moved the stage's due time: what was given stays given. */
static bool stage_was_moved(const struct question *question)
{
	const struct sla *sla = &question->casefile->sla[SLOT_STAGE];
	const struct policy *policy = state_policy_of(question->state, sla->policy);
	int limit = policy && sla->limit ? policy_limit(policy, state_text(question->state, sla->limit)) : -1;
	int64_t due;

	return limit >= 0 && limit_at(&policy->limits[limit], &policy->calendars[policy->limits[limit].calendar], sla->start, 100, &due) == 0 &&
		due != sla->due;
}

/* The stage's clock as the newest policy would set it, counted from where the stage began. Promises are never touched. */
int decide_restage(struct question *question)
{
	static const uint8_t clocks[] = {[STATE_received] = CLOCK_triage, [STATE_triaged] = CLOCK_dispatch, [STATE_dispatched] = CLOCK_handle,
		[STATE_in_progress] = CLOCK_handle, [STATE_suspended] = CLOCK_none, [STATE_reported] = CLOCK_check, [STATE_calling_back] = CLOCK_call_back};
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = &casefile->sla[SLOT_STAGE];
	int clock = clocks[casefile->state];
	int64_t now = question->now;
	struct record *event;

	if (clock == CLOCK_none || sla->breached || stage_was_moved(question)) /* what is broken was told under a key that is used once */
		return 0;
	event = event_of(question, EVENT_clock_restaged, casefile, subject_of(question, casefile).area);
	question->now = sla->limit ? sla->start : casefile->stage_at; /* the limit is counted from here, not from now */
	stage_into(question, event, clock, subject_of(question, casefile), TASK_none);
	question->now = now;
	if (!record_has(event, stage_limit) || (sla->limit && event->stage_due == sla->due &&
		span_equal(event->stage_limit, state_text(question->state, sla->limit))))
		question->decision->count = 0; /* nothing changes */
	return 0;
}
