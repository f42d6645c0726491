/* Recorded events back to the commands behind them.
 *
 * Owns one table, event to command; the fields come from schema/commands.def: what a command takes and the event holds was what
 * somebody said. Three things are undone, because the daemon and not the resident had said them: a category, urgency or
 * kind that a danger word or the category's own row had set, and an area that was only the policy's default. The unit of a signature
 * or report is left out: whoever has the case signs for it.
 * Never looks at a state and never decides. An event without an actor is the daemon's own. */
#include "rehearse/fact.h"

#include <stddef.h>

struct fact_row {
	uint8_t event, command;
};

static const struct fact_row facts[] = {
	{EVENT_case_opened, COMMAND_submit},
	{EVENT_case_triaged, COMMAND_triage},
	{EVENT_case_dispatched, COMMAND_dispatch},
	{EVENT_case_signed, COMMAND_sign},
	{EVENT_case_reported, COMMAND_report},
	{EVENT_case_closed, COMMAND_close},
	{EVENT_case_reopened, COMMAND_reopen},
	{EVENT_escalation_acknowledged, COMMAND_acknowledge},
	{EVENT_contact_read, COMMAND_contact},
	{EVENT_return_requested, COMMAND_request_return},
	{EVENT_extension_requested, COMMAND_request_extension},
	{EVENT_suspension_requested, COMMAND_request_suspension},
	{EVENT_request_denied, COMMAND_deny},
	{EVENT_case_returned, COMMAND_approve_return},
	{EVENT_clock_extended, COMMAND_approve_extension},
	{EVENT_case_suspended, COMMAND_approve_suspension},
	{EVENT_case_resumed, COMMAND_resume},
	{EVENT_case_transferred, COMMAND_transfer},
	{EVENT_case_recalled, COMMAND_recall},
	{EVENT_assistant_added, COMMAND_assist},
	{EVENT_assistant_reported, COMMAND_assist_report},
	{EVENT_case_checked, COMMAND_check},
	{EVENT_case_reworked, COMMAND_rework},
	{EVENT_resident_called, COMMAND_call_back},
	{EVENT_case_redone, COMMAND_call_back},
	{EVENT_case_reminded, COMMAND_remind},
	{EVENT_supervision_opened, COMMAND_supervise},
	{EVENT_supervision_answered, COMMAND_supervise_reply},
	{EVENT_supervision_closed, COMMAND_supervise_close},
	{EVENT_case_merged, COMMAND_merge},
	{EVENT_case_unmerged, COMMAND_unmerge},
	{EVENT_case_sealed, COMMAND_seal},
	{EVENT_mute_set, COMMAND_mute_notices},
	{EVENT_mute_lifted, COMMAND_unmute},
};

/* They follow from something else, whoever's name they carry. */
static const uint8_t consequences[] = {
	EVENT_clock_warned, EVENT_clock_breached, EVENT_escalation_due, EVENT_case_escalated, EVENT_escalation_unanswered, EVENT_attention_needed,
	EVENT_case_joined, EVENT_case_left, EVENT_call_back_due, EVENT_notice_withheld, EVENT_source_silent, EVENT_source_heard, EVENT_clock_restaged,
};

/* What the command takes and the event holds. */
static void copy_said(const struct record *event, uint8_t kind, struct record *ret_command)
{
#define NEEDS(member) record_copy(ret_command, event, member);
#define TAKES(member) record_copy(ret_command, event, member);
#define R(role) 0
	switch (kind) {
#define COMMAND(number, name, door, roles, fields, meaning) \
	case COMMAND_##name: \
		fields \
		break;
#include "schema/commands.def"
	default:
		break;
	}
#undef NEEDS
#undef TAKES
#undef R
}

/* The danger word that the daemon says it saw, as the policy has it; NULL: it saw none. */
static const struct danger_word *danger_seen(const struct record *event, const struct policy *policy)
{
	struct span begin = span_of("danger word \""), reason = record_get(event, reason, (struct span){0});

	if (!policy || !span_starts(reason, begin))
		return NULL;
	for (size_t i = 0; i < policy->danger_word_count; i++) {
		struct span word = policy->danger_words[i].word;
		if (reason.len == begin.len + word.len + 1 && span_equal((struct span){reason.data + begin.len, word.len}, word))
			return &policy->danger_words[i];
	}
	return NULL;
}

