/* Handling: transfer and recall, assisting units, the check and its rework, the call-back with its three answers and its
 * redo, reminders, supervision records. What is counted stands in the event, so that the figures need no state. */
#include "core/decide_inside.h"

#include <stdio.h>

int decide_transfer(struct question *question)
{
	int unit = policy_unit(question->policy, question->command->unit);

	if (unit < 0)
		return refuse(question, ERROR_unknown_unit, FIELD_unit, NULL);
	if (span_equal(question->command->unit, state_text(question->state, question->casefile->unit)))
		return refuse(question, ERROR_wrong_unit, FIELD_unit, "the case is with this unit already");
	dispatch_into(question, EVENT_case_transferred, unit, record_get(question->command, reason, (struct span){0}));
	return 0;
}

int decide_recall(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct record *event = event_of(question, EVENT_case_recalled, casefile, subject.area);

	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, unit, state_text(question->state, casefile->unit));
	record_copy(event, question->command, reason);
	stage_into(question, event, CLOCK_dispatch, subject, TASK_none);
	return 0;
}

static int assistant_slot(const struct question *question, struct span unit)
{
	const struct details *details = casefile_details(question->casefile);

	for (int i = 0; i < ASSISTANTS_MOST; i++)
		if (details->assistants[i] && details->sla[SLOT_ASSIST - SLA_SLOTS + i].kind == CLOCK_assist &&
			span_equal(state_text(question->state, details->assistants[i]), unit))
			return SLOT_ASSIST + i;
	return -1;
}

int decide_assist(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);
	struct subject subject = subject_of(question, casefile);
	int unit = policy_unit(question->policy, question->command->assistant), slot = 0;
	struct record *event;

	if (unit < 0)
		return refuse(question, ERROR_unknown_unit, FIELD_assistant, NULL);
	if (casefile->state != STATE_dispatched && casefile->state != STATE_in_progress)
		return refuse(question, ERROR_illegal_transition, FIELD_state, "only while a unit has the case");
	if (assistant_slot(question, question->command->assistant) >= 0)
		return refuse(question, ERROR_already_requested, FIELD_assistant, "this unit assists already");
	while (slot < ASSISTANTS_MOST && details->assistants[slot])
		slot++;
	if (slot == ASSISTANTS_MOST)
		return refuse(question, ERROR_too_many, FIELD_assistant, NULL);
	event = event_of(question, EVENT_assistant_added, casefile, subject.area);
	record_set(event, assistant, question->policy->units[unit].code);
	record_copy(event, question->command, reason);
	sub_clock_into(question, event, CLOCK_assist, SLOT_ASSIST + slot, subject);
	return 0;
}

int decide_assist_report(struct question *question)
{
	int slot = assistant_slot(question, question->command->assistant);
	struct record *event;

	if (slot < 0)
		return refuse(question, ERROR_no_assistant, FIELD_assistant, NULL);
	event = event_of(question, EVENT_assistant_reported, question->casefile, subject_of(question, question->casefile).area);
	record_copy(event, question->command, assistant);
	record_copy(event, question->command, result);
	record_set(event, slot, slot);
	return 0;
}

int decide_check(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct record *event;

	if (!policy_calls_back(question->policy, subject.category, channel_of(question, casefile), casefile->kind)) {
		close_into(question, OUTCOME_solved);
		return 0;
	}
	event = event_of(question, EVENT_case_checked, casefile, subject.area);
	record_set(event, epoch, casefile->epoch + 1);
	record_copy(event, question->command, reason);
	stage_into(question, event, CLOCK_call_back, subject, TASK_none);
	return 0;
}

int decide_rework(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct record *event = event_of(question, EVENT_case_reworked, casefile, subject.area);

	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, unit, state_text(question->state, casefile->unit));
	record_set(event, reworks, casefile_details(casefile)->reworks + 1);
	record_copy(event, question->command, reason);
	stage_into(question, event, CLOCK_handle, subject, TASK_none);
	return 0;
}

