/* Staged promises: a burst pipe is cordoned off in three hours, repaired in eight, the road made good in five working days.
 * The last stage is the promise's due time; the earlier ones are milestones that a unit reports (reach) or misses. */
#include "core/decide_inside.h"

#include <stdio.h>

/* The staged limit behind the promise, by the policy that made it; NULL: it has no stages. */
static const struct limit *staged_limit(const struct question *question, const struct policy **ret_policy, int *ret_limit)
{
	const struct sla *promise = &question->casefile->sla[SLOT_PROMISE];
	const struct policy *policy = state_policy_of(question->state, promise->policy);
	int limit = policy && promise->limit ? policy_limit(policy, state_text(question->state, promise->limit)) : -1;

	if (limit < 0 || !policy->limits[limit].stage_count)
		return NULL;
	*ret_policy = policy;
	*ret_limit = limit;
	return &policy->limits[limit];
}

static size_t stage_named(const struct limit *limit, struct span name)
{
	size_t stage = 0;

	while (stage < limit->stage_count && !span_equal(limit->stages[stage].name, name))
		stage++;
	return stage;
}

int decide_reach(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	struct span next = state_text(question->state, casefile_details(casefile)->milestone);
	const struct policy *policy;
	int limit;
	const struct limit *staged = staged_limit(question, &policy, &limit);
	size_t stage = staged ? stage_named(staged, question->command->milestone) : 0, upcoming = staged && next.len ? stage_named(staged, next) : SIZE_MAX;
	struct record *event;
	int64_t due = 0;

	if (!staged || stage + 1 >= staged->stage_count)
		return refuse(question, ERROR_out_of_range, FIELD_milestone, "the case's promise has no such stage on the way");
	milestone_at(policy, limit, stage, casefile->sla[SLOT_PROMISE].start, casefile_details(casefile), &due);
	event = event_of(question, EVENT_milestone_reached, casefile, subject_of(question, casefile).area);
	record_set(event, milestone, staged->stages[stage].name);
	record_set(event, late, question->now > due);
	record_copy(event, question->command, reason);
	if (stage < upcoming)
		return 0; /* one that was missed, made good later */
	record_set(event, next_milestone, ((struct span){"", 0})); /* a later one holds the earlier ones in it */
	milestone_into(policy, event, limit, stage + 1, casefile->sla[SLOT_PROMISE].start, casefile_details(casefile));
	return 0;
}

/* By the tick. Whoever hears of a broken promise hears of this too. */
int decide_milestone_missed(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);
	struct subject subject = subject_of(question, casefile);
	struct span name = state_text(question->state, details->milestone);
	struct record *event = event_of(question, EVENT_milestone_missed, casefile, subject.area);
	const struct policy *policy;
	char why[128];
	int limit;
	const struct limit *staged = staged_limit(question, &policy, &limit);

	record_set(event, milestone, name);
	record_set(event, due, details->milestone_at);
	if (staged)
		milestone_into(policy, event, limit, stage_named(staged, name) + 1, casefile->sla[SLOT_PROMISE].start, details);
	snprintf(why, sizeof why, "stage \"%.*s\" of the promise is over", (int)name.len, name.data);
	alarm_into(question, casefile, subject, casefile->epoch, LADDER_BREACH, why);
	return 0;
}

/* A milestone's due time after a suspension. */
int64_t milestone_shifted(const struct question *question)
{
	const struct details *details = casefile_details(question->casefile);
	const struct policy *policy;
	int limit;
	const struct limit *staged = staged_limit(question, &policy, &limit);
	size_t stage = staged ? stage_named(staged, state_text(question->state, details->milestone)) : 0;
	int64_t shifted = details->milestone_at + question->now - details->paused_at;

	if (staged && stage < staged->stage_count) {
		const struct limit *one = &staged->stages[stage];
		limit_pause_shift(one, &policy->calendars[one->calendar], details->milestone_at, details->paused_at, question->now, &shifted);
	}
	return shifted;
}
