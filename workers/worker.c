/* The worker's side of the conversation on the work door. One thread; owns the link, the policies and the tasks in hand.
 *
 *   worker                                          daemon
 *   enlist {worker, task, credit} --------------->
 *                     <--------------- reply enlist {lease_ms, policy}
 *                     <--------------- task, task, ...            each uses up one credit
 *   policy_read {policy} ------------------------>                only for a version not seen yet
 *                     <--------------- reply policy_read {files}
 *   renew, renew, ... --------------------------->                when half a lease went by
 *   result, result, fail, credit {k} ------------>                packed in one frame
 *   credit {0} ---------------------------------->                when there is nothing else to say
 *                     <--------------- reply credit
 *   drain --------------------------------------->                at SIGTERM
 *
 * Never decides anything itself and never crashes on what comes in. Nothing here has to survive: a task that is lost comes again when
 * its lease ends. Invariant: credit given = tasks in hand + credit not yet used + credit owed. */
#include "workers/worker_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "schema/codec.h"

#define FRAMES_PER_TURN 64
#define WAIT_LEAST_MS 5

static const struct frame_limits INCOMING = {.bytes = (size_t)256 << 20, .objects = 1 << 20, .depth = 8, .nodes = (size_t)1 << 24};

/* --- tasks --- */

static void decide(struct worker *worker, const struct shelf_place *place, const struct record *task)
{
	if (!place->policy) {
		char reason[400];
		snprintf(reason, sizeof reason, "this worker cannot compile version %" PRId64 " of the policy: %s", place->version, place->error);
		worker_fail(worker, task, reason);
		return;
	}
	buf_clear(&worker->scratch);
	worker_pack_answer(worker, worker->job->decide(place->prepared, place->policy, task, &worker->scratch, &worker->result));
}

static void take_task(struct worker *worker, const struct record *task, struct span map)
{
	int64_t version = record_get(task, policy, 0);

	if (!record_has(task, case_id) || !record_has(task, fence)) {
		worker_warn(worker, "a task without case or fence was dropped", task_name(task->task), "");
		worker->owed++;
		return;
	}
	if (task->task != worker->job->task) {
		worker_fail(worker, task, "this worker does another kind of task");
		return;
	}
	if (version <= 0) {
		worker_fail(worker, task, "the task names no version of the policy");
		return;
	}
	const struct shelf_place *place = shelf_find(&worker->shelf, version);
	if (place) {
		decide(worker, place, task);
		return;
	}
	held_add(&worker->held, map, version, record_get(task, lease_ms, worker->lease_ms), worker_now_ms());
	worker_fetch(worker, version);
}

/* What waited for this version is decided, or fails with the reason when there is no such policy. */
static void release_held(struct worker *worker, int64_t version, const char *reason)
{
	struct buf bytes;
	struct flaw flaw;

	while (held_take(&worker->held, version, &bytes)) {
		const struct shelf_place *place = shelf_find(&worker->shelf, version);
		if (!codec_read_lenient(buf_span(&bytes), &worker->message, &flaw)) {
			if (place)
				decide(worker, place, &worker->message);
			else
				worker_fail(worker, &worker->message, reason);
		}
		buf_free(&bytes);
	}
}

/* --- replies --- */

static void on_enlisted(struct worker *worker, const struct record *reply)
{
	int64_t version = record_get(reply, policy, 0);

	if (record_has(reply, error)) {
		char message[256];
		struct span text = span_cut(record_get(reply, message, span_of("")), 250);
		snprintf(message, sizeof message, "%.*s", SPAN_ARGS(text));
		worker_warn(worker, "the daemon does not take this worker", error_name(reply->error), message);
		worker->enlist_at_ms = worker_now_ms() + record_get(reply, retry_after_ms, worker->options->retry_ms * 5);
		return;
	}
	if (worker->state == WORKER_ENLISTING) {
		worker->state = WORKER_ENLISTED;
		log_line(worker->counts.enlisted++ ? LOG_LEVEL_NOTICE : LOG_LEVEL_INFO, "enlisted", "task", task_name(worker->job->task),
			"credit", log_number(worker->options->credit), "lease_ms", log_number(record_get(reply, lease_ms, 0)), "policy", log_number(version), NULL);
	}
	worker->lease_ms = record_get(reply, lease_ms, worker->lease_ms);
	worker_want_policy(worker, version);
}

/* The version stands in the request id, because a refusal may not repeat it. */
static int64_t version_asked(const struct record *reply)
{
	char request[65] = "";
	int64_t version = 0;

	if (record_has(reply, policy))
		return reply->policy;
	if (record_has(reply, request) && reply->request.len < sizeof request)
		memcpy(request, reply->request.data, reply->request.len);
	return sscanf(request, "policy-%" SCNd64, &version) == 1 ? version : 0;
}

