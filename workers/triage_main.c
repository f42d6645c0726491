/* reeve-triage: the triage decision in the workers' loop. Owns the model and the table that ties them together; all else is
 * in triage.c (what is decided), model_file.c (which model is in use) and worker.c (how tasks come and go). The index of words is made once per policy
 * version, because a policy has thousands of words and a report a few hundred bytes. */
#include "workers/model_file.h"
#include "workers/triage.h"
#include "workers/worker.h"

static struct model_file model_file;

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
	return triage_decide_learned(model_file.model, prepared, policy, task, scratch, ret_result);
}

static void look(const struct worker_options *options, int64_t now_ms)
{
	model_file.path = options->model;
	model_file_look(&model_file, now_ms);
}

int main(int argc, char **argv)
{
	static const struct worker_job job = {
		.task = TASK_triage,
		.program = "reeve-triage",
		.what = "Triage worker of Reeve: category, urgency, kind and area of a report, and open reports nearby that may be the same thing.",
		.care = {prepare, release},
		.decide = decide,
		.look = look,
	};
	int status = worker_main(argc, argv, &job);

	model_file_close(&model_file);
	return status;
}
