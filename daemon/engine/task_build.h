/* What a worker is told about one piece of work: made of the state, the newest policy and the report, and of nothing else. The engine,
 * the rehearsal and whoever plays the workers hand the decisions the same task through here. */
#ifndef REEVE_ENGINE_TASK_BUILD_H
#define REEVE_ENGINE_TASK_BUILD_H

#include "core/state.h"

struct task_wanted_work {
	uint8_t task; /* enum task_kind */
	uint8_t slot; /* enum sla_slot; escalation only */
	int64_t fence;
};

/* The case still waits for this very attempt. casefile may be NULL. */
bool task_still_wanted(const struct casefile *casefile, const struct task_wanted_work *work);
/* The task as a record, without what belongs to a lease (lease_ms, attempts). report: the case_opened event, NULL: not to be had. lists
 * is cleared and holds the lists; texts are borrowed from state, policy and report. There must be a policy. */
void task_build(const struct state *state, int64_t now, const struct casefile *casefile, const struct task_wanted_work *work,
	const struct record *report, struct buf *lists, struct record *ret_task);

#endif
