/* Programs that wait inside of libzmq, as coroutines: each runs until it waits, and goes on when something comes or its time is over. And what
 * a machine gives its programs: clocks, process ids, randomness, all of them virtual.
 *
 * A program that is killed has to end without a word, and without a leak: its clock then runs away and nothing that it sends arrives,
 * so that it leaves every wait and returns. Invariant: only one runs at a time, and it runs on a stack of its own. */
#include "tests/sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/types.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_BYTES (512 * 1024)
#define STACKS_KEPT 16
#define RUNAWAY_US HOUR_US

struct fiber {
	ucontext_t here;
	void *stack;
	void (*body)(void *context);
	void *context;
	int64_t until_us, frozen_until_us, ran_away_us;
	bool over, dead, stopping, works, sees_stop;
	pid_t pid;
};

static struct fiber *current;
static ucontext_t outside;
static void *stacks[STACKS_KEPT];
static int stack_count;

static void *stack_take(void)
{
	if (stack_count)
		return stacks[--stack_count];
	void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED)
		complain("no memory for a stack");
	return stack;
}

static void stack_give(void *stack)
{
	if (stack_count < STACKS_KEPT)
		stacks[stack_count++] = stack;
	else
		munmap(stack, STACK_BYTES);
}

static void begin(void)
{
	current->body(current->context);
	current->over = true;
	swapcontext(&current->here, &outside);
}

struct fiber *fiber_start(void (*body)(void *context), void *context)
{
	struct fiber *fiber = must_calloc(1, sizeof *fiber);

	fiber->body = body;
	fiber->context = context;
	fiber->stack = stack_take();
	fiber->pid = (pid_t)(1000 + ++sim->pids);
	getcontext(&fiber->here);
	fiber->here.uc_stack.ss_sp = fiber->stack;
	fiber->here.uc_stack.ss_size = STACK_BYTES;
	fiber->here.uc_link = NULL;
	makecontext(&fiber->here, begin, 0);
	return fiber;
}

static bool ready(const struct fiber *fiber)
{
	if (fiber->dead)
		return true;
	if (sim->now_us < fiber->frozen_until_us)
		return false;
	if (fiber->works)
		return sim->now_us >= fiber->until_us;
	return (fiber->stopping && fiber->sees_stop) || sim->now_us >= fiber->until_us || wire_context_readable(wire_context_of(fiber));
}

bool fiber_run(struct fiber *fiber)
{
	if (!ready(fiber))
		return true;
	current = fiber;
	swapcontext(&outside, &fiber->here);
	current = NULL;
	if (!fiber->over)
		return true;
	stack_give(fiber->stack);
	free(fiber);
	return false;
}

static void leave_until(int64_t until_us)
{
	current->until_us = until_us;
	swapcontext(&current->here, &outside);
}

void fiber_wait(int64_t until_us, bool sees_stop)
{
	current->sees_stop = sees_stop;
	if (!current->dead)
		leave_until(until_us);
}

void fiber_work(int64_t us)
{
	if (!current || current->dead)
		return;
	current->works = true;
	leave_until(sim->now_us + us);
	current->works = false;
}

void fiber_stop(struct fiber *fiber)
{
	fiber->stopping = true;
}

void fiber_kill(struct fiber *fiber)
{
	fiber->dead = true;
	wire_context_dies(wire_context_of(fiber));
	while (fiber_run(fiber))
		;
}

void fiber_freeze(struct fiber *fiber, int64_t until_us)
{
	fiber->frozen_until_us = until_us;
}

int64_t fiber_next_us(const struct fiber *fiber)
{
	if (fiber->works || (!(fiber->stopping && fiber->sees_stop) && !wire_context_readable(wire_context_of(fiber))))
		return fiber->until_us > fiber->frozen_until_us ? fiber->until_us : fiber->frozen_until_us;
	return fiber->frozen_until_us > sim->now_us ? fiber->frozen_until_us : sim->now_us;
}

struct fiber *fiber_current(void)
{
	return current;
}

bool fiber_dead(const struct fiber *fiber)
{
	return fiber && fiber->dead;
}

bool fiber_stopping(const struct fiber *fiber)
{
	return fiber && (fiber->stopping || fiber->dead);
}

/* ---- the machine, as its programs see it: the linker sends their calls here ---- */

int __wrap_clock_gettime(clockid_t which, struct timespec *ret_time);
pid_t __wrap_getpid(void);
ssize_t __wrap_getrandom(void *bytes, size_t len, unsigned flags);
int __real_clock_gettime(clockid_t which, struct timespec *ret_time);

int __wrap_clock_gettime(clockid_t which, struct timespec *ret_time)
{
	if (!sim)
		return __real_clock_gettime(which, ret_time);
	int64_t us = sim->now_us + (which == CLOCK_REALTIME ? sim->skew_us : 0);
	if (current && current->dead)
		us += current->ran_away_us += RUNAWAY_US;
	ret_time->tv_sec = us / SECOND_US;
	ret_time->tv_nsec = us % SECOND_US * 1000;
	return 0;
}

pid_t __wrap_getpid(void)
{
	return current ? current->pid : 1;
}

ssize_t __wrap_getrandom(void *bytes, size_t len, unsigned flags)
{
	uint64_t value = sim->plan.seed << 20 | (uint64_t)++sim->randoms;

	(void)flags;
	memset(bytes, 0, len);
	memcpy(bytes, &value, len < sizeof value ? len : sizeof value);
	return (ssize_t)len;
}
