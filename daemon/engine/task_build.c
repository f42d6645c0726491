/* The context of a decision. Owns nothing; reads state, policy and report and never changes them: no journal, no peers, no
 * clock, so that it can be linked without the engine (rehearsal, stories, tests).
 *
 * Invariant: the same state, time and report give the same task, byte for byte; a worker's decision can therefore be
 * repeated from the journal alone. */
#include "engine/task_build.h"

#include "core/decide.h"
#include "schema/codec.h"

#define NEIGHBOURS 8
#define LOADS 32

bool task_still_wanted(const struct casefile *casefile, const struct task_wanted_work *work)
{
	if (!casefile || casefile->state == STATE_closed)
		return false;
	if (work->task == TASK_escalate)
	{
		const struct sla *sla = casefile_sla(casefile, work->slot);
		return sla && sla->phase == LADDER_WANTING && ladder_fence(casefile, work->slot) == work->fence;
	}
	return casefile->task == work->task && stage_fence(casefile) == work->fence;
}

/* The report as it was opened. */
static void report_into(struct record *task, const struct record *opened)
{
	record_copy(task, opened, title);
	record_copy(task, opened, address);
	if (task->task != TASK_triage)
		return;
	/* what nobody said stays open to the triage */
	record_drop(task, FIELD_kind);
	record_drop(task, FIELD_urgency);
	record_copy(task, opened, kind);
	record_copy(task, opened, urgency);
	record_copy(task, opened, text);
	record_copy(task, opened, source);
	record_copy(task, opened, channel);
	record_copy(task, opened, latitude);
	record_copy(task, opened, longitude);
	record_copy(task, opened, priority);
}

static void case_basics(const struct state *state, int64_t now, struct record *task, const struct casefile *casefile)
{
	record_set(task, kind, casefile->kind);
	record_set(task, urgency, casefile->urgency);
	record_set(task, area, state_text(state, casefile->area));
	if (casefile->category)
		record_set(task, category, state_text(state, casefile->category));
	if (casefile->unit)
		record_set(task, unit, state_text(state, casefile->unit));
	record_set(task, reported_at, casefile->reported_at);
	record_set(task, now, now);
}

static struct span similar_list(const struct state *state, int64_t now, const struct casefile *casefile, struct buf *buf)
{
	struct neighbour near[NEIGHBOURS];
	size_t count = state_neighbours(state, casefile, state_policy(state), now, near, NEIGHBOURS);
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, case_id, near[i].casefile->number);
		if (near[i].casefile->category)
			record_set(&one, category, state_text(state, near[i].casefile->category));
		if (near[i].distance_m >= 0)
			record_set(&one, distance_m, near[i].distance_m);
		if (near[i].same_address)
			record_set(&one, same_address, true);
		record_set(&one, age_ms, now > near[i].casefile->reported_at ? now - near[i].casefile->reported_at : 0);
		list_add(&list, &one);
	}
	return list_end(&list);
}

static struct span loads_list(const struct state *state, const struct casefile *casefile, struct buf *buf)
{
	const struct policy *policy = state_policy(state);
	int units[LOADS];
	size_t count = policy_units_for(policy, policy_category(policy, state_text(state, casefile->category)),
		policy_area(policy, state_text(state, casefile->area)), casefile->urgency, units, NULL, LOADS);
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		uint32_t name = state_interned(state, policy->units[units[i]].code);
		if (name && name == casefile_details(casefile)->returned_by)
			continue; /* it has just said that the case is not its own */
		record_clear(&one);
		record_set(&one, unit, policy->units[units[i]].code);
		record_set(&one, open, state_unit_open(state, name));
		list_add(&list, &one);
	}
	return list_end(&list);
}

static void escalation_into(const struct state *state, struct record *task, const struct casefile *casefile, int slot)
{
	const struct sla *sla = casefile_sla(casefile, slot);

	record_set(task, clock, sla->kind);
	record_set(task, ladder, state_text(state, sla->ladder));
	record_set(task, rung, sla->rung);
	record_set(task, state, casefile->state);
	if (sla->limit) {
		record_set(task, due, sla->due);
		record_set(task, limit, state_text(state, sla->limit));
	}
}

void task_build(const struct state *state, int64_t now, const struct casefile *casefile, const struct task_wanted_work *work,
	const struct record *report, struct buf *lists, struct record *ret_task)
{
	record_clear(ret_task);
	record_set(ret_task, task, work->task);
	record_set(ret_task, case_id, casefile->number);
	record_set(ret_task, fence, work->fence);
	record_set(ret_task, policy, state_policy_version(state));
	case_basics(state, now, ret_task, casefile);
	buf_clear(lists);
	if (work->task == TASK_triage)
		record_set(ret_task, similar, similar_list(state, now, casefile, lists));
	else if (work->task == TASK_assign)
		record_set(ret_task, loads, loads_list(state, casefile, lists));
	else
		escalation_into(state, ret_task, casefile, work->slot);
	if (report)
		report_into(ret_task, report);
}
