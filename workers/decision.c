/* The frame of every decision: how an answer begins, how it fails, and which area it is about.
 *
 * Owns nothing. Never reads a clock or a file. Invariant: an answer always carries the case and the fence of its task, because
 * the daemon takes nothing without them. */
#include "workers/decision.h"

#include "workers/wording.h"

#define REASON_BYTES 1000 /* the limit of `reason` in fields.def */

void decision_begin(const struct record *task, enum command_kind command, struct record *ret_result)
{
	record_clear(ret_result);
	record_set(ret_result, command, (uint8_t)command);
	record_copy(ret_result, task, case_id);
	record_copy(ret_result, task, fence);
}

struct span decision_reason(const struct buf *scratch, size_t at, size_t end)
{
	return wording_cut((struct span){scratch->data + at, end - at}, REASON_BYTES);
}

int decision_fail(const struct record *task, enum task_kind kind, const struct buf *scratch, size_t at, struct record *ret_result)
{
	decision_begin(task, COMMAND_fail, ret_result);
	record_set(ret_result, task, (uint8_t)kind);
	record_copy(ret_result, task, clock);
	record_set(ret_result, reason, decision_reason(scratch, at, scratch->len));
	return DECISION_FAILED;
}

int decision_area(const struct policy *policy, const struct record *task, bool *ret_given)
{
	int area = record_has(task, area) ? policy_area(policy, task->area) : -1;

	if (ret_given)
		*ret_given = area >= 0;
	if (area < 0)
		area = policy->default_area;
	if (area < 0 && policy->area_count)
		area = 0;
	return area;
}
