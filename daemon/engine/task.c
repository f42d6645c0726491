/* What a worker is told: the task with all that its decision needs. Texts come from the journal, where the report was
 * stored when the case was opened. Call between the journal's read_begin and read_end, after the commit. */
#include "engine/inside.h"

#define NEIGHBOURS 8
#define LOADS 32

static const struct casefile *task_case(const struct engine *engine, const struct task_entry *entry)
{
	return state_case(engine->state, entry->number);
}

bool task_wanted(const struct engine *engine, const struct task_entry *entry)
{
	const struct casefile *casefile = task_case(engine, entry);

	if (!casefile || casefile->state == STATE_closed)
		return false;
	if (entry->task == TASK_escalate)
		return casefile->sla[entry->slot].phase == LADDER_WANTING && ladder_fence(casefile, entry->slot) == entry->fence;
	return casefile->task == entry->task && stage_fence(casefile) == entry->fence;
}

/* The report as it was opened. */
static void report_into(struct engine *engine, struct record *task, const struct casefile *casefile)
{
	struct record *opened = &engine->scratch;

	if (!journal_record(engine, casefile->first_seq, opened))
		return;
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

static struct span name_of(const struct engine *engine, uint32_t name)
{
	return state_text(engine->state, name);
}

static void case_basics(struct engine *engine, struct record *task, const struct casefile *casefile)
{
	record_set(task, kind, casefile->kind);
	record_set(task, urgency, casefile->urgency);
	record_set(task, area, name_of(engine, casefile->area));
	if (casefile->category)
		record_set(task, category, name_of(engine, casefile->category));
	if (casefile->unit)
		record_set(task, unit, name_of(engine, casefile->unit));
	record_set(task, reported_at, casefile->reported_at);
	record_set(task, now, engine->now);
}

static struct span similar_list(struct engine *engine, const struct casefile *casefile, struct buf *buf)
{
	struct neighbour near[NEIGHBOURS];
	size_t count = state_neighbours(engine->state, casefile, state_policy(engine->state), engine->now, near, NEIGHBOURS);
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, case_id, near[i].casefile->number);
		if (near[i].casefile->category)
			record_set(&one, category, name_of(engine, near[i].casefile->category));
		if (near[i].distance_m >= 0)
			record_set(&one, distance_m, near[i].distance_m);
		if (near[i].same_address)
			record_set(&one, same_address, true);
		record_set(&one, age_ms, engine->now > near[i].casefile->reported_at ? engine->now - near[i].casefile->reported_at : 0);
		list_add(&list, &one);
	}
	return list_end(&list);
}

static struct span loads_list(struct engine *engine, const struct casefile *casefile, struct buf *buf)
{
	const struct policy *policy = state_policy(engine->state);
	int units[LOADS];
	size_t count = policy_units_for(policy, policy_category(policy, name_of(engine, casefile->category)),
		policy_area(policy, name_of(engine, casefile->area)), casefile->urgency, units, NULL, LOADS);
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, unit, policy->units[units[i]].code);
		record_set(&one, open, state_unit_open(engine->state, state_interned(engine->state, policy->units[units[i]].code)));
		list_add(&list, &one);
	}
	return list_end(&list);
}

static void escalation_into(struct engine *engine, struct record *task, const struct casefile *casefile, int slot)
{
	const struct sla *sla = &casefile->sla[slot];

	record_set(task, clock, sla->kind);
	record_set(task, ladder, name_of(engine, sla->ladder));
	record_set(task, rung, sla->rung);
	record_set(task, state, casefile->state);
	if (sla->limit) {
		record_set(task, due, sla->due);
		record_set(task, limit, name_of(engine, sla->limit));
	}
}

bool task_send(struct engine *engine, struct worker *worker, const struct task_entry *entry)
{
	const struct casefile *casefile = task_case(engine, entry);
	struct record task;

	if (!state_policy(engine->state))
		return false;
	record_clear(&task);
	record_set(&task, task, entry->task);
	record_set(&task, case_id, entry->number);
	record_set(&task, fence, entry->fence);
	record_set(&task, lease_ms, engine->settings->work_lease_ms);
	record_set(&task, attempts, entry->attempts);
	record_set(&task, policy, state_policy_version(engine->state));
	case_basics(engine, &task, casefile);
	buf_clear(&engine->encoded);
	if (entry->task == TASK_triage)
		record_set(&task, similar, similar_list(engine, casefile, &engine->encoded));
	else if (entry->task == TASK_assign)
		record_set(&task, loads, loads_list(engine, casefile, &engine->encoded));
	else
		escalation_into(engine, &task, casefile, entry->slot);
	report_into(engine, &task, casefile);
	peer_send(engine, worker->peer, &task);
	return true;
}
