/* Properties that hold for every calendar, over random ones with a fixed seed, and against counting minute by minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "town.h"

#define CALENDARS 24
#define TRIALS 400
#define MINUTE INT64_C(60000)

static uint64_t seed;

/* xorshift64*: the same numbers on every machine. */
static int64_t chance(int64_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (int64_t)(seed * UINT64_C(2685821657736338717) >> 33) % below;
}

/* Some hours in order, from 04:00 on: a minute-by-minute count sees a doubled hour twice, an interval's end only once. */
static void hours_write(struct buf *yaml)
{
	int64_t at = 4 * 60, count = 0;

	buf_add_text(yaml, "[");
	while (count < 4 && chance(4)) {
		int64_t from = at + chance(180), to = from + 1 + chance(300);
		if (to > 24 * 60)
			break;
		buf_printf(yaml, "%s\"%02d:%02d-%02d:%02d\"", count++ ? ", " : "", (int)(from / 60), (int)(from % 60), (int)(to / 60), (int)(to % 60));
		at = to;
	}
	buf_add_text(yaml, "]");
}

static void dates_write(struct buf *yaml, bool with_hours)
{
	for (int64_t i = 0, count = chance(12); i < count; i++) {
		buf_printf(yaml, "%s", i ? ", " : "");
		if (!with_hours) {
			buf_printf(yaml, "2026-%02d-%02d", 1 + (int)chance(12), 1 + (int)chance(28));
			continue;
		}
		buf_printf(yaml, "{date: 2026-%02d-%02d, hours: ", 1 + (int)chance(12), 1 + (int)chance(28));
		hours_write(yaml);
		buf_add_text(yaml, "}");
	}
}

static struct policy *random_policy(const char *zone)
{
	static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	struct buf yaml = {0};

	buf_add_text(&yaml, "calendars:\n  - name: it\n    week:\n      wed: [\"10:00-11:00\"]\n");
	for (int day = 0; day < 7; day++) {
		if (day == 2)
			continue;
		buf_printf(&yaml, "      %s: ", days[day]);
		hours_write(&yaml);
		buf_add_text(&yaml, "\n");
	}
	buf_add_text(&yaml, "    holidays: [");
	dates_write(&yaml, false);
	buf_add_text(&yaml, "]\n    workdays: [");
	dates_write(&yaml, true);
	buf_add(&yaml, "]\n", 3);
	struct policy *policy = town_calendars(zone, yaml.data);
	buf_free(&yaml);
	return policy;
}

static int64_t add(const struct calendar *calendar, int64_t from, int64_t ms)
{
	int64_t at = 0;

	assert_int_equal(calendar_add(calendar, from, ms, &at), 0);
	return at;
}

static void addition_holds(const struct calendar *calendar, int64_t start)
{
	int64_t a = chance(200 * 60) * MINUTE + chance(60000), b = chance(200 * 60) * MINUTE + chance(60000), later = start + chance(30 * 1440) * MINUTE;

	assert_int_equal(add(calendar, start, 0), start);
	int64_t at = add(calendar, start, a);
	assert_true(at >= start);
	assert_int_equal(calendar_counted(calendar, start, at), a);
	assert_int_equal(add(calendar, at, b), add(calendar, start, a + b));
	assert_true(add(calendar, start, a + b) >= at);
	assert_true(add(calendar, later, a) >= at || a == 0);
	if (a > 0) /* the earliest instant: a moment before, it was not yet counted */
		assert_true(calendar_counted(calendar, start, at - 1) < a);
	/* What lies outside counted time changes nothing. */
	int64_t closed = 0, open = 0;
	if (calendar_close(calendar, at, &closed) == 0 && calendar_open(calendar, closed, &open) == 0 && b > 0)
		assert_int_equal(add(calendar, closed, b), add(calendar, open, b));
}

static void counting_holds(const struct calendar *calendar, int64_t start)
{
	int64_t first = start + chance(10000) * MINUTE, second = first + chance(10000) * MINUTE, open = 0;

	assert_int_equal(calendar_counted(calendar, start, second), calendar_counted(calendar, start, first) + calendar_counted(calendar, first, second));
	assert_true(calendar_counted(calendar, start, second) <= second - start);
	assert_int_equal(calendar_open(calendar, start, &open), 0);
	assert_true(calendar_counts(calendar, open));
	assert_int_equal(calendar_counted(calendar, start, open), 0);
	assert_int_equal(calendar_counts(calendar, start), open == start);
}

static void sums_equal_minutes(const struct calendar *calendar, int64_t start)
{
	int64_t minutes = 0, at = start;

	for (; at < start + 4 * ZONE_DAY_MS; at += MINUTE)
		minutes += calendar_counts(calendar, at);
	assert_int_equal(calendar_counted(calendar, start, at), minutes * MINUTE);
}

static void properties_hold(void **state)
{
	static const char *const zones[] = {"America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe"};

	(void)state;
	seed = 20260301;
	for (int i = 0; i < CALENDARS; i++) {
		struct policy *policy = random_policy(zones[i % 4]);
		const struct calendar *calendar = town_calendar(policy, "it");
		for (int trial = 0; trial < TRIALS; trial++) {
			int64_t start = date_of(2026, 1, 1) * ZONE_DAY_MS + chance(365 * 1440) * MINUTE;
			addition_holds(calendar, start);
			counting_holds(calendar, start);
			if (trial % 50 == 0)
				sums_equal_minutes(calendar, start);
		}
		policy_free(policy);
	}
}

