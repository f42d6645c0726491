/* reeve-assign: the assignment decision in the workers' loop. Owns nothing but the table that ties the two together; all else is
 * in assign.c (what is decided) and worker.c (how tasks come and go). Nothing is prepared per policy: the
 * catalogue's units come with each task, and capacity and hours are looked up by code. */
#include "workers/assign.h"
#include "workers/worker.h"

static int decide(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	(void)prepared;
	return assign_decide(policy, task, scratch, ret_result);
}

int main(int argc, char **argv)
{
	static const struct worker_job job = {
		.task = TASK_assign,
		.program = "reeve-assign",
		.what = "Assignment worker of Reeve: the unit that leads a case, by catalogue, hours and capacity, with the reason in words.",
		.decide = decide,
	};

	return worker_main(argc, argv, &job);
}
