/* The player's order: time, then row, then step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/play.h"

static void add(struct play *play, int64_t at, int64_t row, uint32_t step)
{
	struct record command;
	char ref[32];

	snprintf(ref, sizeof ref, "%lld/%u", (long long)row, step);
	record_clear(&command);
	record_set(&command, command, step ? COMMAND_close : COMMAND_submit);
	record_set(&command, at, at);
	record_set(&command, source_ref, span_of(ref));
	record_set(&command, caller_phone, span_of("1999"));
	play_add(play, &command, row, step);
}

static void test_order(void **state)
{
	static const char *const wanted[] = {"3/0", "1/0", "1/1", "2/0", "2/1", "3/1"};
	struct play play = {0};
	struct record command;

	(void)state;
	add(&play, 100, 1, 0);
	add(&play, 100, 1, 1);
	add(&play, 100, 2, 0);
	add(&play, 100, 2, 1);
	add(&play, -5, 3, 0);
	add(&play, 101, 3, 1);
	play_sort(&play);
	for (size_t i = 0; i < 6; i++) {
		play_read(&play, i, &command);
		assert_true(span_is(command.source_ref, wanted[i]));
		assert_int_equal(command.at, play.steps[i].at);
		assert_true(span_is(command.caller_phone, "1999"));
	}
	play_free(&play);
}

static void test_empty(void **state)
{
	struct play play = {0};

	(void)state;
	play_sort(&play);
	assert_int_equal(play.count, 0);
	play_free(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_empty)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
