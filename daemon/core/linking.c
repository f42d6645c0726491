/* Links and what stands beside single cases: merging (the master carries the work, each caller is still called back, and it
 * can be undone), sealing, mutes, and the silence of sources. */
#include "core/decide_inside.h"

#include <stdio.h>

/* No chains and no rings: a master is open and not merged itself, a follower carries nobody. A follower whose caller said that it is not solved is
 * open again and still the first master's: with another one there would be two that name it. */
static bool can_merge(const struct casefile *casefile, const struct casefile *master)
{
	return master && master != casefile && master->state != STATE_closed && !casefile_details(master)->master &&
		!casefile_details(casefile)->master && !casefile_details(casefile)->follower_count;
}

int decide_merge(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct casefile *master = state_case(question->state, question->command->into);
	const struct sla *promise = &casefile->sla[SLOT_PROMISE];
	struct record *event;

	if (!master)
		return refuse(question, ERROR_unknown_case, FIELD_into, NULL);
	if (!can_merge(casefile, master))
		return refuse(question, ERROR_cannot_merge, FIELD_into, NULL);
	event = event_of(question, EVENT_case_merged, casefile, subject_of(question, casefile).area);
	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, into, master->number);
	record_set(event, outcome, OUTCOME_merged);
	record_set(event, late, promise->limit && question->now > promise->due);
	record_copy(event, question->command, reason);
	event = event_of(question, EVENT_case_joined, master, subject_of(question, master).area);
	record_set(event, follower, casefile->number);
	return 0;
}

int decide_unmerge(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct casefile *master = state_case(question->state, casefile_details(casefile)->master);
	struct subject subject = subject_of(question, casefile);
	struct record *event;

	if (!casefile_details(casefile)->master)
		return refuse(question, ERROR_illegal_transition, FIELD_state, "the case is not merged");
	event = event_of(question, EVENT_case_unmerged, casefile, subject.area);
	record_set(event, epoch, casefile->epoch + 1);
	record_set(event, into, casefile_details(casefile)->master);
	record_copy(event, question->command, reason);
	stage_into(question, event, CLOCK_dispatch, subject, TASK_assign);
	if (master) {
		event = event_of(question, EVENT_case_left, master, subject_of(question, master).area);
		record_set(event, follower, casefile->number);
	}
	alarm_into(question, casefile, subject, casefile->epoch + 1, LADDER_URGENCY, "urgent, and on its own again");
	return 0;
}

/* By the tick, when the master was closed. */
int decide_call_back_due(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	struct record *event = event_of(question, EVENT_call_back_due, casefile, subject.area);

	record_set(event, epoch, casefile->epoch + 1);
	stage_into(question, event, CLOCK_call_back, subject, TASK_none);
	return 0;
}

int decide_seal(struct question *question)
{
	struct record *event = event_of(question, EVENT_case_sealed, question->casefile, subject_of(question, question->casefile).area);

	record_copy(event, question->command, confidential);
	record_copy(event, question->command, reason);
	return 0;
}

static struct record *event_beside(struct question *question, int kind)
{
	struct record *event = &question->decision->events[question->decision->count];

	if (!question->decision->count)
		question->decision->seq = state_last_seq(question->state) + 1;
	question->decision->count++;
	record_clear(event);
	record_set(event, event, (uint8_t)kind);
	record_set(event, at, question->now);
	record_copy(event, question->command, actor);
	record_copy(event, question->command, request);
	return event;
}

int decide_mute(struct question *question)
{
	const struct record *command = question->command;
	struct record *event;

	if (repeated(question))
		return 0;
	if (command->until <= question->now)
		return refuse(question, ERROR_in_the_past, FIELD_until, NULL);
	if (record_has(command, area) && policy_area(question->policy, command->area) < 0)
		return refuse(question, ERROR_unknown_area, FIELD_area, NULL);
	if (record_has(command, category) && policy_category(question->policy, command->category) < 0)
		return refuse(question, ERROR_unknown_category, FIELD_category, NULL);
	event = event_beside(question, EVENT_mute_set);
	record_set(event, mute, state_next_mute(question->state));
	record_copy(event, command, until);
	record_copy(event, command, reason);
	record_copy(event, command, area);
	record_copy(event, command, category);
	record_copy(event, command, clock);
	return 0;
}

int decide_unmute(struct question *question)
{
	const struct mute *mute = state_mutes(question->state);
	struct record *event;

	if (repeated(question))
		return 0;
	while (mute && (mute->number != question->command->mute || mute->until <= question->now))
		mute = mute->next;
	if (!mute)
		return refuse(question, ERROR_unknown_mute, FIELD_mute, NULL);
	event = event_beside(question, EVENT_mute_lifted);
	record_set(event, mute, mute->number);
	record_copy(event, question->command, reason);
	return 0;
}

static bool mute_holds(const struct question *question, const struct mute *mute, struct subject subject, int clock)
{
	const struct policy *policy = question->policy;
	int area = mute->area ? policy_area(policy, state_text(question->state, mute->area)) : -1;
	int category = mute->category ? policy_category(policy, state_text(question->state, mute->category)) : -1;

	if (mute->until <= question->now || (mute->clock && mute->clock != clock))
		return false;
	if ((mute->area && area < 0) || (mute->category && category < 0))
		return false; /* the policy has it no longer: rather a notice too many */
	return policy_area_within(policy, subject.area, area) && (category < 0 || policy_category_within(policy, subject.category, category));
}

const struct mute *mute_over(const struct question *question, int clock)
{
	struct subject subject = subject_of(question, question->casefile);
	const struct mute *mute = state_mutes(question->state);

	if (subject.urgency == 1)
		return NULL;
	while (mute && !mute_holds(question, mute, subject, clock))
		mute = mute->next;
	return mute;
}

/* By the tick: a source that normally publishes went quiet. */
int decide_silence(struct question *question)
{
	int64_t at, row;
	const struct source *source = state_next_silence(question->state, &at, &row);
	struct record *event;

	if (!source || at > question->now)
		return 0;
	event = event_beside(question, EVENT_source_silent);
	record_set(event, source, state_text(question->state, source->name));
	record_set(event, since, source->heard);
	return 0;
}
