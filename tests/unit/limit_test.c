/* Limits: each unit, each start, each roll, percentages, and the intervals that explain them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "town.h"

static struct policy *policy;

static int town_open(void **state)
{
	(void)state;
	policy = town_calendars("America/New_York", "calendars:\n"
						    "  - name: office\n"
						    "    week: {mon-fri: [\"08:30-12:00\", \"13:00-17:00\"]}\n"
						    "    holidays: [2011-07-04]\n"
						    "  - {name: emergency, always: true}\n");
	return 0;
}

static int town_close(void **state)
{
	(void)state;
	policy_free(policy);
	return 0;
}

static const char *due(struct limit limit, const char *calendar, const char *start, int percent)
{
	int64_t at = 0;

	if (limit_at(&limit, town_calendar(policy, calendar), town_instant(policy, start), percent, &at))
		return "never";
	return town_local(policy, at);
}

#define LIMIT(number, its_unit, ...) ((struct limit){.amount = (number)*1000, .unit = LIMIT_##its_unit, __VA_ARGS__})

static void wall_units(void **state)
{
	(void)state;
	assert_string_equal(due(LIMIT(90, MINUTES), "emergency", "2011-07-01 23:00:00", 100), "2011-07-02 00:30:00");
	assert_string_equal(due(LIMIT(36, HOURS), "emergency", "2011-07-01 23:00:00", 100), "2011-07-03 11:00:00");
	assert_string_equal(due((struct limit){.amount = 1500, .unit = LIMIT_HOURS}, "emergency", "2011-07-01 23:00:00", 100), "2011-07-02 00:30:00");
	assert_string_equal(due(LIMIT(2, DAYS), "emergency", "2011-07-01 23:00:00", 100), "2011-07-03 23:00:00");
	assert_string_equal(due(LIMIT(0, DAYS), "emergency", "2011-07-01 23:00:00", 100), "2011-07-01 23:00:00");
	assert_string_equal(due(LIMIT(1, DAYS), "emergency", "2024-02-28 12:00:00", 100), "2024-02-29 12:00:00");
}

static void days_keep_the_time_of_day_through_daylight_saving(void **state)
{
	(void)state;
	assert_string_equal(due(LIMIT(1, DAYS), "emergency", "2011-03-12 12:00:00", 100), "2011-03-13 12:00:00");
	assert_string_equal(due(LIMIT(120, DAYS), "emergency", "2011-08-01 12:00:00", 100), "2011-11-29 12:00:00");
	assert_string_equal(due(LIMIT(2, WORKING_DAYS), "office", "2011-11-04 12:00:00", 100), "2011-11-08 12:00:00");
	assert_string_equal(due(LIMIT(24, HOURS), "emergency", "2011-03-12 12:00:00", 100), "2011-03-13 13:00:00");
	assert_string_equal(due(LIMIT(24, HOURS), "emergency", "2011-11-05 12:00:00", 100), "2011-11-06 11:00:00");
	/* A time of day that does not exist on the day: an hour later. */
	assert_string_equal(due(LIMIT(1, DAYS), "emergency", "2011-03-12 02:30:00", 100), "2011-03-13 03:30:00");
}

static void working_units(void **state)
{
	(void)state;
	/* Friday before the Fourth of July; the Monday is a holiday. */
	assert_string_equal(due(LIMIT(2, WORKING_HOURS), "office", "2011-07-01 16:00:00", 100), "2011-07-05 09:30:00");
	assert_string_equal(due(LIMIT(1, WORKING_DAYS), "office", "2011-07-01 16:00:00", 100), "2011-07-05 16:00:00");
	assert_string_equal(due(LIMIT(1, WORKING_DAYS), "office", "2011-07-02 10:00:00", 100), "2011-07-05 10:00:00");
	assert_string_equal(due(LIMIT(0, WORKING_DAYS), "office", "2011-07-02 10:00:00", 100), "2011-07-02 10:00:00");
	assert_string_equal(due(LIMIT(5, WORKING_DAYS), "emergency", "2011-07-02 10:00:00", 100), "2011-07-07 10:00:00");
}