static void on_policy(struct worker *worker, const struct record *reply)
{
	int64_t version = version_asked(reply);

	if (record_has(reply, error)) {
		worker_warn(worker, "the daemon did not give the policy", error_name(reply->error), log_number(version));
		/* Anything but "no such version" may pass: it is asked for again while tasks wait. */
		if (reply->error == ERROR_unknown_policy) {
			worker_fetch_done(worker, version);
			release_held(worker, version, "the daemon has no such version of the policy");
		}
		return;
	}
	if (version <= 0 || !record_has(reply, files)) {
		worker_warn(worker, "an answer to policy_read holds no policy", "policy_read", "");
		return;
	}
	worker_fetch_done(worker, version);
	if (!shelf_find(&worker->shelf, version)) {
		const struct shelf_place *place = shelf_put(&worker->shelf, version, reply->files);
		if (!place->policy)
			worker_warn(worker, "the policy does not compile", log_number(version), place->error);
	}
	release_held(worker, version, "");
}

/* The daemon does not know us (any more): only that makes a sign of life stale, or the field `worker` the one at fault. */
static bool says_unknown(const struct record *reply)
{
	if (reply->error == ERROR_not_permitted)
		return true;
	if (reply->error != ERROR_stale)
		return false;
	return (record_has(reply, reply) && reply->reply == COMMAND_credit) || (record_has(reply, field) && span_is(reply->field, "worker"));
}

static void on_refusal(struct worker *worker, const struct record *reply)
{
	char detail[256];
	struct span text = record_get(reply, message, span_of(""));

	if (says_unknown(reply)) {
		if (worker->state == WORKER_ENLISTED)
			worker_enlist(worker);
		return;
	}
	if (reply->error == ERROR_stale) {
		worker->counts.stale++;
		return;
	}
	worker->counts.refused++;
	snprintf(detail, sizeof detail, "%s: %.*s", error_name(reply->error) ? error_name(reply->error) : "unknown error",
		(int)span_cut(text, 200).len, text.data ? text.data : "");
	if (reply->error != ERROR_stopping)
		worker_warn(worker, "refused", record_has(reply, reply) ? command_name(reply->reply) : NULL, detail);
}

static void on_reply(struct worker *worker, const struct record *reply)
{
	enum command_kind command = record_get(reply, reply, COMMAND_none);

	if (command == COMMAND_enlist)
		on_enlisted(worker, reply);
	else if (command == COMMAND_policy_read)
		on_policy(worker, reply);
	else if (record_has(reply, error))
		on_refusal(worker, reply);
	else if (command == COMMAND_credit)
		worker_want_policy(worker, record_get(reply, policy, 0));
	if (command == COMMAND_drain)
		worker->drained = true;
}

/* --- listening --- */

static void on_map(struct worker *worker, struct span map)
{
	struct record *message = &worker->message;
	struct flaw flaw;
	int error = codec_read_lenient(map, message, &flaw);
	bool is_task = record_has(message, task) && !record_has(message, reply);

	if (error && is_task && record_has(message, case_id) && record_has(message, fence)) {
		worker_fail(worker, message, flaw.detail);
	} else if (error) {
		worker_warn(worker, "a map that could not be read was dropped", flaw.name, flaw.detail);
		worker->owed += is_task;
	} else if (is_task) {
		take_task(worker, message, map);
	} else if (record_has(message, reply) || record_has(message, error)) {
		on_reply(worker, message);
	} else {
		worker_warn(worker, "a map that is neither task nor reply was dropped", "", "");
	}
}

/* The tasks of a frame that wait behind a slow one keep their leases. */
static void renew_rest(struct worker *worker, struct span rest)
{
	struct span map;
	struct flaw flaw;

	while (frame_next(&rest, &map)) {
		if (codec_read_lenient(map, &worker->message, &flaw) || !record_has(&worker->message, task) || record_has(&worker->message, reply))
			continue;
		worker_pack_renewal(worker, &worker->message);
	}
	worker_flush(worker);
}

static void on_frame(struct worker *worker, struct span frame)
{
	struct span rest = frame, map;
	struct flaw flaw;
	size_t objects;

	worker->heard_ms = worker_now_ms();
	if (frame_scan(frame, &INCOMING, &objects, &flaw)) {
		worker_warn(worker, "a frame that could not be read was dropped", error_name(flaw.error), flaw.detail);
		return;
	}
	int64_t sure_ms = worker->heard_ms;
	while (frame_next(&rest, &map)) {
		on_map(worker, map);
		int64_t now = worker_now_ms();
		if (worker->lease_ms && rest.len && now - sure_ms >= worker->lease_ms / 2) {
			renew_rest(worker, rest);
			sure_ms = now;
		}
	}
}

static void receive(struct worker *worker)
{
	struct span frame;

	for (int i = 0; i < FRAMES_PER_TURN && link_receive(worker->link, &frame); i++)
		on_frame(worker, frame);
	worker_flush(worker);
}

/* --- time --- */

