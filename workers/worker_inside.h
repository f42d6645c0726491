/* What the parts of the workers' loop share: worker.c listens and keeps time, worker_speak.c packs and sends. */
#ifndef REEVE_WORKERS_WORKER_INSIDE_H
#define REEVE_WORKERS_WORKER_INSIDE_H

#include "workers/held.h"
#include "workers/link.h"
#include "workers/worker.h"

#define WORKER_FETCHES 4
#define WORKER_WHEN_CONNECTED INT64_MAX

enum worker_state { WORKER_ENLISTING, WORKER_ENLISTED, WORKER_LEAVING };

struct fetch {
	int64_t version; /* 0: none */
	int64_t asked_ms;
};

struct worker {
	const struct worker_job *job;
	const struct worker_options *options;
	struct link *link;
	struct shelf shelf;
	struct held held;
	struct fetch fetches[WORKER_FETCHES];
	size_t next_fetch;
	struct buf out;     /* the frame being packed */
	size_t out_maps;
	int64_t owed;       /* credit to give back with the next frame */
	struct buf scratch; /* texts of the decision under way */
	struct record message, result, command;
	enum worker_state state;
	bool drained;
	int64_t lease_ms;
	int64_t heard_ms, spoke_ms, enlist_at_ms;
	int64_t requests;
	int64_t window_ms, warnings;
	struct worker_counts counts;
};

/* Monotonic. */
int64_t worker_now_ms(void);
/* A line in the log, at most so many in a while: a daemon that refuses everything must not fill the disk. */
void worker_warn(struct worker *worker, const char *message, const char *what, const char *detail);

/* Says who we are, with the full credit: all that went before is over. */
void worker_enlist(struct worker *worker);
/* A command to fill in and pack; valid until the next one. */
struct record *worker_command(struct worker *worker, enum command_kind command);
void worker_pack(struct worker *worker, const struct record *record);
void worker_pack_credit(struct worker *worker, int64_t credit);
/* worker->result, with the credit for it. */
void worker_pack_answer(struct worker *worker, int outcome);
void worker_pack_renewal(struct worker *worker, const struct record *task);
/* Answers a task with `fail`. */
void worker_fail(struct worker *worker, const struct record *task, const char *reason);
/* Sends what is packed, with the credit that is owed. */
void worker_flush(struct worker *worker);

/* Asks for a policy, once in retry_ms. */
void worker_fetch(struct worker *worker, int64_t version);
/* The newest version is fetched before the first task that names it comes. */
void worker_want_policy(struct worker *worker, int64_t version);
void worker_fetch_done(struct worker *worker, int64_t version);

#endif
