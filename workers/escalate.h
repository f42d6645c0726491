/* Escalation: who is told, and in which words. When and how far it climbs is the daemon's to say. */
#ifndef REEVE_WORKERS_ESCALATE_H
#define REEVE_WORKERS_ESCALATE_H

#include "workers/decision.h"

/* The audience of the task's rung (one beyond the ladder's end is told like the last), the area whose people it is, whether anybody is there,
 * and the text of the notice. DECISION_MADE (ret_result: escalate_result) or DECISION_FAILED (fail). */
int escalate_decide(const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result);

#endif
