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
		assert_int_equal(timer->casefile->timer_at, i + 1);
		assert_true(parent->at <= timer->at);
	}
}

/* The first by time and case of all that are set. */
static int first_of(const int64_t at[CASES + 1])
{
	int first = 0;

	for (int number = 1; number <= CASES; number++)
		if (at[number] && (!first || at[number] < at[first]))
			first = number;
	return first;
}

static void the_first_is_always_the_earliest_whatever_is_set_moved_or_taken_out(void **state)
{
	static struct casefile cases[CASES + 1];
	static int64_t at[CASES + 1];
	static int slots[CASES + 1];
	struct timers timers = {0};
	uint32_t seed = 7;

	(void)state;
	for (int i = 1; i <= CASES; i++)
		cases[i].number = i;
	for (int step = 0; step < 20000; step++) {
		int one = 1 + (int)(next_random(&seed) % CASES);
		slots[one] = (int)(next_random(&seed) % TIMER_SLOTS);
		at[one] = next_random(&seed) % 3 ? 1 + next_random(&seed) % 50 : 0;
		timers_set(&timers, &cases[one], slots[one], at[one]);
		int first = first_of(at);
		assert_int_equal(first != 0, timers.count > 0);
		if (!first)
			continue;
		assert_int_equal(timers.heap[0].at, at[first]);
		assert_int_equal(timers.heap[0].casefile->number, first);
		assert_int_equal(timers.heap[0].slot, slots[first]);
		if (step % 100 == 0)
			heap_is_sound(&timers);
	}
	timers_free(&timers);
}

static void equal_instants_come_by_case(void **state)
{
	struct casefile a = {.number = 1}, b = {.number = 2};
	struct timers timers = {0};

	(void)state;
	timers_set(&timers, &b, 0, 100);
	timers_set(&timers, &a, 2, 100);
	assert_int_equal(timers.heap[0].casefile->number, 1);
	assert_int_equal(timers.heap[0].slot, 2);
	timers_set(&timers, &a, 1, 100);
	assert_int_equal(timers.heap[0].slot, 1);
	timers_set(&timers, &a, 1, 0);
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
	assert_int_equal(a.timer_at, 0);
	timers_free(&timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_always_the_earliest_whatever_is_set_moved_or_taken_out),
		cmocka_unit_test(equal_instants_come_by_case),
		cmocka_unit_test(taking_out_what_is_not_there_does_nothing),
	};

	return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
