/* What stands at the end of the period: which cases are closed, which promises fell due and were kept, which lights the open ones show.
 *
 * Only what happened before the end counts, so the figures of a month are the same whenever they are asked for. */
#include "figures/inside.h"

static void closing_settle(struct figures *figures, const struct subject *subject)
{
	int outcome = subject->outcome;
	bool good = outcome == OUTCOME_solved || outcome == OUTCOME_answered;
	int64_t at = subject->closed_at;

	if (outcome == OUTCOME_void)
		fact_add(figures, FIGURE_voided, subject, subject->unit, at, 0, false);
	if (outcome == OUTCOME_void || outcome == OUTCOME_merged)
		return;
	fact_add(figures, FIGURE_closed, subject, subject->unit, at, 0, false);
	fact_add(figures, FIGURE_time_total, subject, subject->unit, at, at - subject->reported_at, false);
	if (outcome == OUTCOME_rejected)
		fact_add(figures, FIGURE_rejected, subject, subject->unit, at, 0, false);
	if (outcome == OUTCOME_handed_over)
		fact_add(figures, FIGURE_handed_over, subject, subject->unit, at, 0, false);
	else
		fact_add(figures, FIGURE_settled, subject, subject->unit, at, 0, good && !subject->unsolved);
}

/* A suspended case counts as late only when it was late before it was suspended. */
static void promise_settle(struct figures *figures, const struct subject *subject)
{
	bool closed = subject->state == STATE_closed;

	if (!subject->promised || (closed && (subject->outcome == OUTCOME_void || subject->outcome == OUTCOME_merged)))
		return;
	if (subject->state == STATE_suspended && subject->entered_at <= subject->due)
		fact_add(figures, FIGURE_due_paused, subject, subject->unit, subject->due, 0, false);
	else
		fact_add(figures, FIGURE_due, subject, subject->unit, subject->due, 0, closed && subject->closed_at <= subject->due);
}

static enum figure light_of(const struct figures *figures, const struct subject *subject)
{
	if (subject->state == STATE_suspended)
		return FIGURE_paused;
	if (!subject->promised)
		return FIGURE_unpromised;
	return figures->to > subject->due ? FIGURE_red : figures->to >= subject->warn ? FIGURE_yellow : FIGURE_green;
}

/* Facts about the end have its last moment. */
static void open_settle(struct figures *figures, const struct subject *subject)
{
	fact_add(figures, FIGURE_open, subject, subject->unit, figures->to - 1, 0, false);
	fact_add(figures, light_of(figures, subject), subject, subject->unit, figures->to - 1, 0, false);
}

void figures_settle(struct figures *figures)
{
	struct subject *subject, *next;

	HASH_ITER(hh, figures->subjects, subject, next) {
		if (subject->state == STATE_closed)
			closing_settle(figures, subject);
		else
			open_settle(figures, subject);
		promise_settle(figures, subject);
		if (subject->signing)
			fact_add(figures, FIGURE_sign_due, subject, subject->sign_unit, subject->sign_due, 0, false);
	}
	for (size_t i = 0; i < figures->fact_count; i++) {
		struct fact *fact = &figures->facts[i];
		HASH_FIND(hh, figures->subjects, &fact->number, sizeof fact->number, subject);
		if (!subject) /* what was refused is of no case */
			continue;
		fact->area = subject->area;
		fact->category = subject->category;
		fact->first_contact = subject->first_contact;
		if (fact->figure == FIGURE_opened) /* nobody led it then */
			fact->unit = subject->unit;
	}
}
