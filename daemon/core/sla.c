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

/* A due time without the pauses: every one that began before it gives back what it counted. */
static int pauses_give_back(const struct limit *limit, const struct calendar *calendar, const struct details *details, int64_t *at)
{
	int failed = 0;

	for (uint32_t i = 0; !failed && i < details->pause_count; i++)
		if (details->pauses[i].from < *at)
			failed = limit_pause_shift(limit, calendar, *at, details->pauses[i].from, details->pauses[i].to, at);
	return failed;
}

int milestone_at(const struct policy *policy, int limit, size_t stage, int64_t start, const struct details *details, int64_t *ret_at)
{
	const struct limit *staged = &policy->limits[limit], *one = &staged->stages[stage];

	return limit_stage_at(staged, stage, policy->calendars, start, ret_at) || pauses_give_back(one, &policy->calendars[one->calendar], details, ret_at);
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

void promise_into(struct question *question, struct record *event, struct subject subject, int64_t start, const struct details *before)
{
	const struct policy *policy = question->policy;
	int limit = policy_promise(policy, subject.category, subject.area, subject.urgency, NULL);
	const struct details none = {0}, *details = before ? before : &none;
	const struct calendar *calendar = limit >= 0 ? &policy->calendars[policy->limits[limit].calendar] : NULL;
	struct times times;

	if (limit_times(policy, limit, start, &times) && !pauses_give_back(&policy->limits[limit], calendar, details, &times.due) &&
		!pauses_give_back(&policy->limits[limit], calendar, details, &times.warn)) {
		record_set(event, limit, policy->limits[limit].name);
		record_set(event, start, start);
		record_set(event, due, times.due);
		record_set(event, warn, times.warn);
		record_set(event, policy, policy->version);
		milestone_into(policy, event, limit, 0, start, details);
	} else if (before) {
		record_set(event, limit, ((struct span){"", 0}));
	}
	if (details->pause_count)
		record_set(event, pauses_counted, details->pause_count);
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