static void starts_at_the_next_opening(void **state)
{
	(void)state;
	struct limit limit = LIMIT(1, WORKING_DAYS, .start = LIMIT_NEXT_OPENING);
	assert_string_equal(due(limit, "office", "2011-07-01 10:00:00", 100), "2011-07-05 10:00:00");
	assert_string_equal(due(limit, "office", "2011-07-01 18:00:00", 100), "2011-07-06 08:30:00");
	assert_string_equal(due(limit, "office", "2011-07-06 07:00:00", 100), "2011-07-07 08:30:00");
	assert_string_equal(due(limit, "office", "2011-07-06 12:30:00", 100), "2011-07-07 13:00:00");
	assert_string_equal(due(LIMIT(3, HOURS, .start = LIMIT_NEXT_OPENING), "office", "2011-07-02 10:00:00", 100), "2011-07-05 11:30:00");
	assert_string_equal(due(LIMIT(2, DAYS, .start = LIMIT_NEXT_OPENING), "emergency", "2011-07-02 10:00:00", 100), "2011-07-04 10:00:00");
}

/* The city's own due times: the date counts, not the hour. All of them stand in its table of summer 2011, but for the holiday. */
static void starts_with_the_office_day(void **state)
{
	(void)state;
	struct limit limit = LIMIT(2, WORKING_DAYS, .start = LIMIT_OFFICE_DAY);
	assert_string_equal(due(limit, "office", "2011-07-12 18:43:40", 100), "2011-07-15 08:30:00"); /* after hours */
	assert_string_equal(due(limit, "office", "2011-08-09 11:45:31", 100), "2011-08-11 11:45:31");
	assert_string_equal(due(limit, "office", "2011-07-26 07:38:21", 100), "2011-07-28 07:38:21"); /* before hours: not shifted */
	assert_string_equal(due(limit, "office", "2011-08-13 10:41:19", 100), "2011-08-17 10:41:19"); /* a Saturday: as if on Monday */
	limit.amount = 10000;
	assert_string_equal(due(limit, "office", "2011-07-09 22:23:49", 100), "2011-07-26 08:30:00"); /* Saturday night: Monday night, so Tuesday */
	assert_string_equal(due(LIMIT(1, WORKING_DAYS, .start = LIMIT_OFFICE_DAY), "office", "2011-08-28 17:08:07", 100), "2011-08-31 08:30:00");
	assert_string_equal(due(LIMIT(1, WORKING_DAYS, .start = LIMIT_OFFICE_DAY), "office", "2011-07-01 18:00:00", 100), "2011-07-06 08:30:00"); /* over a holiday */
	assert_string_equal(due(LIMIT(1, WORKING_DAYS, .start = LIMIT_OFFICE_DAY), "emergency", "2011-07-02 23:00:00", 100), "2011-07-03 23:00:00");
}

static void rolls_to_the_next_working_day(void **state)
{
	(void)state;
	struct limit limit = LIMIT(7, DAYS, .roll = LIMIT_NEXT_WORKING_DAY);
	assert_string_equal(due(limit, "office", "2011-07-09 09:26:56", 100), "2011-07-18 09:26:56");
	assert_string_equal(due(limit, "office", "2011-07-08 09:26:56", 100), "2011-07-15 09:26:56");
	assert_string_equal(due(LIMIT(3, DAYS, .roll = LIMIT_NEXT_WORKING_DAY), "office", "2011-07-01 20:00:00", 100), "2011-07-05 20:00:00");
	assert_string_equal(due(limit, "emergency", "2011-07-09 09:26:56", 100), "2011-07-16 09:26:56");
}

