/* reeve-escalate: the escalation decision in the workers' loop. Owns nothing but the table that ties the two together; all else is
 * in escalate.c (who is told, in which words) and worker.c (how tasks come and go). When a case climbs is the
 * daemon's to say; this program only finds the audience and writes the notice. */
#include "workers/escalate.h"
#include "workers/worker.h"

static int decide(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	(void)prepared;
	return escalate_decide(policy, task, scratch, ret_result);
}

int main(int argc, char **argv)
{
	static const struct worker_job job = {
		.task = TASK_escalate,
		.program = "reeve-escalate",
		.what = "Escalation worker of Reeve: who is told about a case that runs late, and the text of the notice.",
		.decide = decide,
	};

	return worker_main(argc, argv, &job);
}
