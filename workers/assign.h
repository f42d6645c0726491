/* Assignment: which unit leads a case. */
#ifndef REEVE_WORKERS_ASSIGN_H
#define REEVE_WORKERS_ASSIGN_H

#include "workers/decision.h"

/* Of the units that the task offers in the catalogue's order (loads): the first that is open now and has room; else the first with
 * room, which starts at its opening; else, all being full, the least loaded for its capacity. With none offered: the duty desk of the area.
 * DECISION_MADE (ret_result: assign_result) or DECISION_FAILED (fail). */
int assign_decide(const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result);

#endif