static void percentages_count_in_the_limits_own_time(void **state)
{
	(void)state;
	assert_string_equal(due(LIMIT(10, HOURS), "emergency", "2011-07-01 10:00:00", 80), "2011-07-01 18:00:00");
	assert_string_equal(due(LIMIT(10, HOURS), "emergency", "2011-07-01 10:00:00", 150), "2011-07-02 01:00:00");
	/* 10 hours of 7.5 hours a day: 80 % is 8 hours. */
	assert_string_equal(due(LIMIT(10, WORKING_HOURS), "office", "2011-07-05 08:30:00", 100), "2011-07-06 11:00:00");
	assert_string_equal(due(LIMIT(10, WORKING_HOURS), "office", "2011-07-05 08:30:00", 80), "2011-07-06 09:00:00");
	assert_string_equal(due(LIMIT(10, WORKING_HOURS), "office", "2011-07-05 08:30:00", 0), "2011-07-05 08:30:00");
	/* One working day, Friday 10:00 to Tuesday 10:00: 7.5 hours counted, so 200 % is 7.5 hours later. */
	assert_string_equal(due(LIMIT(1, WORKING_DAYS), "office", "2011-07-01 10:00:00", 200), "2011-07-06 10:00:00");
	/* Nothing counts before the due time: the wall clock decides. */
	assert_string_equal(due(LIMIT(0, WORKING_DAYS, .roll = LIMIT_NEXT_WORKING_DAY), "office", "2011-07-02 06:00:00", 50), "2011-07-03 18:00:00");
}

static void beyond_the_calendar_is_never(void **state)
{
	(void)state;
	assert_string_equal(due(LIMIT(10, WORKING_DAYS), "office", "2100-12-30 10:00:00", 100), "never");
	assert_string_equal(due(LIMIT(10, DAYS), "office", "2100-12-30 10:00:00", 100), "never");
	assert_string_equal(due(LIMIT(10, WORKING_HOURS), "office", "2100-12-31 16:00:00", 100), "never");
	assert_string_equal(due(LIMIT(1, HOURS, .start = LIMIT_NEXT_OPENING), "office", "2100-12-31 18:00:00", 100), "never");
	assert_string_equal(due(LIMIT(1, DAYS), "office", "1999-12-30 10:00:00", 100), "never");
	assert_string_equal(due((struct limit){.amount = INT64_MAX, .unit = LIMIT_HOURS}, "office", "2011-07-01 10:00:00", 100), "never");
}

static struct buf told;

static void tell(void *context, int64_t from, int64_t to, bool counted)
{
	(void)context;
	buf_printf(&told, "%c%.11s-%.11s ", counted ? '+' : '-', town_local(policy, from) + 5, town_local(policy, to) + 5);
}

static void explain(struct limit limit, const char *calendar, const char *start, const char *to, const char *expected)
{
	buf_clear(&told);
	limit_intervals(&limit, town_calendar(policy, calendar), town_instant(policy, start), town_instant(policy, to), tell, NULL);
	buf_add(&told, "", 1);
	assert_string_equal(told.data, expected);
	buf_free(&told);
}

static void intervals_explain(void **state)
{
	(void)state;
	explain(LIMIT(2, WORKING_HOURS), "office", "2011-07-01 16:00:00", "2011-07-05 09:30:00", "+07-01 16:00-07-01 17:00 -07-01 17:00-07-05 08:30 +07-05 08:30-07-05 09:30 ");
	explain(LIMIT(1, WORKING_DAYS, .start = LIMIT_NEXT_OPENING), "office", "2011-07-05 20:00:00", "2011-07-06 14:00:00",
		"-07-05 20:00-07-06 08:30 +07-06 08:30-07-06 12:00 -07-06 12:00-07-06 13:00 +07-06 13:00-07-06 14:00 ");
	explain(LIMIT(3, HOURS), "emergency", "2011-07-05 20:00:00", "2011-07-05 23:00:00", "+07-05 20:00-07-05 23:00 ");
	explain(LIMIT(3, HOURS, .start = LIMIT_NEXT_OPENING), "office", "2011-07-05 20:00:00", "2011-07-06 11:30:00", "-07-05 20:00-07-06 08:30 +07-06 08:30-07-06 11:30 ");
	explain(LIMIT(3, HOURS), "office", "2011-07-05 20:00:00", "2011-07-05 20:00:00", "");
	explain(LIMIT(2, WORKING_HOURS), "office", "2011-07-02 08:00:00", "2011-07-02 10:00:00", "-07-02 08:00-07-02 10:00 ");
}

