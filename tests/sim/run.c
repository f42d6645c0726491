/* One run: a seed, so many steps, and in half of all runs an end without faults, in which everything that is due has to happen within its bound. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdlib.h>

#define ROUNDS_PER_STEP 40
#define CHECKPOINT 400
#define ROUNDS_ALL 2000000

struct sim *sim;

static void everybody_runs(void)
{
	wire_turn();
	daemon_run();
	staff_run();
	people_run();
	watch_run();
}

static int64_t next_us(void)
{
	int64_t next = wire_next_us();

	if (daemon_next_us() < next)
		next = daemon_next_us();
	if (staff_next_us() < next)
		next = staff_next_us();
	return next;
}

void run_until(int64_t until_us, int most)
{
	for (int rounds = 0; rounds < most; rounds++) {
		everybody_runs();
		int64_t next = next_us();
		if (next > until_us)
			break;
		sim->now_us = next > sim->now_us ? next : sim->now_us;
	}
	if (sim->now_us < until_us)
		sim->now_us = until_us;
	everybody_runs();
}

static int64_t pace(void)
{
	uint64_t kind = dice(100);

	if (kind < 60)
		return (int64_t)dice(20000);
	if (kind < 80)
		return dice_spread(1000, SECOND_US);
	if (kind < 90)
		return dice_spread(100000, 30 * SECOND_US);
	if (kind < 96)
		return dice_spread(SECOND_US, 10 * MINUTE_US);
	return kind < 99 ? dice_spread(MINUTE_US, 4 * HOUR_US) : dice_spread(HOUR_US, 3 * DAY_US);
}

static void step(void)
{
	int64_t until_us = sim->now_us + pace();

	daemon_faults();
	staff_step();
	people_step();
	watch_step();
	if (fault_happens(FAULT_broken))
		wire_break_one();
	run_until(until_us, ROUNDS_PER_STEP);
	check_step();
	if (sim->step % CHECKPOINT == CHECKPOINT - 1 && sim->daemon.engine && !sim->daemon.engine->dirty_journal)
		check_replay();
	shared->counts[COUNT_steps]++;
}

/* ---- when the faults have stopped ---- */

static void heal(void)
{
	trace("run: the faults stop");
	sim->faulty = false;
	wire_heal();
	daemon_heal();
	staff_heal();
	people_heal();
	watch_heal();
}

/* Waits for it in pieces; a complaint when the bound is over. */
static void await(bool (*done)(void), int64_t bound_us, const char *what)
{
	int64_t until_us = sim->now_us + bound_us;

	while (!done() && sim->now_us < until_us) {
		run_until(sim->now_us + SECOND_US, ROUNDS_ALL);
		watch_step();
		people_wait();
	}
	if (!done())
		complain("the faults stopped %" PRId64 " s ago, and %s", bound_us / SECOND_US, what);
	check_step();
}

static bool all_answered(void)
{
	return people_waiting() == 0 && sim->daemon.engine;
}

static bool all_seen(void)
{
	return sim->daemon.engine && watch_complete(false);
}

static void case_look(void *context, const struct casefile *casefile)
{
	(void)context;
	if (casefile->task && !casefile->attention && casefile->work_until + MINUTE_US / 1000 < sim->daemon.engine->now)
		complain("case %" PRId64 " still waits for a worker, %" PRId64 " s after the end of the patience", casefile->number,
			(sim->daemon.engine->now - casefile->work_until) / 1000);
}

/* Nothing that was due by now is left. */
static void due_look(void)
{
	const struct engine *engine = sim->daemon.engine;
	const struct casefile *casefile;
	int64_t at;
	int slot;

	if (state_next_timer(engine->state, &at, &casefile, &slot) == 0 && at <= engine->now)
		complain("case %" PRId64 " has a deadline %" PRId64 " s ago and nothing happened", casefile ? casefile->number : 0, (engine->now - at) / 1000);
	state_each_open(engine->state, case_look, NULL);
}

static void liveness(void)
{
	heal();
	await(all_answered, 5 * MINUTE_US, "requests are still not answered");
	await(all_seen, 3 * MINUTE_US, "subscribers still miss events");
	for (int i = 0; i < 12; i++) {
		run_until(sim->now_us + (i < 8 ? 5 * MINUTE_US : DAY_US), i < 8 ? 4000 : 100);
		run_until(sim->now_us + SECOND_US, ROUNDS_ALL);
		check_step();
		due_look();
	}
	await(all_seen, 3 * MINUTE_US, "subscribers still miss events");
	watch_complete(true);
	model_finish(sim->model, sim->daemon.engine->state);
	check_step();
}

static void begin(const struct plan *plan)
{
	sim = must_calloc(1, sizeof *sim);
	sim->plan = *plan;
	sim->step = -1;
	sim->now_us = HOUR_US;
	sim->skew_us = SIM_START_US - sim->now_us;
	sim->hash = plan->seed;
	sim->model = model_new();
	sim->liveness = dice(2);
	sim->slow = dice(2);
	dice_rates();
	wire_begin();
	daemon_begin();
	staff_begin();
	people_begin();
	watch_begin();
}

static uint64_t end(void)
{
	uint64_t hash;

	shared->counts[COUNT_cases] += sim->daemon.engine ? state_next_number(sim->daemon.engine->state) - 1 : 0;
	staff_end();
	people_end();
	watch_end();
	wire_end();
	daemon_end();
	model_end(sim->model);
	hash = sim->hash;
	free(sim);
	sim = NULL;
	return hash;
}

uint64_t run_seed(const struct plan *plan)
{
	begin(plan);
	sim->faulty = true;
	for (sim->step = 0; sim->step < plan->steps; sim->step++) {
		shared->step = sim->step;
		sim->rolls = 0;
		if (!plan->skip || !plan->skip[sim->step])
			step();
	}
	sim->rolls = 0;
	if (sim->liveness)
		liveness();
	if (sim->daemon.engine) {
		run_until(sim->now_us + 1, 10);
		if (sim->daemon.engine && !sim->daemon.engine->dirty_journal)
			check_replay();
	}
	check_step();
	check_acknowledged();
	return end();
}
