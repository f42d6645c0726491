/* Work: what waits (a queue per kind of task), who takes it (workers with credit), and for how long (leases).
 *
 * Nothing of this is stored: the case itself says what it waits for, and a result counts by its fence. So a queue entry may be out of
 * date; it is looked at again when it is offered. A lease ends by result or expiry, which renewals put off up to work.lease_most_ms; an expired, failed or
 * abandoned task costs an attempt, and after work.attempts of them people have to decide. All times here are real time. */
#include "engine/inside.h"

#include <stdlib.h>

#include "base/log.h"

static int64_t lease_key(const struct task_entry *entry)
{
	return entry->number << 8 | entry->task << 5 | entry->slot;
}

static void queue_push(struct engine *engine, struct task_entry entry)
{
	struct task_queue *queue = &engine->queues[entry.task];

	if (queue->count == queue->room) {
		size_t room = queue->room ? queue->room * 2 : 256;
		struct task_entry *entries = must_calloc(room, sizeof *entries);
		for (size_t i = 0; i < queue->count; i++)
			entries[i] = queue->entries[(queue->head + i) % queue->room];
		free(queue->entries);
		*queue = (struct task_queue){entries, 0, queue->count, room};
	}
	entry.since = engine->real;
	queue->entries[(queue->head + queue->count++) % queue->room] = entry;
}

static void queue_pop(struct task_queue *queue)
{
	queue->head = (queue->head + 1) % queue->room;
	queue->count--;
}

/* The first entry that its case still waits for; entries that are out of date go. */
static struct task_entry *queue_head(struct engine *engine, int task)
{
	struct task_queue *queue = &engine->queues[task];

	while (queue->count && !task_wanted(engine, &queue->entries[queue->head]))
		queue_pop(queue);
	return queue->count ? &queue->entries[queue->head] : NULL;
}

void work_note(struct engine *engine, const struct casefile *casefile, const struct record *event)
{
	bool stage = event->event == EVENT_case_opened || event->event == EVENT_case_triaged || event->event == EVENT_case_reopened ||
		event->event == EVENT_case_returned || event->event == EVENT_case_unmerged;

	if (stage && casefile->task)
		queue_push(engine, (struct task_entry){.number = casefile->number, .fence = stage_fence(casefile), .task = casefile->task});
	if (event->event == EVENT_escalation_due) {
		int slot = record_has(event, slot) ? (int)event->slot : sla_slot(event->clock);
		queue_push(engine, (struct task_entry){.number = casefile->number, .fence = ladder_fence(casefile, slot),
			.task = TASK_escalate, .slot = (uint8_t)slot});
	}
}

void work_note_open(struct engine *engine, const struct casefile *casefile)
{
	if (casefile->task)
		queue_push(engine, (struct task_entry){.number = casefile->number, .fence = stage_fence(casefile), .task = casefile->task});
	for (int slot = 0; slot < SLA_ALL; slot++)
		if (casefile_sla(casefile, slot) && casefile_sla(casefile, slot)->phase == LADDER_WANTING)
			queue_push(engine, (struct task_entry){.number = casefile->number, .fence = ladder_fence(casefile, slot),
				.task = TASK_escalate, .slot = (uint8_t)slot});
}

int64_t work_waiting(const struct engine *engine, int task)
{
	return (int64_t)engine->queues[task].count;
}

static struct lease *lease_find(struct engine *engine, const struct task_entry *entry)
{
	int64_t key = lease_key(entry);
	struct lease *lease;

	HASH_FIND(hh, engine->leases, &key, sizeof key, lease);
	return lease;
}

static void lease_add(struct engine *engine, struct worker *worker, const struct task_entry *entry)
{
	struct lease *lease = must_calloc(1, sizeof *lease);

	lease->key = lease_key(entry);
	lease->entry = *entry;
	lease->worker = worker;
	lease->since = engine->real;
	lease->until = engine->real + engine->settings->work_lease_ms;
	HASH_ADD(hh, engine->leases, key, sizeof lease->key, lease);
	worker->leased++;
	worker->credit--;
}

static struct task_entry lease_end(struct engine *engine, struct lease *lease)
{
	struct task_entry entry = lease->entry;

	lease->worker->leased--;
	HASH_DEL(engine->leases, lease);
	free(lease);
	return entry;
}

static void task_give_up(struct engine *engine, struct task_entry entry, struct span reason)
{
	struct record command;

	record_clear(&command);
	record_set(&command, command, COMMAND_give_up);
	record_set(&command, case_id, entry.number);
	record_set(&command, task, entry.task);
	record_set(&command, fence, entry.fence);
	record_set(&command, reason, reason);
	if (entry.task == TASK_escalate) {
		const struct casefile *casefile = state_case(engine->state, entry.number);
		const struct sla *sla = casefile ? casefile_sla(casefile, entry.slot) : NULL;
		record_set(&command, clock, sla ? sla->kind : (uint8_t)CLOCK_promise);
	}
	figure_add(engine, "tasks_given_up", 1);
	round_decide(engine, &command);
}