/* "Burst pipe: cordon in 3 hours, repair in 8, reinstate in 5 working days", all from the same start. */
static void stages_count_from_one_start(void **state)
{
	struct policy *staged = town_policy("clocks.yaml", "limits:\n"
							  "  - {name: 2-days, amount: 2, unit: days}\n"
							  "  - {name: 5-days, amount: 5, unit: working_days, calendar: office}\n"
							  "  - name: burst-pipe\n"
							  "    stages:\n"
							  "      - {name: cordon, amount: 3, unit: hours, calendar: always}\n"
							  "      - {name: repair, amount: 8, unit: hours}\n"
							  "      - {name: reinstate, amount: 5, unit: working_days, calendar: office}\n"
							  "clocks:\n  - {clock: triage, limit: 2-days}\n");
	const struct limit *limit = &staged->limits[policy_limit(staged, span_of("burst-pipe"))];
	int64_t start = town_instant(staged, "2011-07-01 23:00:00"), at = 0; /* a Friday */

	(void)state;
	assert_int_equal(limit->stage_count, 3);
	assert_true(span_is(limit->stages[1].name, "repair"));
	assert_int_equal(limit_stage_at(limit, 0, staged->calendars, start, &at), 0);
	assert_string_equal(town_local(staged, at), "2011-07-02 02:00:00");
	assert_int_equal(limit_stage_at(limit, 1, staged->calendars, start, &at), 0);
	assert_string_equal(town_local(staged, at), "2011-07-02 07:00:00");
	assert_int_equal(limit_stage_at(limit, 2, staged->calendars, start, &at), 0);
	assert_string_equal(town_local(staged, at), "2011-07-08 23:00:00");
	/* the limit itself is its last stage */
	int64_t due_at = 0;
	assert_int_equal(limit_at(limit, &staged->calendars[limit->calendar], start, 100, &due_at), 0);
	assert_int_equal(due_at, at);
	assert_int_equal(limit_stage_at(limit, 3, staged->calendars, start, &at), -1);
	policy_free(staged);
}

static const char *shift(struct limit limit, const char *calendar, const char *its_due, const char *from, const char *to)
{
	int64_t at = 0;

	if (limit_pause_shift(&limit, town_calendar(policy, calendar), town_instant(policy, its_due), town_instant(policy, from), town_instant(policy, to), &at))
		return "never";
	return town_local(policy, at);
}

static void a_pause_shifts_the_due_time(void **state)
{
	(void)state;
	/* Friday 16:00 to Tuesday 9:30 over a holiday: two hours count */
	assert_string_equal(shift(LIMIT(9, WORKING_HOURS), "office", "2011-07-06 10:00:00", "2011-07-01 16:00:00", "2011-07-05 09:30:00"), "2011-07-06 12:00:00");
	assert_string_equal(shift(LIMIT(9, WORKING_HOURS), "office", "2011-07-06 10:00:00", "2011-07-01 17:00:00", "2011-07-05 08:30:00"), "2011-07-06 10:00:00");
	assert_string_equal(shift(LIMIT(9, HOURS), "office", "2011-07-06 10:00:00", "2011-07-01 17:00:00", "2011-07-02 17:00:00"), "2011-07-07 10:00:00");
	assert_string_equal(shift(LIMIT(9, WORKING_HOURS), "emergency", "2011-07-06 10:00:00", "2011-07-01 17:00:00", "2011-07-02 17:00:00"), "2011-07-07 10:00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_units), cmocka_unit_test(days_keep_the_time_of_day_through_daylight_saving), cmocka_unit_test(working_units),
		cmocka_unit_test(starts_at_the_next_opening), cmocka_unit_test(starts_with_the_office_day), cmocka_unit_test(rolls_to_the_next_working_day),
		cmocka_unit_test(percentages_count_in_the_limits_own_time), cmocka_unit_test(beyond_the_calendar_is_never),
		cmocka_unit_test(intervals_explain), cmocka_unit_test(stages_count_from_one_start), cmocka_unit_test(a_pause_shifts_the_due_time),
	};

	return cmocka_run_group_tests(tests, town_open, town_close);
}
