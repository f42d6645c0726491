/* The workers of a story: the tasks that the daemon would hand out, decided by the same pure functions, at once and in the order of
 * the cases. What a worker cannot decide goes to people, as after the last attempt of a real one. */
#include "tests/story/story.h"

#include <stdlib.h>

#include "engine/task_build.h"
#include "workers/assign.h"
#include "workers/escalate.h"
#include "workers/triage.h"

struct waiting {
	const struct world *world;
	const struct casefile *casefile; /* NULL: none found yet */
	struct task_wanted_work work;
};

static void waiting_look(void *context, const struct casefile *casefile)
{
	struct waiting *waiting = context;
	unsigned on = waiting->world->workers;

	if (waiting->casefile)
		return;
	if (casefile->task && on >> casefile->task & 1) {
		waiting->casefile = casefile;
		waiting->work = (struct task_wanted_work){casefile->task, 0, stage_fence(casefile)};
		return;
	}
	for (int slot = 0; slot < SLA_ALL && on >> TASK_escalate & 1; slot++)
		if (casefile_sla(casefile, slot) && casefile_sla(casefile, slot)->phase == LADDER_WANTING) {
			waiting->casefile = casefile;
			waiting->work = (struct task_wanted_work){TASK_escalate, (uint8_t)slot, ladder_fence(casefile, slot)};
			return;
		}
}

static int task_decide(struct world *world, const struct waiting *waiting, struct buf *lists, struct buf *scratch, struct record *ret_result)
{
	const struct policy *policy = state_policy(world->state);
	struct record task, opened;

	world_event(world, waiting->casefile->first_seq, &opened);
	record_clear(&task);
	task_build(world->state, world->now, waiting->casefile, &waiting->work, &opened, lists, &task);
	if (waiting->work.task == TASK_triage)
		return triage_decide(world->words, policy, &task, scratch, ret_result);
	if (waiting->work.task == TASK_assign)
		return assign_decide(policy, &task, scratch, ret_result);
	return escalate_decide(policy, &task, scratch, ret_result);
}

static void give_up(const struct waiting *waiting, struct record *result)
{
	record_set(result, command, COMMAND_give_up);
	record_set(result, task, waiting->work.task);
	if (waiting->work.task == TASK_escalate)
		record_set(result, clock, casefile_sla(waiting->casefile, waiting->work.slot)->kind);
}

bool work_step(struct world *world)
{
	struct waiting waiting = {.world = world};
	struct buf lists = {0}, scratch = {0};
	struct record result;
	int64_t number;
	int refused;

	state_each_open(world->state, waiting_look, &waiting);
	if (!waiting.casefile)
		return false;
	number = waiting.casefile->number;
	if (task_decide(world, &waiting, &lists, &scratch, &result) != DECISION_MADE)
		give_up(&waiting, &result);
	else
		record_set(&result, worker, span_of("story"));
	refused = world_command(world, &result);
	if (refused)
		world_break(world, "the worker's %s for case %lld was refused: %s", command_name(result.command), (long long)number, error_name(refused));
	buf_free(&lists);
	buf_free(&scratch);
	return true;
}
