/* What every decision of a worker has in common: a task record comes in, a command record goes out.
 *
 * A decision is a pure function of policy and task: no input or output, no clock, no randomness. The command it fills is
 * the whole answer to the daemon: a *_result, or `fail` with the reason in words when only people can decide. Its texts
 * borrow from the task, the policy and the scratch, so encode it before any of them changes. Decisions append to the
 * scratch; who calls many clears it in between. */
#ifndef REEVE_WORKERS_DECISION_H
#define REEVE_WORKERS_DECISION_H

#include "core/policy.h"

#define DECISION_MADE 0
#define DECISION_FAILED 1

/* An empty answer with the task's case and fence. */
void decision_begin(const struct record *task, enum command_kind command, struct record *ret_result);
/* The answer becomes `fail`; the reason is what the scratch holds from `at` on. Returns DECISION_FAILED. */
int decision_fail(const struct record *task, enum task_kind kind, const struct buf *scratch, size_t at, struct record *ret_result);
/* The scratch between two places as a reason, cut to what the field takes. */
struct span decision_reason(const struct buf *scratch, size_t at, size_t end);
/* The task's area, or the policy's default area when it names none that the policy knows; -1: the policy has no area at all.
 * *ret_given (may be NULL): the task's own one was used. */
int decision_area(const struct policy *policy, const struct record *task, bool *ret_given);

#endif
