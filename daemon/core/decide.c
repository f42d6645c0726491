/* decide's door: finds the case, looks the command up in the table of the life of a case, and hands it to the function that
 * knows the command. Also the commands that move a case by hand or by a worker's result.
 *
 * Reads only. A refusal leaves no trace in the decision but its reason. */
#include "core/decide_inside.h"

#include <assert.h>
#include <stdio.h>

struct move {
	uint8_t state, command, event, next;
};

static const struct move moves[] = {
#define MANY(state, command, event, next)
#define MOVE(state, command, event, next) {STATE_##state, COMMAND_##command, EVENT_##event, STATE_##next},
#include "schema/lifecycle.def"
};

int lifecycle_next(int state, int command, int *ret_event)
{
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (moves[i].state == state && moves[i].command == command) {
			*ret_event = moves[i].event;
			return moves[i].next;
		}
	return STATE_none;
}

int refuse(struct question *question, enum error_kind error, enum field field, const char *detail)
{
	question->decision->count = 0;
	question->decision->field = field;
	snprintf(question->decision->detail, sizeof question->decision->detail, "%s", detail ? detail : "");
	return (int)error;
}

struct span keep(struct question *question, const char *text)
{
	struct decision *decision = question->decision;
	size_t len = strlen(text);

	if (len > sizeof decision->text - decision->text_used)
		len = sizeof decision->text - decision->text_used;
	char *copy = decision->text + decision->text_used;
	memcpy(copy, text, len);
	decision->text_used += len;
	return (struct span){copy, len};
}

struct subject subject_of(const struct question *question, const struct casefile *casefile)
{
	const struct policy *policy = question->policy;
	int area = policy_area(policy, state_text(question->state, casefile->area));

	return (struct subject){
		.category = casefile->category ? policy_category(policy, state_text(question->state, casefile->category)) : -1,
		.area = area >= 0 ? area : policy->default_area,
		.urgency = casefile->urgency,
	};
}

/* Events of one decision follow each other in the journal, so the second one's place is known already. */
struct record *event_of(struct question *question, int kind, const struct casefile *casefile, int area)
{
	struct decision *decision = question->decision;
	int64_t seq = state_last_seq(question->state) + 1 + (int64_t)decision->count, number = casefile ? casefile->number : state_next_number(question->state);
	int64_t previous = casefile ? casefile->last_seq : 0;
	struct span path = question->policy->areas[area].path;
	int64_t stream = state_stream(question->state, kind, state_interned(question->state, path)) + 1;
	struct record *event;

	assert(decision->count < DECISION_EVENTS);
	for (size_t i = 0; i < decision->count; i++) {
		if (decision->events[i].event == kind && span_equal(decision->events[i].path, path))
			stream++;
		if (decision->events[i].case_id == number)
			previous = state_last_seq(question->state) + 1 + (int64_t)i;
	}
	event = &decision->events[decision->count];
	record_clear(event);
	record_set(event, event, (uint8_t)kind);
	record_set(event, at, question->now);
	record_set(event, case_id, number);
	record_set(event, previous, previous);
	record_set(event, path, path);
	record_set(event, stream, stream);
	record_set(event, epoch, casefile ? casefile->epoch : 1);
	record_copy(event, question->command, actor);
	if (casefile ? casefile->confidential : record_get(question->command, confidential, false))
		record_set(event, confidential, true);
	if (!decision->count) {
		record_copy(event, question->command, request);
		decision->seq = seq;
		decision->number = number;
	}
	decision->count++;
	return event;
}

void triage_into(struct question *question, const struct record *chosen, int category, int area, int urgency)
{
	const struct casefile *casefile = question->casefile;
	const struct policy *policy = question->policy;
	struct subject before = subject_of(question, casefile), subject = {category, area, urgency};
	struct record *event = event_of(question, EVENT_case_triaged, casefile, area);

	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, category, policy->categories[category].code);
	record_set(event, urgency, urgency);
	record_set(event, kind, record_has(chosen, kind) ? chosen->kind : casefile->category == 0 ? (uint8_t)policy->categories[category].kind : casefile->kind);
	record_set(event, area, policy->areas[area].code);
	record_copy(event, chosen, worker);
	record_copy(event, chosen, confidence);
	record_copy(event, chosen, reason);
	record_copy(event, chosen, similar);
	if (before.category != category || before.area != area || before.urgency != urgency)
		promise_into(question, event, subject, casefile->reported_at, casefile_details(casefile));
	stage_into(question, event, CLOCK_dispatch, subject, TASK_assign);
	alarm_into(question, casefile, subject, casefile->epoch + 1, LADDER_URGENCY, "urgent");
}