static void task_failed(struct engine *engine, struct task_entry entry, struct span reason)
{
	if (engine->no_room) /* nobody's fault, and giving up would be written */
		queue_push(engine, entry);
	else if (++entry.attempts < engine->settings->work_attempts)
		queue_push(engine, entry);
	else
		task_give_up(engine, entry, reason);
}

/* Ends every lease of a worker; blame: it costs the tasks an attempt. */
static void worker_release(struct engine *engine, struct worker *worker, bool blame)
{
	struct lease *lease, *next;

	HASH_ITER(hh, engine->leases, lease, next) {
		if (lease->worker != worker)
			continue;
		struct task_entry entry = lease_end(engine, lease);
		if (blame) {
			worker->failed++;
			task_failed(engine, entry, span_of("the worker ended"));
		} else {
			queue_push(engine, entry);
		}
	}
}

static void worker_end(struct engine *engine, struct worker *worker, bool blame)
{
	worker_release(engine, worker, blame);
	engine->worker_grace[worker->task] = engine->real + engine->settings->work_worker_silence_ms;
	worker->peer->worker = NULL;
	HASH_DEL(engine->workers, worker);
	log_line(LOG_LEVEL_INFO, "worker left", "worker", worker->name, "task", task_name(worker->task), "done", log_number(worker->done), NULL);
	free(worker);
}

void work_leave(struct engine *engine, struct worker *worker)
{
	worker_end(engine, worker, true);
}

void work_turn(struct engine *engine)
{
	struct worker *worker, *next_worker;
	struct lease *lease, *next;

	HASH_ITER(hh, engine->workers, worker, next_worker)
		if (engine->real - worker->heard > engine->settings->work_worker_silence_ms)
			worker_end(engine, worker, true);
	HASH_ITER(hh, engine->leases, lease, next) {
		if (lease->until > engine->real)
			break; /* oldest first */
		lease->worker->failed++;
		figure_add(engine, "leases_expired", 1);
		task_failed(engine, lease_end(engine, lease), span_of("the worker did not answer within its lease"));
	}
}

static struct worker *worker_for(struct engine *engine, int task)
{
	struct worker *worker, *next, *best = NULL;

	HASH_ITER(hh, engine->workers, worker, next)
		if (worker->task == task && worker->credit > 0 && (!best || worker->leased < best->leased))
			best = worker;
	return best;
}

static bool worker_exists(const struct engine *engine, int task)
{
	struct worker *worker, *next;

	HASH_ITER(hh, engine->workers, worker, next)
		if (worker->task == task)
			return true;
	return false;
}

/* After the commit. With a driven clock one task at a time, so that every run has the same order. */
void work_offer(struct engine *engine)
{
	if (engine->stopping || engine->no_room || engine->journal->ops->read_begin(engine->journal))
		return;
	for (int task = TASK_triage; task < TASK_LIMIT; task++) {
		struct task_entry *entry;
		struct worker *worker;
		while ((!engine->driven || !engine->leases) && (entry = queue_head(engine, task)) && (worker = worker_for(engine, task))) {
			if (task_send(engine, worker, entry))
				lease_add(engine, worker, entry);
			queue_pop(&engine->queues[task]);
		}
	}
	engine->journal->ops->read_end(engine->journal);
}

/* Nothing is being worked on, and nothing waits that a worker will come for. */
bool work_quiet(struct engine *engine)
{
	if (engine->leases)
		return false;
	for (int task = TASK_triage; task < TASK_LIMIT; task++)
		if (queue_head(engine, task) && (worker_exists(engine, task) || engine->real < engine->worker_grace[task]))
			return false;
	return true;
}

static void enlist(struct engine *engine, const struct caller *caller)
{
	const struct record *request = caller->request;
	struct worker *worker = caller->peer->worker;
	struct record reply;

	if (worker)
		worker_end(engine, worker, false);
	worker = must_calloc(1, sizeof *worker);
	worker->peer = caller->peer;
	memcpy(worker->name, request->worker.data, request->worker.len < sizeof worker->name ? request->worker.len : sizeof worker->name - 1);
	worker->task = request->task;
	worker->credit = request->credit;
	worker->pid = record_get(request, pid, 0);
	worker->heard = engine->real;
	caller->peer->worker = worker;
	HASH_ADD_PTR(engine->workers, peer, worker);
	log_line(LOG_LEVEL_INFO, "worker enlisted", "worker", worker->name, "task", task_name(worker->task), "credit", log_number(worker->credit), NULL);
	reply_begin(caller, &reply);
	record_set(&reply, lease_ms, engine->settings->work_lease_ms);
	if (state_policy_version(engine->state))
		record_set(&reply, policy, state_policy_version(engine->state));
	peer_send(engine, caller->peer, &reply);
}

static struct task_entry entry_of(const struct record *request)
{
	struct task_entry entry = {.number = request->case_id, .fence = request->fence};

	entry.task = request->command == COMMAND_triage_result ? TASK_triage : request->command == COMMAND_assign_result ? TASK_assign
		: request->command == COMMAND_escalate_result ? TASK_escalate : record_get(request, task, TASK_none);
	if (entry.task == TASK_escalate) /* the fence holds the slot */
		entry.slot = (uint8_t)(request->fence >> 8 & 31);
	return entry;
}

