/* Clocks in events: which limit, from when, due when, warned when. Due times are worked out here, once, and stored in the
 * event; a calendar that ends too early means that no promise is made rather than that a report is lost. */
#include "core/decide_inside.h"

struct times {
	int64_t due, warn;
};

static bool limit_times(const struct policy *policy, int limit, int64_t start, struct times *ret)
{
	const struct limit *found = limit >= 0 ? &policy->limits[limit] : NULL;
	const struct calendar *calendar = found ? &policy->calendars[found->calendar] : NULL;

	return found && limit_at(found, calendar, start, 100, &ret->due) == 0 &&
		limit_at(found, calendar, start, policy->warn_percent, &ret->warn) == 0;
}

/* A stage's due time: counted from the start, and every pause that began before it gives back what it counted. */
int milestone_at(const struct policy *policy, int limit, size_t stage, int64_t start, const struct details *details, int64_t *ret_at)
{
	const struct limit *staged = &policy->limits[limit], *one = &staged->stages[stage];
	int failed = limit_stage_at(staged, stage, policy->calendars, start, ret_at);

	for (uint32_t i = 0; !failed && i < details->pause_count; i++)
		if (details->pauses[i].from < *ret_at)
			failed = limit_pause_shift(one, &policy->calendars[one->calendar], *ret_at, details->pauses[i].from, details->pauses[i].to, ret_at);
	return failed;
}

/* A staged limit: its last stage is the due time itself, each earlier one is due on the way. */
void milestone_into(const struct policy *policy, struct record *event, int limit, size_t stage, int64_t start, const struct details *details)
{
	const struct limit *staged = &policy->limits[limit];
	int64_t at;

	if (stage + 1 >= staged->stage_count || milestone_at(policy, limit, stage, start, details, &at))
		return;
	record_set(event, next_milestone, staged->stages[stage].name);
	record_set(event, milestone_due, at);
}

void promise_into(struct question *question, struct record *event, struct subject subject, int64_t start, bool explicit_none)
{
	const struct policy *policy = question->policy;
	int limit = policy_promise(policy, subject.category, subject.area, subject.urgency, NULL);
	struct times times;

	if (limit_times(policy, limit, start, &times)) {
		record_set(event, limit, policy->limits[limit].name);
		record_set(event, start, start);
		record_set(event, due, times.due);
		record_set(event, warn, times.warn);
		record_set(event, policy, policy->version);
		milestone_into(policy, event, limit, 0, start, &(struct details){0});
	} else if (explicit_none) {
		record_set(event, limit, ((struct span){"", 0}));
	}
}

void stage_into(struct question *question, struct record *event, int clock, struct subject subject, int task)
{
	const struct policy *policy = question->policy;
	int limit = policy_stage_limit(policy, clock, subject.category, subject.area, subject.urgency, NULL);
	struct times times;

	record_set(event, policy, policy->version);
	if (task)
		record_set(event, next_at, question->now + policy->patience_ms[task]);
	if (!limit_times(policy, limit, question->now, &times))
		return;
	record_set(event, stage, (uint8_t)clock);
	record_set(event, stage_limit, policy->limits[limit].name);
	record_set(event, stage_start, question->now);
	record_set(event, stage_due, times.due);
	record_set(event, stage_warn, times.warn);
}

void sign_into(struct question *question, struct record *event, struct subject subject)
{
	const struct policy *policy = question->policy;
	int limit = policy_stage_limit(policy, CLOCK_sign, subject.category, subject.area, subject.urgency, NULL);
	struct times times;

	if (!limit_times(policy, limit, question->now, &times))
		return;
	record_set(event, sign_limit, policy->limits[limit].name);
	record_set(event, sign_start, question->now);
	record_set(event, sign_due, times.due);
	record_set(event, sign_warn, times.warn);
}

void sub_clock_into(struct question *question, struct record *event, int clock, int slot, struct subject subject)
{
	const struct policy *policy = question->policy;
	int limit = policy_stage_limit(policy, clock, subject.category, subject.area, subject.urgency, NULL);
	struct times times;

	record_set(event, clock, (uint8_t)clock);
	record_set(event, slot, slot);
	record_set(event, policy, policy->version);
	if (!limit_times(policy, limit, question->now, &times))
		return;
	record_set(event, limit, policy->limits[limit].name);
	record_set(event, start, question->now);
	record_set(event, due, times.due);
	record_set(event, warn, times.warn);
}