/* By hand (triage) or by a worker (triage_result). A worker may not make light of a danger that intake saw. */
static int decide_triage(struct question *question)
{
	const struct record *command = question->command;
	const struct policy *policy = question->policy;
	struct subject now = subject_of(question, question->casefile);
	int category = policy_category(policy, command->category);
	int area = record_has(command, area) ? policy_area(policy, command->area) : now.area;
	int urgency;

	if (category < 0)
		return refuse(question, ERROR_unknown_category, FIELD_category, NULL);
	if (area < 0)
		return refuse(question, ERROR_unknown_area, FIELD_area, NULL);
	urgency = (int)record_get(command, urgency, policy->categories[category].urgency);
	if (urgency < 1)
		return refuse(question, ERROR_out_of_range, FIELD_urgency, "urgency is 1 to 4");
	if (command->command == COMMAND_triage_result && question->casefile->urgency == 1)
		urgency = 1;
	triage_into(question, command, category, area, urgency);
	return 0;
}

struct span channel_of(const struct question *question, const struct casefile *casefile)
{
	return state_text(question->state, casefile->channel);
}

/* The catalogue's assisting units, each with a clock of its own. */
static void assistants_into(struct question *question, struct subject subject, int unit)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);
	const struct catalogue_row *row = policy_lead_row(question->policy, subject.category, subject.area, subject.urgency, unit);
	int free_slot = 0;

	for (size_t i = 0; row && i < row->assist_count; i++) {
		while (free_slot < ASSISTANTS_MOST && details->assistants[free_slot])
			free_slot++;
		if (free_slot == ASSISTANTS_MOST || question->decision->count == DECISION_EVENTS)
			return;
		struct record *event = event_of(question, EVENT_assistant_added, casefile, subject.area);
		record_set(event, epoch, casefile->epoch + 1);
		record_set(event, assistant, question->policy->units[row->assist[i]].code);
		sub_clock_into(question, event, CLOCK_assist, SLOT_ASSIST + free_slot++, subject);
	}
}

/* A dispatch or a transfer: the same stage begins. */
void dispatch_into(struct question *question, int kind, int unit, struct span reason)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct record *event = event_of(question, kind, casefile, subject.area);
	struct span code = question->policy->units[unit].code;

	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, unit, code);
	if (!casefile->first_contact)
		record_set(event, first_contact, code);
	if (casefile_details(casefile)->final)
		record_set(event, final, true);
	record_copy(event, question->command, worker);
	record_copy(event, question->command, confidence);
	if (reason.len)
		record_set(event, reason, reason);
	if (kind == EVENT_case_transferred)
		record_set(event, transfers, casefile_details(casefile)->transfers + 1);
	stage_into(question, event, CLOCK_handle, subject, TASK_none);
	sign_into(question, event, subject);
	if (kind == EVENT_case_dispatched)
		assistants_into(question, subject, unit);
}

static int decide_dispatch(struct question *question)
{
	const struct record *command = question->command;
	int unit = policy_unit(question->policy, command->unit);

	if (unit < 0)
		return refuse(question, ERROR_unknown_unit, FIELD_unit, NULL);
	dispatch_into(question, EVENT_case_dispatched, unit, record_get(command, reason, (struct span){0}));
	return 0;
}

bool other_unit(const struct question *question)
{
	return record_has(question->command, unit) &&
		!span_equal(question->command->unit, state_text(question->state, question->casefile->unit));
}

static int decide_sign(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct record *event;

	if (other_unit(question))
		return refuse(question, ERROR_wrong_unit, FIELD_unit, NULL);
	event = event_of(question, EVENT_case_signed, casefile, subject_of(question, casefile).area);
	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, unit, state_text(question->state, casefile->unit));
	return 0;
}

/* Which step follows the unit's result: the check, the call-back, or (where the policy has neither) closing by hand. */
static int decide_report(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct span channel = channel_of(question, casefile);
	bool check = policy_checks(question->policy, subject.category, channel, casefile->kind);
	bool call = !check && policy_calls_back(question->policy, subject.category, channel, casefile->kind);
	struct record *event;

	if (other_unit(question))
		return refuse(question, ERROR_wrong_unit, FIELD_unit, NULL);
	event = event_of(question, EVENT_case_reported, casefile, subject.area);
	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, unit, state_text(question->state, casefile->unit));
	record_set(event, state, call ? STATE_calling_back : STATE_reported);
	record_copy(event, question->command, result);
	stage_into(question, event, call ? CLOCK_call_back : CLOCK_check, subject, TASK_none);
	return 0;
}

/* What the policy wants done before a case that a unit handled may end as solved. */
static enum error_kind step_missing(const struct question *question, uint8_t outcome)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct span channel = channel_of(question, casefile);

	if (question->command->command != COMMAND_close || outcome != OUTCOME_solved)
		return ERROR_none;
	if (casefile->state != STATE_calling_back && policy_checks(question->policy, subject.category, channel, casefile->kind))
		return ERROR_check_first;
	return policy_calls_back(question->policy, subject.category, channel, casefile->kind) ? ERROR_call_first : ERROR_none;
}

