/* What a worker is told: the task with all that its decision needs (task_build.c), and the lease that it comes with. Texts come from
 * the journal, where the report was stored when the case was opened. Call between the journal's read_begin and
 * read_end, after the commit. */
#include "engine/inside.h"
#include "engine/task_build.h"

static struct task_wanted_work work_of(const struct task_entry *entry)
{
	return (struct task_wanted_work){.task = entry->task, .slot = entry->slot, .fence = entry->fence};
}

bool task_wanted(const struct engine *engine, const struct task_entry *entry)
{
	struct task_wanted_work work = work_of(entry);

	return task_still_wanted(state_case(engine->state, entry->number), &work);
}

bool task_send(struct engine *engine, struct worker *worker, const struct task_entry *entry)
{
	const struct casefile *casefile = state_case(engine->state, entry->number);
	struct task_wanted_work work = work_of(entry);
	bool known = journal_record(engine, casefile->first_seq, &engine->scratch);
	struct record task;

	if (!state_policy(engine->state))
		return false;
	task_build(engine->state, engine->now, casefile, &work, known ? &engine->scratch : NULL, &engine->encoded, &task);
	record_set(&task, lease_ms, engine->settings->work_lease_ms);
	record_set(&task, attempts, entry->attempts);
	peer_send(engine, worker->peer, &task);
	return true;
}
