/* The worker processes: for each kind one or two, with the loop and the decisions of workers/ as they are. They are killed, told to stop, frozen,
 * and slow; each is started again a while later, as the daemon's supervision does. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "workers/assign.h"
#include "workers/escalate.h"
#include "workers/triage.h"
#include "workers/worker.h"

#define STAFF_MOST 6

struct seat {
	struct fiber *fiber; /* NULL: nobody sits there now */
	const struct worker_job *job;
	struct worker_options options;
	char name[32];
	int64_t up_us;
};

struct staff {
	struct seat seats[STAFF_MOST];
	int count;
	int64_t away_until_us[TASK_LIMIT]; /* nobody of this kind is there */
};

/* ---- decisions, with what can be wrong with them ---- */

static int misfortune(int made, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	if (fault_happens(FAULT_worker_slow))
		fiber_work(dice_spread(SECOND_US, sim->slow ? 2 * HOUR_US : MINUTE_US));
	if (!fault_happens(FAULT_worker_wrong))
		return made;
	if (dice(2)) {
		buf_clear(scratch);
		buf_add_text(scratch, "no idea");
		return decision_fail(task, task->task, scratch, 0, ret_result);
	}
	if (record_has(ret_result, category))
		record_set(ret_result, category, span_of("no-such-category"));
	if (record_has(ret_result, unit))
		record_set(ret_result, unit, span_of("no-such-unit"));
	if (record_has(ret_result, rung))
		record_set(ret_result, rung, ret_result->rung + 1);
	return made;
}

static void *triage_prepare(const struct policy *policy)
{
	return triage_words(policy);
}

static void triage_release(void *prepared)
{
	words_free(prepared);
}

static int triage_do(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	return misfortune(triage_decide(prepared, policy, task, scratch, ret_result), task, scratch, ret_result);
}

static int assign_do(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	(void)prepared;
	return misfortune(assign_decide(policy, task, scratch, ret_result), task, scratch, ret_result);
}

static int escalate_do(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	(void)prepared;
	return misfortune(escalate_decide(policy, task, scratch, ret_result), task, scratch, ret_result);
}

static const struct worker_job jobs[TASK_LIMIT] = {
	[TASK_triage] = {.task = TASK_triage, .program = "triage", .care = {triage_prepare, triage_release}, .decide = triage_do},
	[TASK_assign] = {.task = TASK_assign, .program = "assign", .decide = assign_do},
	[TASK_escalate] = {.task = TASK_escalate, .program = "escalate", .decide = escalate_do},
};

/* ---- seats ---- */

static void sit(void *context)
{
	struct seat *seat = context;

	worker_run(seat->job, &seat->options, NULL);
}

static bool wanted(const struct seat *seat)
{
	return sim->staff->away_until_us[seat->job->task] <= sim->now_us;
}

static void seat_start(struct seat *seat)
{
	trace("staff: %s starts", seat->name);
	seat->fiber = fiber_start(sit, seat);
}

static void seat_add(enum task_kind task)
{
	struct staff *staff = sim->staff;
	struct seat *seat = &staff->seats[staff->count++];

	seat->job = &jobs[task];
	snprintf(seat->name, sizeof seat->name, "%s-%d", seat->job->program, staff->count);
	seat->options = WORKER_OPTIONS_DEFAULT;
	seat->options.endpoint = "sim://work";
	seat->options.name = seat->name;
	seat->options.credit = 1 << dice(6);
	seat->options.stop_fd = 1000;
	if (sim->slow) {
		seat->options.idle_ms = 600000;
		seat->options.silence_ms = 2400000;
	}
	seat->up_us = sim->now_us + (int64_t)dice(SECOND_US);
}

void staff_begin(void)
{
	sim->staff = must_calloc(1, sizeof *sim->staff);
	for (int task = TASK_triage; task < TASK_LIMIT; task++)
		for (uint64_t more = 1 + dice(2); more > 0; more--)
			seat_add((enum task_kind)task);
}

