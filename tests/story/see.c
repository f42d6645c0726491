/* What a story can look at: a case as it stands, one of its clocks, the intervals behind a due time, and what a subscriber to a
 * topic of the feed receives. Only reads. */
#include "tests/story/story.h"

#include <stdio.h>
#include <stdlib.h>

struct item *items_add(struct items *items, const char *name, int64_t at)
{
	if (items->count == items->room) {
		items->room = items->room ? items->room * 2 : 16;
		items->list = must_realloc(items->list, items->room * sizeof *items->list);
	}
	struct item *item = &items->list[items->count++];
	item->at = at;
	item->name = name;
	item->also = NULL;
	record_clear(&item->record);
	return item;
}

void items_free(struct items *items)
{
	free(items->list);
	*items = (struct items){0};
}

#define SEE_NAME(field, name) \
	if (casefile->name) \
		record_set(ret, field, state_text(world->state, casefile->name))

static void see_figures(const struct casefile *casefile, struct record *ret)
{
	record_set(ret, case_id, casefile->number);
	record_set(ret, state, casefile->state);
	record_set(ret, kind, casefile->kind);
	record_set(ret, urgency, casefile->urgency);
	record_set(ret, reported_at, casefile->reported_at);
	record_set(ret, reopens, casefile->reopens);
	record_set(ret, epoch, casefile->epoch);
	record_set(ret, late, casefile->late);
	record_set(ret, attention, casefile->attention);
	record_set(ret, priority, casefile->priority);
	if (casefile->confidential)
		record_set(ret, confidential, true);
	if (casefile->outcome)
		record_set(ret, outcome, casefile->outcome);
	if (casefile->task)
		record_set(ret, task, casefile->task);
	if (casefile->closed_at)
		record_set(ret, closed_at, casefile->closed_at);
}

#define SEE_COUNT(name) \
	if (details->name) \
		record_set(ret, name, details->name)

static void see_details(const struct world *world, const struct details *details, struct record *ret)
{
	SEE_COUNT(returns);
	SEE_COUNT(transfers);
	SEE_COUNT(extensions);
	SEE_COUNT(reworks);
	SEE_COUNT(redos);
	SEE_COUNT(reminders);
	SEE_COUNT(calls);
	SEE_COUNT(until);
	SEE_COUNT(final);
	if (details->supervised)
		record_set(ret, supervised, true);
	if (details->master)
		record_set(ret, into, details->master);
	if (details->admission)
		record_set(ret, admission, state_text(world->state, details->admission));
	if (details->department)
		record_set(ret, department, state_text(world->state, details->department));
}

bool see_case(const struct world *world, int64_t number, struct record *ret)
{
	const struct casefile *casefile = state_case(world->state, number);

	record_clear(ret);
	if (!casefile)
		return false;
	see_figures(casefile, ret);
	see_details(world, casefile_details(casefile), ret);
	SEE_NAME(area, area);
	SEE_NAME(category, category);
	SEE_NAME(unit, unit);
	SEE_NAME(first_contact, first_contact);
	SEE_NAME(source, source);
	if (casefile->sla[SLOT_PROMISE].limit) {
		record_set(ret, limit, state_text(world->state, casefile->sla[SLOT_PROMISE].limit));
		record_set(ret, due, casefile->sla[SLOT_PROMISE].due);
	}
	if (casefile->sla[SLOT_STAGE].limit) {
		record_set(ret, stage, casefile->sla[SLOT_STAGE].kind);
		record_set(ret, stage_due, casefile->sla[SLOT_STAGE].due);
	}
	if (casefile->sla[SLOT_SIGN].limit)
		record_set(ret, sign_due, casefile->sla[SLOT_SIGN].due);
	return true;
}

static const struct sla *sla_of(const struct world *world, int64_t number, int clock)
{
	const struct casefile *casefile = state_case(world->state, number);

	for (int slot = 0; casefile && slot < SLA_ALL && casefile_sla(casefile, slot); slot++)
		if (casefile_sla(casefile, slot)->kind == clock)
			return casefile_sla(casefile, slot);
	return NULL;
}

bool see_clock(const struct world *world, int64_t number, int clock, struct record *ret)
{
	const struct sla *sla = sla_of(world, number, clock);

	record_clear(ret);
	if (!sla)
		return false;
	record_set(ret, clock, sla->kind);
	record_set(ret, warned, sla->warned);
	record_set(ret, breached, sla->breached);
	record_set(ret, rung, sla->rung);
	if (sla->limit) {
		record_set(ret, limit, state_text(world->state, sla->limit));
		record_set(ret, start, sla->start);
		record_set(ret, warn, sla->warn);
		record_set(ret, due, sla->due);
		record_set(ret, policy, sla->policy);
	}
	if (sla->ladder)
		record_set(ret, ladder, state_text(world->state, sla->ladder));
	if (sla->next)
		record_set(ret, next_at, sla->next);
	return true;
}

static void interval_add(void *context, int64_t from, int64_t to, bool counted)
{
	struct item *item = items_add(context, counted ? "counted" : "uncounted", from);

	record_set(&item->record, to, to);
}

bool see_intervals(const struct world *world, int64_t number, int clock, struct items *items)
{
	const struct sla *sla = sla_of(world, number, clock);
	const struct policy *policy = sla ? state_policy_of(world->state, sla->policy) : NULL;
	int limit = policy && sla->limit ? policy_limit(policy, state_text(world->state, sla->limit)) : -1;

	if (limit < 0)
		return false;
	limit_intervals(&policy->limits[limit], &policy->calendars[policy->limits[limit].calendar], sla->start, sla->due, interval_add, items);
	return true;
}

void see_feed(const struct world *world, struct span topic, int64_t after, struct items *items)
{
	struct record event;
	char own[400];

	for (int64_t seq = after + 1; seq <= (int64_t)world->journal_count; seq++) {
		world_event(world, seq, &event);
		int len = snprintf(own, sizeof own, "%s/%.*s%s", event_name(event.event), record_has(&event, path) ? (int)event.path.len : 0,
			record_has(&event, path) ? event.path.data : "", record_has(&event, path) ? "/" : "");
		if (span_starts((struct span){own, (size_t)len}, topic))
			items_add(items, event_name(event.event), event.at)->record = event;
	}
}
