/* The loop that every worker process shares: it offers itself to the daemon, takes tasks, has them decided, sends the results. */
#ifndef REEVE_WORKERS_WORKER_H
#define REEVE_WORKERS_WORKER_H

#include "workers/decision.h"
#include "workers/shelf.h"

struct worker_options;

/* What one kind of worker does. */
struct worker_job {
	enum task_kind task;
	const char *program; /* reeve-triage */
	const char *what;    /* one line for --help */
	struct shelf_care care;
	/* prepared: what care.prepare made of the policy. DECISION_MADE or DECISION_FAILED; the answer is in ret_result either way. */
	int (*decide)(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result);
	/* Between tasks, often: looks after what the decision needs beside the policy. NULL: nothing. With it the program takes --model. */
	void (*look)(const struct worker_options *options, int64_t now_ms);
};

struct worker_options {
	const char *endpoint; /* the daemon's work door */
	const char *name;
	const char *model;  /* file of a trained classifier, NULL: none */
	int64_t credit;     /* tasks in hand at once: enough for what the daemon stores in one commit */
	int stop_fd;        /* readable: finish and leave; -1: never */
	int64_t idle_ms;    /* a sign of life after so long without another word */
	int64_t silence_ms; /* a daemon that was not heard for so long is told again who we are */
	int64_t retry_ms;   /* between attempts to enlist or to get a policy */
	int64_t stop_ms;    /* how long leaving may take */
};
#define WORKER_OPTIONS_DEFAULT \
	((struct worker_options){.endpoint = "ipc:///run/reeve/work", .credit = 1024, .stop_fd = -1, \
		.idle_ms = 3000, .silence_ms = 12000, .retry_ms = 1000, .stop_ms = 2000})

struct worker_counts {
	int64_t enlisted, decided, failed, refused, stale, renewed, fetched;
};

/* Runs until stop_fd is readable. 0, or 1 with a line in the log when the endpoint is no good. ret_counts may be NULL. */
int worker_run(const struct worker_job *job, const struct worker_options *options, struct worker_counts *ret_counts);

/* A worker program: command line, signals, worker_run. The exit status. */
int worker_main(int argc, char **argv, const struct worker_job *job);

#endif