static int redo(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	const struct details *details = casefile_details(casefile);
	struct record *event = event_of(question, EVENT_case_redone, casefile, subject.area);

	record_set(event, epoch, casefile->epoch + 1);
	if (casefile->unit)
		record_set(event, unit, state_text(question->state, casefile->unit));
	record_set(event, redos, details->redos + 1);
	record_set(event, calls, details->calls + 1);
	record_copy(event, question->command, satisfied);
	record_copy(event, question->command, reason);
	stage_into(question, event, CLOCK_handle, subject, TASK_none);
	alarm_into(question, casefile, subject, casefile->epoch + 1, LADDER_UNSATISFIED, "the resident says that it is not solved");
	return 0;
}

/* Not reached: tried again, up to the policy's attempts. Reached: solved closes, not solved is done again. A merged case without a
 * unit of its own cannot be done again: it closes and its caller may have it taken apart from the other (unmerge). */
int decide_call_back(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct record *command = question->command;
	struct subject subject = subject_of(question, casefile);
	int calls = casefile_details(casefile)->calls + 1;
	struct record *event;

	if (command->contacted && !record_has(command, solved))
		return refuse(question, ERROR_missing_field, FIELD_solved, "a resident who was reached says whether it is solved");
	if (!command->contacted && calls < question->policy->call_attempts) {
		event = event_of(question, EVENT_resident_called, casefile, subject.area);
		record_set(event, contacted, false);
		record_set(event, calls, calls);
		record_copy(event, command, reason);
		return 0;
	}
	if (command->contacted && !command->solved && casefile->unit)
		return redo(question);
	close_into(question, OUTCOME_solved);
	record_set(&question->decision->events[0], calls, calls);
	return 0;
}

int decide_remind(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct policy *policy = question->policy;
	struct subject subject = subject_of(question, casefile);
	int reminders = casefile_details(casefile)->reminders + 1;
	struct record *event = event_of(question, EVENT_case_reminded, casefile, subject.area);

	record_set(event, reminders, reminders);
	record_copy(event, question->command, reason);
	if (policy->reminders_urgent_after && reminders % policy->reminders_urgent_after == 0 && casefile->urgency > 2)
		record_set(event, urgency, casefile->urgency - 1);
	if (policy->reminders_escalate_after && reminders % policy->reminders_escalate_after == 0)
		alarm_into(question, casefile, subject, casefile->epoch, LADDER_REMINDERS, "reminded again and again");
	return 0;
}

static int open_supervision(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	const struct record *command = question->command;
	struct record *event;

	if (casefile_details(casefile)->supervised)
		return refuse(question, ERROR_already_requested, FIELD_supervised, NULL);
	if (record_has(command, until) && command->until <= question->now)
		return refuse(question, ERROR_in_the_past, FIELD_until, NULL);
	event = event_of(question, EVENT_supervision_opened, casefile, subject.area);
	record_copy(event, command, opinion);
	sub_clock_into(question, event, CLOCK_supervision, SLOT_SUPERVISION, subject);
	if (record_has(command, until)) { /* the supervisor's own date goes before the policy's limit */
		record_set(event, limit, keep(question, "until"));
		record_set(event, start, question->now);
		record_set(event, due, command->until);
		record_set(event, warn, question->now + (command->until - question->now) / 100 * question->policy->warn_percent);
	}
	alarm_into(question, casefile, subject, casefile->epoch, LADDER_SUPERVISION, "a supervisor wants a reply");
	return 0;
}

int decide_supervise(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = casefile_sla(casefile, SLOT_SUPERVISION);
	struct record *event;

	if (question->command->command == COMMAND_supervise)
		return open_supervision(question);
	if (!casefile_details(casefile)->supervised)
		return refuse(question, ERROR_no_supervision, FIELD_COUNT, NULL);
	if (question->command->command == COMMAND_supervise_reply && (!sla || !sla->kind))
		return refuse(question, ERROR_no_supervision, FIELD_COUNT, "it was replied to already");
	event = event_of(question, question->command->command == COMMAND_supervise_reply ? EVENT_supervision_answered : EVENT_supervision_closed,
		casefile, subject_of(question, casefile).area);
	record_copy(event, question->command, result);
	record_copy(event, question->command, reason);
	return 0;
}