static void renew_held(struct worker *worker, int64_t now)
{
	struct flaw flaw;

	for (size_t i = 0; i < worker->held.count; i++) {
		struct held_task *task = &worker->held.tasks[i];
		worker_fetch(worker, task->version);
		if (!task->lease_ms || now - task->renewed_ms < task->lease_ms / 2)
			continue;
		if (!codec_read_lenient(buf_span(&task->bytes), &worker->message, &flaw))
			worker_pack_renewal(worker, &worker->message);
		task->renewed_ms = now;
	}
}

static void on_time(struct worker *worker)
{
	int64_t now = worker_now_ms();

	if (worker->state == WORKER_ENLISTING) {
		if (now >= worker->enlist_at_ms)
			worker_enlist(worker);
		return;
	}
	if (now - worker->heard_ms >= worker->options->silence_ms) {
		log_line(LOG_LEVEL_NOTICE, "the daemon is silent", "for_ms", log_number(now - worker->heard_ms), "remedy", "enlisting again", NULL);
		worker->heard_ms = now;
		worker_enlist(worker);
		return;
	}
	renew_held(worker, now);
	if (!worker->out.len && !worker->owed && now - worker->spoke_ms >= worker->options->idle_ms)
		worker_pack_credit(worker, 0);
	worker_flush(worker);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t wait_ms(const struct worker *worker)
{
	int64_t now = worker_now_ms(), at = earlier(worker->enlist_at_ms, now + worker->options->idle_ms);

	if (worker->state == WORKER_ENLISTED) {
		at = earlier(worker->spoke_ms + worker->options->idle_ms, worker->heard_ms + worker->options->silence_ms);
		for (size_t i = 0; i < worker->held.count; i++) {
			const struct held_task *task = &worker->held.tasks[i];
			at = earlier(at, task->lease_ms ? task->renewed_ms + task->lease_ms / 2 : at);
		}
		if (worker->held.count)
			at = earlier(at, now + worker->options->retry_ms);
	}
	return at - now > WAIT_LEAST_MS ? at - now : WAIT_LEAST_MS;
}

static void on_change(struct worker *worker)
{
	enum link_change change = link_change(worker->link);

	if (change == LINK_UP) {
		worker->heard_ms = worker_now_ms();
		worker_enlist(worker);
	} else if (change == LINK_DOWN) {
		if (worker->state == WORKER_ENLISTED)
			log_line(LOG_LEVEL_NOTICE, "the daemon is gone", "remedy", "waiting for it to come back", NULL);
		worker->state = WORKER_ENLISTING;
		worker->enlist_at_ms = WORKER_WHEN_CONNECTED;
	}
}

/* Finishes what came already, says good-bye, and waits a moment for the answer, so that the daemon has all results before it looks at our leases. */
static void leave(struct worker *worker)
{
	int64_t until = worker_now_ms() + worker->options->stop_ms;
	struct span frame;

	if (worker->state != WORKER_ENLISTED)
		return;
	worker->state = WORKER_LEAVING;
	while (worker_now_ms() < until && link_receive(worker->link, &frame))
		on_frame(worker, frame);
	worker_pack(worker, worker_command(worker, COMMAND_drain));
	worker_flush(worker);
	while (!worker->drained && worker_now_ms() < until) {
		if (link_wait(worker->link, -1, until - worker_now_ms()) & LINK_CHANGED && link_change(worker->link) == LINK_DOWN)
			return; /* the daemon went first: nobody answers any more */
		while (!worker->drained && link_receive(worker->link, &frame))
			on_frame(worker, frame);
	}
}

static void worker_loop(struct worker *worker)
{
	for (;;) {
		unsigned seen = link_wait(worker->link, worker->options->stop_fd, wait_ms(worker));
		if (worker->job->look)
			worker->job->look(worker->options, worker_now_ms());
		if (seen & LINK_CHANGED)
			on_change(worker);
		if (seen & LINK_READABLE)
			receive(worker);
		if (seen & LINK_STOP)
			break;
		on_time(worker);
	}
	leave(worker);
}

int worker_run(const struct worker_job *job, const struct worker_options *options, struct worker_counts *ret_counts)
{
	struct worker *worker = must_calloc(1, sizeof *worker);
	char error[256];

	worker->job = job;
	worker->options = options;
	worker->shelf.care = job->care;
	worker->heard_ms = worker->window_ms = worker_now_ms();
	worker->enlist_at_ms = WORKER_WHEN_CONNECTED;
	worker->link = link_open(options->endpoint, error, sizeof error);
	if (worker->link)
		worker_loop(worker);
	else
		log_line(LOG_LEVEL_ERROR, "cannot start", "reason", error, NULL);
	int status = worker->link ? 0 : 1;
	if (ret_counts)
		*ret_counts = worker->counts;
	link_close(worker->link);
	shelf_clear(&worker->shelf);
	held_clear(&worker->held);
	buf_free(&worker->out);
	buf_free(&worker->scratch);
	free(worker);
	return status;
}