static uint8_t outcome_of(const struct record *command)
{
	switch (command->command) {
	case COMMAND_reject:
		return OUTCOME_rejected;
	case COMMAND_answer:
		return OUTCOME_answered;
	case COMMAND_cancel:
		return OUTCOME_void;
	case COMMAND_hand_over:
		return OUTCOME_handed_over;
	default:
		return record_get(command, outcome, OUTCOME_solved);
	}
}

void close_into(struct question *question, uint8_t outcome)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);
	const struct sla *promise = &casefile->sla[SLOT_PROMISE];
	const struct record *command = question->command;
	struct subject subject = subject_of(question, casefile);
	struct record *event = event_of(question, EVENT_case_closed, casefile, subject.area);

	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, outcome, details->master ? OUTCOME_merged : outcome);
	record_set(event, late, promise->limit && question->now > promise->due);
	record_copy(event, command, reason);
	record_copy(event, command, result);
	record_copy(event, command, emergency);
	record_copy(event, command, contacted);
	record_copy(event, command, solved);
	record_copy(event, command, satisfied);
	if (casefile->unit)
		record_set(event, unit, state_text(question->state, casefile->unit));
	if (details->follower_count && policy_calls_back(question->policy, subject.category, channel_of(question, casefile), casefile->kind))
		record_set(event, call_followers, true);
}

/* close, reject, answer, cancel and hand_over: the same event with another outcome. */
static int decide_close(struct question *question)
{
	const struct record *command = question->command;
	uint8_t outcome = outcome_of(command);
	enum error_kind missing;

	if (outcome == OUTCOME_merged)
		return refuse(question, ERROR_out_of_range, FIELD_outcome, "a case is merged by naming the case that carries it on, not by closing it");
	if (command->command == COMMAND_hand_over && policy_emergency(question->policy, command->emergency) < 0)
		return refuse(question, ERROR_unknown_emergency, FIELD_emergency, NULL);
	missing = step_missing(question, outcome);
	if (missing)
		return refuse(question, missing, FIELD_state, NULL);
	close_into(question, outcome);
	return 0;
}

static int decide_reopen(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct record *event;

	if (casefile_details(casefile)->master)
		return refuse(question, ERROR_illegal_transition, FIELD_state, "the case is merged into another one: unmerge it");
	if (question->now - casefile->closed_at > question->policy->reopen_window_ms)
		return refuse(question, ERROR_window_passed, FIELD_case_id, NULL);
	event = event_of(question, EVENT_case_reopened, casefile, subject.area);
	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, reopens, casefile->reopens + 1);
	record_copy(event, question->command, reason);
	if (casefile_details(casefile)->calls)
		record_set(event, calls, 0); /* the new result is asked about anew, with all the attempts */
	stage_into(question, event, CLOCK_dispatch, subject, TASK_assign);
	alarm_into(question, casefile, subject, casefile->epoch + 1, LADDER_URGENCY, "urgent, and open again");
	return 0;
}

static int decide_contact(struct question *question)
{
	struct record *event;

	if (!question->casefile->contact)
		return refuse(question, ERROR_no_contact, FIELD_case_id, NULL);
	event = event_of(question, EVENT_contact_read, question->casefile, subject_of(question, question->casefile).area);
	record_copy(event, question->command, reason);
	return 0;
}

/* A worker's result counts only for the attempt it was given out for. */
static int stage_result(struct question *question, int task)
{
	if (question->casefile->task != task || stage_fence(question->casefile) != question->command->fence)
		return refuse(question, ERROR_stale, FIELD_fence, NULL);
	return task == TASK_triage ? decide_triage(question) : decide_dispatch(question);
}

/* Commands that move a case along the table of its life. */
static int decide_move(struct question *question)
{
	switch (question->command->command) {
	case COMMAND_triage:
		return decide_triage(question);
	case COMMAND_dispatch:
		return decide_dispatch(question);
	case COMMAND_sign:
		return decide_sign(question);
	case COMMAND_report:
		return decide_report(question);
	case COMMAND_reopen:
		return decide_reopen(question);
	case COMMAND_approve_return:
	case COMMAND_approve_suspension:
		return decide_approve(question);
	case COMMAND_resume:
		return decide_resume(question);
	case COMMAND_transfer:
		return decide_transfer(question);
	case COMMAND_recall:
		return decide_recall(question);
	case COMMAND_check:
		return decide_check(question);
	case COMMAND_rework:
		return decide_rework(question);
	case COMMAND_call_back:
		return decide_call_back(question);
	case COMMAND_merge:
		return decide_merge(question);
	case COMMAND_unmerge:
		return decide_unmerge(question);
	default:
		return decide_close(question);
	}
}