static void seat_leave(struct seat *seat)
{
	seat->fiber = NULL;
	seat->up_us = sim->now_us + dice_spread(200000, 30 * SECOND_US);
	trace("staff: %s has gone", seat->name);
}

void staff_run(void)
{
	for (int i = 0; i < sim->staff->count; i++) {
		struct seat *seat = &sim->staff->seats[i];
		if (!seat->fiber && seat->up_us <= sim->now_us && wanted(seat))
			seat_start(seat);
		if (seat->fiber && !fiber_run(seat->fiber))
			seat_leave(seat);
	}
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t staff_next_us(void)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < sim->staff->count; i++) {
		const struct seat *seat = &sim->staff->seats[i];
		int64_t at = seat->fiber ? fiber_next_us(seat->fiber) : later(seat->up_us, sim->staff->away_until_us[seat->job->task]);
		next = at < next ? at : next;
	}
	return next;
}

void staff_answered(struct span frame)
{
	struct flaw flaw;
	struct span map;

	if (!memmem(frame.data, frame.len, "stale", 5))
		return;
	while (frame_next(&frame, &map)) {
		if (codec_read_lenient(map, &sim->record, &flaw) || record_get(&sim->record, error, ERROR_none) != ERROR_stale)
			continue;
		SOMETIMES(unknown_worker, record_has(&sim->record, field) && span_is(sim->record.field, "worker"));
		SOMETIMES(late_result, record_get(&sim->record, reply, COMMAND_none) >= COMMAND_triage_result && record_has(&sim->record, field) && span_is(sim->record.field, "fence"));
	}
}

static bool has_lease(const struct seat *seat)
{
	const struct engine *engine = sim->daemon.engine;
	const struct lease *lease = engine ? engine->leases : NULL;

	for (; lease; lease = lease->hh.next)
		if (!strcmp(lease->worker->name, seat->name))
			return true;
	return false;
}

static void seat_kill(struct seat *seat)
{
	SOMETIMES(worker_died_leased, has_lease(seat));
	trace("staff: %s is killed", seat->name);
	fiber_kill(seat->fiber);
	seat_leave(seat);
}

static void away_begin(void)
{
	enum task_kind task = (enum task_kind)(TASK_triage + dice(3));

	sim->staff->away_until_us[task] = sim->now_us + dice_spread(MINUTE_US, 8 * HOUR_US);
	for (int i = 0; i < sim->staff->count; i++)
		if (sim->staff->seats[i].fiber && sim->staff->seats[i].job->task == task)
			seat_kill(&sim->staff->seats[i]);
}

void staff_step(void)
{
	struct seat *seat = &sim->staff->seats[dice((uint64_t)sim->staff->count)];
	bool dies = fault_happens(FAULT_worker_dies), leaves = fault_happens(FAULT_worker_leaves), freezes = fault_happens(FAULT_worker_frozen);

	if (seat->fiber && dies) {
		seat_kill(seat);
	} else if (seat->fiber && leaves) {
		trace("staff: %s is told to stop", seat->name);
		fiber_stop(seat->fiber);
	} else if (seat->fiber && freezes) {
		int64_t until_us = sim->now_us + dice_spread(100000, 2 * MINUTE_US);
		trace("staff: %s stands still", seat->name);
		fiber_freeze(seat->fiber, until_us);
	}
	if (fault_happens(FAULT_no_workers))
		away_begin();
}

void staff_heal(void)
{
	for (int i = 0; i < sim->staff->count; i++) {
		struct seat *seat = &sim->staff->seats[i];
		if (seat->fiber)
			fiber_freeze(seat->fiber, 0);
		seat->up_us = sim->now_us;
	}
	memset(sim->staff->away_until_us, 0, sizeof sim->staff->away_until_us);
}

void staff_end(void)
{
	for (int i = 0; i < sim->staff->count; i++)
		if (sim->staff->seats[i].fiber)
			fiber_kill(sim->staff->seats[i].fiber);
	free(sim->staff);
}
