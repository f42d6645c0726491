/* Events into facts: follows each case through its states as far as figures need it. Knows every event that moves a case or counts
 * for something, and passes over the others.
 *
 * What a unit did is counted for the unit of that moment; a case's area and category are those at the end (settle.c fills them in).
 * A case whose opening is not among the events is passed over and counted as unknown. */
#include "figures/inside.h"

static const enum figure state_times[STATE_LIMIT] = {
	[STATE_none] = FIGURE_COUNT, [STATE_received] = FIGURE_time_received, [STATE_triaged] = FIGURE_time_triaged,
	[STATE_dispatched] = FIGURE_time_dispatched, [STATE_in_progress] = FIGURE_time_in_progress, [STATE_suspended] = FIGURE_time_suspended,
	[STATE_reported] = FIGURE_time_reported, [STATE_calling_back] = FIGURE_time_calling_back, [STATE_closed] = FIGURE_COUNT,
};

/* Where an event leads; STATE_none: nowhere else. */
static int state_after(const struct record *event)
{
	switch (event->event) {
	case EVENT_case_opened:
		return STATE_received;
	case EVENT_case_triaged: case EVENT_case_returned: case EVENT_case_recalled: case EVENT_case_reopened: case EVENT_case_unmerged:
		return STATE_triaged;
	case EVENT_case_dispatched: case EVENT_case_transferred:
		return STATE_dispatched;
	case EVENT_case_signed: case EVENT_case_resumed: case EVENT_case_reworked: case EVENT_case_redone:
		return STATE_in_progress;
	case EVENT_case_suspended:
		return STATE_suspended;
	case EVENT_case_reported:
		return record_get(event, state, STATE_reported);
	case EVENT_case_checked: case EVENT_call_back_due:
		return STATE_calling_back;
	case EVENT_case_closed: case EVENT_case_merged:
		return STATE_closed;
	default:
		return STATE_none;
	}
}

/* The figure that simply counts an event; FIGURE_COUNT: none. */
static enum figure figure_of_event(int event)
{
	switch (event) {
	case EVENT_case_opened:
		return FIGURE_opened;
	case EVENT_case_returned:
		return FIGURE_returns;
	case EVENT_case_transferred:
		return FIGURE_transfers;
	case EVENT_case_recalled:
		return FIGURE_recalls;
	case EVENT_clock_extended:
		return FIGURE_extensions;
	case EVENT_case_suspended:
		return FIGURE_suspensions;
	case EVENT_case_reworked:
		return FIGURE_reworks;
	case EVENT_case_redone:
		return FIGURE_redos;
	case EVENT_case_reopened:
		return FIGURE_reopens;
	case EVENT_case_reminded:
		return FIGURE_reminders;
	case EVENT_supervision_opened:
		return FIGURE_supervisions;
	case EVENT_case_escalated:
		return FIGURE_escalations;
	case EVENT_escalation_unanswered:
		return FIGURE_unanswered;
	case EVENT_case_merged:
		return FIGURE_merged;
	default:
		return FIGURE_COUNT;
	}
}

static struct subject *subject_of(struct figures *figures, const struct record *event)
{
	struct subject *subject;

	HASH_FIND(hh, figures->subjects, &event->case_id, sizeof event->case_id, subject);
	if (subject || event->event != EVENT_case_opened)
		return subject;
	subject = must_calloc(1, sizeof *subject);
	subject->number = event->case_id;
	subject->reported_at = record_get(event, reported_at, event->at);
	HASH_ADD(hh, figures->subjects, number, sizeof subject->number, subject);
	return subject;
}

/* How the signature's clock ends with this event: met, missed, or taken away before it was due. */
static void signature_end(struct figures *figures, struct subject *subject, const struct record *event)
{
	bool in_time = event->at <= subject->sign_due, answers;

	switch (event->event) {
	case EVENT_case_signed: case EVENT_case_reported: case EVENT_case_suspended:
		answers = true;
		break;
	case EVENT_case_closed:
		answers = event->outcome == OUTCOME_solved || event->outcome == OUTCOME_answered;
		break;
	case EVENT_case_returned: case EVENT_case_recalled: case EVENT_case_transferred: case EVENT_case_merged:
		answers = false;
		break;
	default:
		return;
	}
	if (subject->signing && (answers || !in_time))
		fact_add(figures, FIGURE_sign_due, subject, subject->sign_unit, subject->sign_due, 0, in_time);
	subject->signing = false;
}