/* Commands that are records beside the state. Only of open cases, but for the contact and the seal. NULL: another kind. */
static int (*beside_of(int command))(struct question *)
{
	switch (command) {
	case COMMAND_acknowledge:
		return decide_acknowledge;
	case COMMAND_contact:
		return decide_contact;
	case COMMAND_request_return:
	case COMMAND_request_extension:
	case COMMAND_request_suspension:
		return decide_ask;
	case COMMAND_approve_extension:
		return decide_approve;
	case COMMAND_deny:
		return decide_deny;
	case COMMAND_assist:
		return decide_assist;
	case COMMAND_assist_report:
		return decide_assist_report;
	case COMMAND_remind:
		return decide_remind;
	case COMMAND_supervise:
	case COMMAND_supervise_reply:
	case COMMAND_supervise_close:
		return decide_supervise;
	case COMMAND_reach:
		return decide_reach;
	case COMMAND_seal:
		return decide_seal;
	case COMMAND_restage:
		return decide_restage;
	default:
		return NULL;
	}
}

static int refuse_move(struct question *question)
{
	static const char *const states[] = {
#define STATE(number, name, chinese, meaning) [number] = #name,
#include "schema/names.def"
	};
	char detail[96];

	snprintf(detail, sizeof detail, "the case is %s", states[question->casefile->state]);
	return refuse(question, ERROR_illegal_transition, FIELD_state, detail);
}

/* case, or source and source_ref; given both, they must agree. */
static int find_case(struct question *question)
{
	const struct record *command = question->command;
	bool by_ref = record_has(command, source) && record_has(command, source_ref);
	const struct casefile *named = record_has(command, case_id) ? state_case(question->state, command->case_id) : NULL;
	const struct casefile *referred = by_ref ? state_case_by_ref(question->state, command->source, command->source_ref) : NULL;

	if (!record_has(command, case_id) && !by_ref)
		return refuse(question, ERROR_bad_reference, FIELD_case_id, NULL);
	if (record_has(command, case_id) && by_ref && named != referred)
		return refuse(question, ERROR_source_conflict, FIELD_source_ref, NULL);
	question->casefile = named ? named : referred;
	if (!question->casefile)
		return refuse(question, ERROR_unknown_case, record_has(command, case_id) ? FIELD_case_id : FIELD_source_ref, NULL);
	return 0;
}

bool repeated(struct question *question)
{
	const struct record *command = question->command;
	struct remembered remembered = {0, 0};

	if (record_has(command, actor) && record_has(command, request))
		remembered = state_remembered(question->state, command->actor, command->request);
	if (!remembered.seq || (question->casefile && remembered.number != question->casefile->number))
		return false;
	question->decision->duplicate = true;
	question->decision->seq = remembered.seq;
	if (question->casefile)
		question->decision->number = remembered.number;
	return true;
}

static int decide_on_case(struct question *question)
{
	int event, refused = find_case(question), command = question->command->command;
	int (*beside)(struct question *) = beside_of(command);

	if (refused || repeated(question))
		return refused;
	switch (command) {
	case COMMAND_triage_result:
		return stage_result(question, TASK_triage);
	case COMMAND_assign_result:
		return stage_result(question, TASK_assign);
	case COMMAND_escalate_result:
		return decide_escalate_result(question);
	case COMMAND_give_up:
		return decide_give_up(question);
	default:
		break;
	}
	if (beside && (question->casefile->state != STATE_closed || command == COMMAND_contact || command == COMMAND_seal || command == COMMAND_acknowledge))
		return beside(question);
	if (!lifecycle_next(question->casefile->state, command, &event))
		return refuse_move(question);
	return decide_move(question);
}

int decide(const struct state *state, int64_t now, const struct record *command, struct decision *ret_decision)
{
	struct question question = {state, state_policy(state), NULL, command, now, ret_decision};

	ret_decision->count = ret_decision->text_used = 0;
	ret_decision->number = ret_decision->seq = 0;
	ret_decision->duplicate = false;
	ret_decision->field = FIELD_COUNT;
	ret_decision->detail[0] = '\0';
	if (!question.policy)
		return command->command == COMMAND_tick ? 0 : refuse(&question, ERROR_no_policy, FIELD_COUNT, NULL);
	if (command->command == COMMAND_submit)
		return decide_submit(&question);
	if (command->command == COMMAND_tick)
		return decide_tick(&question);
	if (command->command == COMMAND_mute_notices)
		return decide_mute(&question);
	if (command->command == COMMAND_unmute)
		return decide_unmute(&question);
	return decide_on_case(&question);
}