static void note(void *context, int64_t from, int64_t to, bool counted)
{
	int64_t *sums = context; /* end so far, counted */

	assert_int_equal(from, sums[0]);
	assert_true(from < to);
	sums[0] = to;
	sums[1] += counted ? to - from : 0;
}

static struct limit random_limit(void)
{
	return (struct limit){
		.amount = chance(30) * 1000, .unit = (enum limit_unit)chance(5), .start = (enum limit_start)chance(3), .roll = (enum limit_roll)chance(2),
	};
}

static void limits_never_fall(void **state)
{
	(void)state;
	seed = 20110701;
	for (int i = 0; i < CALENDARS; i++) {
		struct policy *policy = random_policy(i % 2 ? "America/New_York" : "Europe/Berlin");
		const struct calendar *calendar = town_calendar(policy, "it");
		for (int trial = 0; trial < TRIALS; trial++) {
			struct limit limit = random_limit();
			int64_t start = date_of(2026, 1, 1) * ZONE_DAY_MS + chance(365 * 1440) * MINUTE, begin = 0, due = 0, before = 0;
			assert_int_equal(limit_begin(&limit, calendar, start, &begin), 0);
			assert_true(begin >= start);
			before = begin;
			for (int percent = 0; percent <= 400; percent += 20) {
				int64_t at = 0;
				assert_int_equal(limit_at(&limit, calendar, start, percent, &at), 0);
				assert_true(at >= before);
				before = at;
				due = percent == 100 ? at : due;
			}
			int64_t sums[2] = {start, 0};
			limit_intervals(&limit, calendar, start, due, note, sums);
			assert_int_equal(sums[0], due);
			bool works = limit.unit == LIMIT_WORKING_HOURS || limit.unit == LIMIT_WORKING_DAYS;
			assert_int_equal(sums[1], works ? calendar_counted(calendar, begin, due) : due - begin);
		}
		policy_free(policy);
	}
}

static int64_t shifted(const struct limit *limit, const struct calendar *calendar, int64_t due, int64_t from, int64_t to)
{
	int64_t at = 0;

	assert_int_equal(limit_pause_shift(limit, calendar, due, from, to, &at), 0);
	return at;
}

static void pauses_of_a_limit(const struct limit *limit, const struct calendar *calendar, int64_t start)
{
	bool works = limit->unit == LIMIT_WORKING_HOURS || limit->unit == LIMIT_WORKING_DAYS;
	int64_t due = start, from = start + chance(3000) * MINUTE, middle = from + chance(3000) * MINUTE, to = middle + chance(3000) * MINUTE;
	int64_t closed = 0, open = 0;

	assert_int_equal(limit_at(limit, calendar, start, 100, &due), 0);
	int64_t later = shifted(limit, calendar, due, from, to);
	/* no pause, none; a longer one never brings the due time nearer; what would have counted is added */
	assert_int_equal(shifted(limit, calendar, due, from, from), due);
	assert_int_equal(shifted(limit, calendar, due, to, from), due);
	assert_true(later >= shifted(limit, calendar, due, from, middle));
	assert_true(shifted(limit, calendar, due, from, middle) >= due);
	if (works)
		assert_int_equal(calendar_counted(calendar, due, later), calendar_counted(calendar, from, to));
	else
		assert_int_equal(later - due, to - from);
	/* two pauses in a row are one */
	assert_int_equal(shifted(limit, calendar, shifted(limit, calendar, due, from, middle), middle, to), later);
	/* pausing when the office closes and going on when it opens changes nothing */
	if (works && calendar_close(calendar, from, &closed) == 0 && calendar_open(calendar, closed, &open) == 0)
		assert_int_equal(shifted(limit, calendar, due, closed, open), due);
}

static void pauses_shift_by_what_counts(void **state)
{
	(void)state;
	seed = 20260704;
	for (int i = 0; i < CALENDARS; i++) {
		struct policy *policy = random_policy(i % 2 ? "America/New_York" : "Asia/Shanghai");
		for (int trial = 0; trial < TRIALS; trial++) {
			struct limit limit = random_limit();
			pauses_of_a_limit(&limit, town_calendar(policy, "it"), date_of(2026, 1, 1) * ZONE_DAY_MS + chance(365 * 1440) * MINUTE);
		}
		policy_free(policy);
	}
}

/* Limits that end at one instant end there in whatever order they are asked, and asked again the same. */
static void equal_instants_stay_equal(void **state)
{
	(void)state;
	seed = 20261111;
	struct policy *policy = random_policy("Europe/Berlin");
	const struct calendar *calendar = town_calendar(policy, "it");
	for (int trial = 0; trial < TRIALS; trial++) {
		struct limit limits[2] = {random_limit()};
		int64_t start = date_of(2026, 1, 1) * ZONE_DAY_MS + chance(365 * 1440) * MINUTE, at[4] = {0};
		limits[1] = limits[0];
		for (int i = 0; i < 4; i++)
			assert_int_equal(limit_at(&limits[i % 2], calendar, start, 100, &at[i]), 0);
		assert_true(at[0] == at[1] && at[1] == at[2] && at[2] == at[3]);
	}
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties_hold), cmocka_unit_test(limits_never_fall), cmocka_unit_test(pauses_shift_by_what_counts), cmocka_unit_test(equal_instants_stay_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