/* What the resident said when called. */
static void answers_take(struct figures *figures, const struct subject *subject, const struct record *event)
{
	bool redone = event->event == EVENT_case_redone;

	if (!redone && !(event->event == EVENT_case_closed && record_get(event, contacted, false)))
		return;
	if (record_has(event, satisfied))
		fact_add(figures, FIGURE_rated, subject, subject->unit, event->at, 0, event->satisfied);
	if (redone || record_has(event, solved))
		fact_add(figures, FIGURE_told, subject, subject->unit, event->at, 0, !redone && event->solved);
}

static void place_take(struct figures *figures, struct subject *subject, const struct record *event)
{
	if (event->event != EVENT_case_opened && event->event != EVENT_case_triaged)
		return;
	if (record_has(event, path))
		subject->area = name_of(figures, event->path);
	if (record_has(event, category))
		subject->category = name_of(figures, event->category);
}

static void promise_take(struct subject *subject, const struct record *event)
{
	bool sets = event->event == EVENT_case_opened || event->event == EVENT_case_triaged;

	if (sets && record_has(event, limit))
		subject->promised = event->limit.len > 0;
	else if (event->event != EVENT_clock_extended && event->event != EVENT_case_resumed)
		return;
	if (!record_has(event, due))
		return;
	subject->due = event->due;
	subject->warn = record_get(event, warn, event->due);
}

static void lead_take(struct figures *figures, struct subject *subject, const struct record *event)
{
	switch (event->event) {
	case EVENT_case_dispatched: case EVENT_case_transferred:
		subject->unit = subject->sign_unit = name_of(figures, event->unit);
		if (record_has(event, first_contact))
			subject->first_contact = name_of(figures, event->first_contact);
		subject->signing = record_has(event, sign_due);
		subject->sign_due = record_get(event, sign_due, 0);
		break;
	case EVENT_case_returned: case EVENT_case_recalled:
		subject->unit = 0;
		break;
	default:
		break;
	}
}

static void state_take(struct figures *figures, struct subject *subject, const struct record *event)
{
	int next = state_after(event);

	if (next == STATE_none || (next == subject->state && event->event != EVENT_case_transferred))
		return;
	if (state_times[subject->state] != FIGURE_COUNT)
		fact_add(figures, state_times[subject->state], subject, subject->unit, event->at, event->at - subject->entered_at, false);
	subject->state = (uint8_t)next;
	subject->entered_at = event->at;
	if (next != STATE_closed)
		return;
	subject->closed_at = event->at;
	subject->outcome = record_get(event, outcome, event->event == EVENT_case_merged ? OUTCOME_merged : OUTCOME_solved);
	subject->unsolved = record_has(event, solved) && !event->solved;
}

/* A department's own task without an admission record: no case came of it. */
static void refusal_take(struct figures *figures, const struct record *event)
{
	struct subject nobody = {0};

	if (record_get(event, error, ERROR_none) == ERROR_not_admitted)
		fact_add(figures, FIGURE_not_admitted, &nobody, name_of(figures, record_get(event, department, (struct span){0})), event->at, 0, false);
}

bool figures_take(struct figures *figures, const struct record *event)
{
	enum figure counts = figure_of_event(event->event);
	struct subject *subject;

	if (record_get(event, at, INT64_MIN) >= figures->to)
		return false;
	if (event->event == EVENT_command_refused)
		refusal_take(figures, event);
	if (!record_has(event, case_id) || event->event == EVENT_command_refused)
		return true;
	subject = subject_of(figures, event);
	if (!subject) {
		figures->unknown++;
		return true;
	}
	signature_end(figures, subject, event);
	answers_take(figures, subject, event);
	if (counts != FIGURE_COUNT)
		fact_add(figures, counts, subject, subject->unit, event->at, 0, false);
	state_take(figures, subject, event);
	place_take(figures, subject, event);
	promise_take(subject, event);
	lead_take(figures, subject, event);
	return true;
}
