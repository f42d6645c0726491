/* reeve-triage: the triage decision in the workers' loop. Owns nothing but the table that ties the two together; all else is
 * in triage.c (what is decided) and worker.c (how tasks come and go). The index of words is made once per policy
 * version, because a policy has thousands of words and a report a few hundred bytes. */
#include "workers/triage.h"
#include "workers/worker.h"

static void *prepare(const struct policy *policy)
{
	return triage_words(policy);
}

static void release(void *prepared)
{
	words_free(prepared);
}

static int decide(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	return triage_decide(prepared, policy, task, scratch, ret_result);
}

int main(int argc, char **argv)
{
	static const struct worker_job job = {
		.task = TASK_triage,
		.program = "reeve-triage",
		.what = "Triage worker of Reeve: category, urgency, kind and area of a report, and open reports nearby that may be the same thing.",
		.care = {prepare, release},
		.decide = decide,
	};

	return worker_main(argc, argv, &job);
}