/* What the daemon had filled in is left open again. What a resident said and the policy would have said too counts as the policy's:
 * the journal holds no difference. */
static void forget_filled_in(const struct record *event, const struct policy *policy, struct record *command)
{
	const struct danger_word *danger = danger_seen(event, policy);
	int category = record_has(event, category) && policy ? policy_category(policy, event->category) : -1;
	int64_t urgency = category >= 0 ? policy->categories[category].urgency : 3;

	record_drop(command, FIELD_reason);
	if (!policy)
		return;
	if (danger && danger->urgency < urgency)
		urgency = danger->urgency;
	if (record_has(event, urgency) && event->urgency == urgency)
		record_drop(command, FIELD_urgency);
	if (category >= 0 && record_has(event, kind) && event->kind == policy->categories[category].kind)
		record_drop(command, FIELD_kind);
	if (danger && category >= 0 && danger->category == category)
		record_drop(command, FIELD_category);
	if (span_equal(event->area, policy->areas[policy->default_area].code))
		record_drop(command, FIELD_area);
}

static void submit_finish(const struct record *event, const struct policy *policy, struct record *command)
{
	forget_filled_in(event, policy, command);
	/* Names and numbers are not read; that there were some is enough. */
	if (record_get(event, contact_kept, false))
		record_set(command, caller_contact, span_of("kept"));
}

static void close_finish(const struct record *event, struct record *command)
{
	uint8_t outcome = event->outcome;

	if (record_has(event, contacted)) {
		command->command = COMMAND_call_back;
		record_copy(command, event, contacted);
		record_copy(command, event, solved);
		record_copy(command, event, satisfied);
	} else if (record_has(event, emergency)) {
		command->command = COMMAND_hand_over;
		record_copy(command, event, emergency);
	} else if (outcome == OUTCOME_void) {
		command->command = COMMAND_cancel;
	}
}

static void command_finish(const struct record *event, const struct policy *policy, struct record *command)
{
	switch (event->event) {
	case EVENT_case_opened:
		submit_finish(event, policy, command);
		break;
	case EVENT_case_closed:
		close_finish(event, command);
		break;
	case EVENT_case_redone:
		record_set(command, contacted, true);
		record_set(command, solved, false);
		break;
	case EVENT_case_signed:
	case EVENT_case_reported:
	case EVENT_return_requested:
	case EVENT_extension_requested:
	case EVENT_suspension_requested:
		record_drop(command, FIELD_unit);
		break;
	case EVENT_supervision_opened:
		if (record_has(event, due) && !record_has(event, limit))
			record_set(command, until, event->due);
		break;
	default:
		break;
	}
}

/* One command can leave several events: they follow each other, and the request stands in the first one only. */
static bool continues(const struct record *event, int64_t seq, const struct record *before)
{
	return before && !record_has(event, request) && record_has(before, request) && record_has(before, actor) && event->at == before->at &&
		record_get(event, previous, 0) == seq - 1 && span_equal(event->actor, before->actor);
}

enum fact fact_of(const struct record *event, int64_t seq, const struct record *before, const struct policy *policy, struct record *ret_command)
{
	if (event->event == EVENT_policy_adopted)
		return FACT_POLICY;
	for (size_t i = 0; i < sizeof consequences; i++)
		if (consequences[i] == event->event)
			return FACT_OURS;
	if (event->event != EVENT_case_opened && (!record_has(event, actor) || record_has(event, worker) || continues(event, seq, before)))
		return FACT_OURS;
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		if (facts[i].event != event->event)
			continue;
		record_clear(ret_command);
		copy_said(event, facts[i].command, ret_command);
		record_set(ret_command, command, facts[i].command);
		if (event->event != EVENT_case_opened)
			record_copy(ret_command, event, case_id);
		record_copy(ret_command, event, actor);
		record_drop(ret_command, FIELD_source);
		record_drop(ret_command, FIELD_source_ref);
		if (event->event == EVENT_case_opened) {
			record_copy(ret_command, event, source);
			record_copy(ret_command, event, source_ref);
		}
		command_finish(event, policy, ret_command);
		return FACT_COMMAND;
	}
	return FACT_STRANGE;
}