/* The lease of this worker for this attempt, NULL when it has none (any more). */
static struct lease *own_lease(struct engine *engine, const struct caller *caller, const struct task_entry *entry)
{
	struct lease *lease = lease_find(engine, entry);

	return lease && lease->worker == caller->peer->worker && lease->entry.fence == entry->fence ? lease : NULL;
}

void work_flaw(struct engine *engine, const struct caller *caller)
{
	const struct record *request = caller->request;
	struct task_entry entry;
	struct lease *lease;

	if (!caller->peer->worker || !record_has(request, command) || !record_has(request, case_id) || !record_has(request, fence))
		return;
	entry = entry_of(request);
	lease = own_lease(engine, caller, &entry);
	if (lease)
		task_failed(engine, lease_end(engine, lease), span_of("the worker's decisions could not be read"));
}

static void result(struct engine *engine, const struct caller *caller)
{
	struct task_entry entry = entry_of(caller->request);
	struct worker *worker = caller->peer->worker;
	struct lease *lease = own_lease(engine, caller, &entry);

	if (lease) {
		entry = lease_end(engine, lease);
		worker->done++;
	}
	record_set(caller->request, worker, span_of(worker->name));
	request_run(engine, caller);
	if (lease && task_wanted(engine, &entry)) /* it was refused: another attempt */
		task_failed(engine, entry, span_of("the worker's decisions were refused"));
}

static void fail(struct engine *engine, const struct caller *caller)
{
	struct task_entry entry = entry_of(caller->request);
	struct lease *lease = own_lease(engine, caller, &entry);
	struct record reply;

	if (!lease) {
		reply_refusal(engine, caller, ERROR_stale, FIELD_fence, NULL);
		return;
	}
	caller->peer->worker->failed++;
	entry = lease_end(engine, lease);
	if (record_get(caller->request, attention, false) && !engine->no_room) /* another attempt would end the same */
		task_give_up(engine, entry, caller->request->reason);
	else
		task_failed(engine, entry, caller->request->reason);
	reply_begin(caller, &reply);
	peer_send(engine, caller->peer, &reply);
}

static void renew(struct engine *engine, const struct caller *caller)
{
	struct task_entry entry = entry_of(caller->request);
	struct lease *lease = own_lease(engine, caller, &entry);
	struct record reply;

	if (!lease) {
		reply_refusal(engine, caller, ERROR_stale, FIELD_fence, NULL);
		return;
	}
	if (engine->real + engine->settings->work_lease_ms > lease->since + engine->settings->work_lease_most_ms) {
		/* A result still counts while the lease lasts. A worker that renews for ever would keep the task from all others. */
		reply_refusal(engine, caller, ERROR_stale, FIELD_fence, "work.lease_most_ms: finish before this lease ends, or another one gets the task");
		return;
	}
	HASH_DEL(engine->leases, lease);
	lease->until = engine->real + engine->settings->work_lease_ms;
	HASH_ADD(hh, engine->leases, key, sizeof lease->key, lease);
	reply_begin(caller, &reply);
	peer_send(engine, caller->peer, &reply);
}

void work_request(struct engine *engine, const struct caller *caller)
{
	struct worker *worker = caller->peer->worker;
	struct record reply;

	if (caller->request->command == COMMAND_enlist) {
		enlist(engine, caller);
		return;
	}
	if (!worker) {
		reply_refusal(engine, caller, ERROR_stale, FIELD_worker, "this worker is not enlisted here: enlist again");
		return;
	}
	worker->heard = engine->real;
	switch (caller->request->command) {
	case COMMAND_credit:
		worker->credit += caller->request->credit;
		reply_begin(caller, &reply);
		if (state_policy_version(engine->state))
			record_set(&reply, policy, state_policy_version(engine->state));
		peer_send(engine, caller->peer, &reply);
		break;
	case COMMAND_renew:
		renew(engine, caller);
		break;
	case COMMAND_fail:
		fail(engine, caller);
		break;
	case COMMAND_drain:
		worker_end(engine, worker, false);
		reply_begin(caller, &reply);
		peer_send(engine, caller->peer, &reply);
		break;
	default:
		result(engine, caller);
	}
}

int64_t work_wait_ms(const struct engine *engine)
{
	int64_t wait = engine->workers ? 1000 : -1;

	if (engine->leases && (wait < 0 || engine->leases->until - engine->real < wait))
		wait = engine->leases->until > engine->real ? engine->leases->until - engine->real : 0;
	return wait;
}

void work_free(struct engine *engine)
{
	struct worker *worker, *next_worker;
	struct lease *lease, *next;

	HASH_ITER(hh, engine->leases, lease, next) {
		HASH_DEL(engine->leases, lease);
		free(lease);
	}
	HASH_ITER(hh, engine->workers, worker, next_worker) {
		HASH_DEL(engine->workers, worker);
		free(worker);
	}
	for (int task = 0; task < TASK_LIMIT; task++)
		free(engine->queues[task].entries);
}
