/* The heap of deadlines against a plain list: the earliest first, equal instants by case and slot, each timer found where its case says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/timers.h"

#define CASES 40

/* Small, fixed and the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void heap_is_sound(const struct timers *timers)
{
	for (size_t i = 0; i < timers->count; i++) {
		const struct timer *timer = &timers->heap[i], *parent = &timers->heap[i ? (i - 1) / 2 : 0];
		assert_int_equal(timer->casefile->timer_at[timer->slot], i + 1);
		assert_true(parent->at <= timer->at);
	}
}

/* The first by time, case and slot of all that are set. */
static bool first_of(int64_t at[CASES + 1][TIMER_SLOTS], int64_t *ret_at, int *ret_case, int *ret_slot)
{
	bool found = false;

	for (int number = 1; number <= CASES; number++)
		for (int slot = 0; slot < TIMER_SLOTS; slot++)
			if (at[number][slot] && (!found || at[number][slot] < *ret_at)) {
				found = true;
				*ret_at = at[number][slot];
				*ret_case = number;
				*ret_slot = slot;
			}
	return found;
}

static void the_first_is_always_the_earliest_whatever_is_set_moved_or_taken_out(void **state)
{
	static struct casefile cases[CASES + 1];
	static int64_t at[CASES + 1][TIMER_SLOTS];
	struct timers timers = {0};
	uint32_t seed = 7;
	int64_t first = 0;
	int number = 0, slot = 0;

	(void)state;
	for (int i = 1; i <= CASES; i++)
		cases[i].number = i;
	for (int step = 0; step < 20000; step++) {
		int one = 1 + (int)(next_random(&seed) % CASES), which = (int)(next_random(&seed) % TIMER_SLOTS);
		int64_t when = next_random(&seed) % 3 ? 1 + next_random(&seed) % 50 : 0;
		timers_set(&timers, &cases[one], which, when);
		at[one][which] = when;
		assert_int_equal(first_of(at, &first, &number, &slot), timers.count > 0);
		if (!timers.count)
			continue;
		assert_int_equal(timers.heap[0].at, first);
		assert_int_equal(timers.heap[0].casefile->number, number);
		assert_int_equal(timers.heap[0].slot, slot);
		if (step % 100 == 0)
			heap_is_sound(&timers);
	}
	timers_free(&timers);
}

static void equal_instants_come_by_case_then_by_slot(void **state)
{
	struct casefile a = {.number = 1}, b = {.number = 2};
	struct timers timers = {0};

	(void)state;
	timers_set(&timers, &b, 0, 100);
	timers_set(&timers, &a, 2, 100);
	timers_set(&timers, &a, 1, 100);
	assert_int_equal(timers.heap[0].casefile->number, 1);
	assert_int_equal(timers.heap[0].slot, 1);
	timers_set(&timers, &a, 1, 0);
	assert_int_equal(timers.heap[0].slot, 2);
	timers_set(&timers, &a, 2, 0);
	assert_int_equal(timers.heap[0].casefile->number, 2);
	timers_free(&timers);
}

static void taking_out_what_is_not_there_does_nothing(void **state)
{
	struct casefile a = {.number = 1};
	struct timers timers = {0};

	(void)state;
	timers_set(&timers, &a, 0, 0);
	assert_int_equal(timers.count, 0);
	timers_set(&timers, &a, 0, 5);
	timers_set(&timers, &a, 0, 0);
	timers_set(&timers, &a, 0, 0);
	assert_int_equal(timers.count, 0);
	assert_int_equal(a.timer_at[0], 0);
	timers_free(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_always_the_earliest_whatever_is_set_moved_or_taken_out),
		cmocka_unit_test(equal_instants_come_by_case_then_by_slot),
		cmocka_unit_test(taking_out_what_is_not_there_does_nothing),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
