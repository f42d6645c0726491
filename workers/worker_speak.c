/* What a worker says: enlisting, results, credit, renewals, requests for a policy.
 *
 * Packs maps one after the other into one frame and sends it with the credit that is owed. Never listens and never decides. A frame stays
 * well under what any daemon takes. What cannot be sent is dropped and the worker enlists anew: a result that comes too late is
 * worthless, because its task's lease is over. Invariant: credit leaves only with or after the answers it is given back for. */
#include "workers/worker_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "schema/codec.h"

#define OUT_BYTES_MOST (64 * 1024)
#define OUT_MAPS_MOST 512
#define WARNINGS_PER_WINDOW 20
#define WARNING_WINDOW_MS 10000
#define ENLIST_WAIT_MS 100

int64_t worker_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void worker_warn(struct worker *worker, const char *message, const char *what, const char *detail)
{
	int64_t now = worker_now_ms();

	if (now - worker->window_ms >= WARNING_WINDOW_MS) {
		if (worker->warnings > WARNINGS_PER_WINDOW)
			log_line(LOG_LEVEL_WARNING, "warnings left out", "count", log_number(worker->warnings - WARNINGS_PER_WINDOW), NULL);
		worker->window_ms = now;
		worker->warnings = 0;
	}
	if (++worker->warnings <= WARNINGS_PER_WINDOW)
		log_line(LOG_LEVEL_WARNING, message, "what", what ? what : "?", "detail", detail, NULL);
}

struct record *worker_command(struct worker *worker, enum command_kind command)
{
	record_clear(&worker->command);
	record_set(&worker->command, command, (uint8_t)command);
	return &worker->command;
}

void worker_pack(struct worker *worker, const struct record *record)
{
	codec_write(&worker->out, record, CODEC_NAMES);
	worker->out_maps++;
}

void worker_pack_credit(struct worker *worker, int64_t credit)
{
	struct record *command = worker_command(worker, COMMAND_credit);

	record_set(command, credit, credit);
	worker_pack(worker, command);
}

void worker_enlist(struct worker *worker)
{
	char request[64];

	held_clear(&worker->held);
	memset(worker->fetches, 0, sizeof worker->fetches);
	buf_clear(&worker->out);
	worker->out_maps = 0;
	worker->owed = 0;
	worker->state = WORKER_ENLISTING;
	snprintf(request, sizeof request, "enlist-%ld-%" PRId64, (long)getpid(), ++worker->requests);
	struct record *command = worker_command(worker, COMMAND_enlist);
	record_set(command, request, span_of(request));
	record_set(command, worker, span_of(worker->options->name));
	record_set(command, task, (uint8_t)worker->job->task);
	record_set(command, credit, worker->options->credit);
	record_set(command, pid, (int64_t)getpid());
	worker_pack(worker, command);
	/* Just after the handshake the socket may need a moment until it takes messages. */
	link_send(worker->link, buf_span(&worker->out), ENLIST_WAIT_MS);
	buf_clear(&worker->out);
	worker->out_maps = 0;
	worker->spoke_ms = worker_now_ms();
	worker->enlist_at_ms = worker->spoke_ms + worker->options->retry_ms;
}

void worker_flush(struct worker *worker)
{
	if (worker->owed && worker->state == WORKER_ENLISTED) {
		worker_pack_credit(worker, worker->owed);
		worker->owed = 0;
	}
	if (!worker->out.len)
		return;
	bool sent = link_send(worker->link, buf_span(&worker->out), worker->options->retry_ms);
	buf_clear(&worker->out);
	worker->out_maps = 0;
	worker->spoke_ms = worker_now_ms();
	if (!sent && worker->state == WORKER_ENLISTED) {
		log_line(LOG_LEVEL_NOTICE, "the daemon takes nothing", "remedy", "enlisting again", NULL);
		worker_enlist(worker);
	}
}

static void flush_when_full(struct worker *worker)
{
	if (worker->out.len >= OUT_BYTES_MOST || worker->out_maps >= OUT_MAPS_MOST)
		worker_flush(worker);
}

void worker_pack_answer(struct worker *worker, int outcome)
{
	worker_pack(worker, &worker->result);
	worker->owed++;
	if (outcome == DECISION_MADE)
		worker->counts.decided++;
	else
		worker->counts.failed++;
	flush_when_full(worker);
}

void worker_fail(struct worker *worker, const struct record *task, const char *reason)
{
	buf_clear(&worker->scratch);
	buf_add_text(&worker->scratch, reason);
	worker_pack_answer(worker, decision_fail(task, record_get(task, task, worker->job->task), &worker->scratch, 0, &worker->result));
}

void worker_pack_renewal(struct worker *worker, const struct record *task)
{
	struct record *command = worker_command(worker, COMMAND_renew);

	record_set(command, task, (uint8_t)worker->job->task);
	record_copy(command, task, case_id);
	record_copy(command, task, fence);
	worker_pack(worker, command);
	worker->counts.renewed++;
}

void worker_fetch(struct worker *worker, int64_t version)
{
	int64_t now = worker_now_ms();
	struct fetch *place = NULL;
	char request[64];

	for (size_t i = 0; i < WORKER_FETCHES && !place; i++) {
		if (worker->fetches[i].version == version)
			place = &worker->fetches[i];
	}
	if (place && now - place->asked_ms < worker->options->retry_ms)
		return;
	if (!place)
		place = &worker->fetches[worker->next_fetch++ % WORKER_FETCHES];
	*place = (struct fetch){version, now};
	snprintf(request, sizeof request, "policy-%" PRId64 "-%ld-%" PRId64, version, (long)getpid(), ++worker->requests);
	struct record *command = worker_command(worker, COMMAND_policy_read);
	record_set(command, request, span_of(request));
	record_set(command, policy, version);
	worker_pack(worker, command);
	worker->counts.fetched++;
}

void worker_want_policy(struct worker *worker, int64_t version)
{
	if (version > 0 && !shelf_find(&worker->shelf, version))
		worker_fetch(worker, version);
}

void worker_fetch_done(struct worker *worker, int64_t version)
{
	for (size_t i = 0; i < WORKER_FETCHES; i++) {
		if (worker->fetches[i].version == version)
			worker->fetches[i] = (struct fetch){0};
	}
}
