/* Calendars as compiled: daylight saving in two zones, breaks, half days, leap day, holidays and make-up workdays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "town.h"

#define HOUR INT64_C(3600000)

static const char office[] = "calendars:\n"
			     "  - name: office\n"
			     "    week: {mon-fri: [\"09:00-12:00\", \"13:00-17:00\"]}\n"
			     "  - name: open\n"
			     "    week: {mon-sun: [\"00:00-24:00\"]}\n"
			     "  - name: night\n"
			     "    week: {mon-sun: [\"02:00-03:00\"]}\n"
			     "  - name: early\n"
			     "    week: {mon-sun: [\"00:00-06:00\"]}\n"
			     "  - {name: emergency, always: true}\n";

static int64_t counted(const struct policy *policy, const char *calendar, const char *from, const char *to)
{
	return calendar_counted(town_calendar(policy, calendar), town_instant(policy, from), town_instant(policy, to));
}

static const char *added(const struct policy *policy, const char *calendar, const char *from, int64_t ms)
{
	int64_t at = 0;

	assert_int_equal(calendar_add(town_calendar(policy, calendar), town_instant(policy, from), ms, &at), 0);
	return town_local(policy, at);
}

static void breaks_are_not_counted(void **state)
{
	struct policy *policy = town_calendars("America/New_York", office);

	(void)state;
	/* Friday 1 July 2011. */
	assert_int_equal(counted(policy, "office", "2011-07-01 00:00:00", "2011-07-02 00:00:00"), 7 * HOUR);
	assert_int_equal(counted(policy, "office", "2011-07-01 11:00:00", "2011-07-01 14:00:00"), 2 * HOUR);
	assert_int_equal(counted(policy, "office", "2011-07-01 12:00:00", "2011-07-01 13:00:00"), 0);
	assert_int_equal(counted(policy, "office", "2011-07-01 16:00:00", "2011-07-04 10:00:00"), 2 * HOUR);
	assert_int_equal(counted(policy, "office", "2011-07-04 10:00:00", "2011-07-01 16:00:00"), 0);
	assert_string_equal(added(policy, "office", "2011-07-01 11:00:00", HOUR), "2011-07-01 12:00:00");
	assert_string_equal(added(policy, "office", "2011-07-01 11:00:00", HOUR + 1000), "2011-07-01 13:00:01");
	assert_string_equal(added(policy, "office", "2011-07-01 16:30:00", HOUR), "2011-07-04 09:30:00");
	assert_string_equal(added(policy, "office", "2011-07-02 16:30:00", 0), "2011-07-02 16:30:00");
	assert_string_equal(added(policy, "emergency", "2011-07-02 16:30:00", 100 * HOUR), "2011-07-06 20:30:00");
	policy_free(policy);
}

static void opens_and_closes(void **state)
{
	struct policy *policy = town_calendars("America/New_York", office);
	const struct calendar *calendar = town_calendar(policy, "office");
	int64_t at = 0;

	(void)state;
	assert_int_equal(calendar_open(calendar, town_instant(policy, "2011-07-02 10:00:00"), &at), 0);
	assert_string_equal(town_local(policy, at), "2011-07-04 09:00:00");
	assert_int_equal(calendar_open(calendar, town_instant(policy, "2011-07-01 10:00:00"), &at), 0);
	assert_string_equal(town_local(policy, at), "2011-07-01 10:00:00");
	assert_int_equal(calendar_close(calendar, town_instant(policy, "2011-07-01 10:00:00"), &at), 0);
	assert_string_equal(town_local(policy, at), "2011-07-01 12:00:00");
	assert_int_equal(calendar_close(calendar, town_instant(policy, "2011-07-01 12:00:00"), &at), 0);
	assert_string_equal(town_local(policy, at), "2011-07-01 12:00:00");
	assert_true(calendar_counts(calendar, town_instant(policy, "2011-07-01 09:00:00")));
	assert_false(calendar_counts(calendar, town_instant(policy, "2011-07-01 12:00:00")));
	assert_false(calendar_counts(calendar, town_instant(policy, "2011-07-02 10:00:00")));
	assert_int_equal(calendar_close(town_calendar(policy, "emergency"), 0, &at), -1);
	policy_free(policy);
}

static void beyond_the_end_nothing_is_guessed(void **state)
{
	struct policy *policy = town_calendars("America/New_York", office);
	const struct calendar *calendar = town_calendar(policy, "office");
	int64_t late = town_instant(policy, "2100-12-31 20:00:00"), at = 77;

	(void)state;
	assert_int_equal(calendar_add(calendar, late, 1, &at), -1);
	assert_int_equal(calendar_open(calendar, late, &at), -1);
	assert_int_equal(calendar_add(calendar, 0, INT64_MAX, &at), -1);
	assert_int_equal(at, 77);
	assert_int_equal(calendar_counted(calendar, late, INT64_MAX), 0);
	assert_int_equal(calendar_counted(calendar, INT64_MIN / 2, town_instant(policy, "2000-01-03 10:00:00")), HOUR);
	assert_int_equal(calendar_open(calendar, 0, &at), 0);
	assert_string_equal(town_local(policy, at), "2000-01-03 09:00:00");
	policy_free(policy);
}

static void daylight_saving(const char *zone, const char *spring, const char *autumn)
{
	struct policy *policy = town_calendars(zone, office);
	char from[32], to[32];

	for (int change = 0; change < 2; change++) {
		const char *date = change ? autumn : spring;
		snprintf(from, sizeof from, "%s 00:00:00", date);
		snprintf(to, sizeof to, "%s 24:00:00", date);
		assert_int_equal(counted(policy, "open", from, to), (change ? 25 : 23) * HOUR);
		assert_int_equal(counted(policy, "early", from, to), (change ? 7 : 5) * HOUR);
		assert_int_equal(counted(policy, "emergency", from, to), (change ? 25 : 23) * HOUR);
	}
	/* Days of the week keep their seven hours through both. */
	for (int week = 0; week < 52 * 7; week += 7) {
		int64_t monday = (date_of(2026, 1, 5) + week) * ZONE_DAY_MS;
		assert_int_equal(calendar_counted(town_calendar(policy, "office"), zone_instant(policy->time_zone, monday), zone_instant(policy->time_zone, monday + 7 * ZONE_DAY_MS)),
			35 * HOUR);
	}
	policy_free(policy);
}

static void daylight_saving_in_two_zones(void **state)
{
	(void)state;
	daylight_saving("America/New_York", "2011-03-13", "2011-11-06");
	daylight_saving("Europe/Berlin", "2026-03-29", "2026-10-25");
	struct policy *policy = town_calendars("America/New_York", office);
	/* 02:00 to 03:00 does not exist on the day the clocks go forward; on the day they go back it comes after the doubled hour. */
	assert_int_equal(counted(policy, "night", "2011-03-13 00:00:00", "2011-03-14 00:00:00"), 0);
	assert_int_equal(counted(policy, "night", "2011-11-06 00:00:00", "2011-11-07 00:00:00"), HOUR);
	assert_string_equal(added(policy, "open", "2011-03-12 23:00:00", 4 * HOUR), "2011-03-13 04:00:00");
	assert_string_equal(added(policy, "open", "2011-11-05 23:00:00", 4 * HOUR), "2011-11-06 02:00:00");
	policy_free(policy);
}

static void half_days_and_leap_day(void **state)
{
	struct policy *policy = town_calendars("Europe/Berlin",
		"calendars:\n"
		"  - name: office\n"
		"    week: {mon-thu: [\"08:00-16:00\"], fri: \"08:00-12:00\", sun: []}\n"
		"    holidays: [{date: 2024-12-25, name: Christmas}, 2024-12-26, 2024-12-28..2024-12-31, {from: 2025-01-01, to: 2025-01-02}]\n"
		"    workdays: [{date: 2024-12-24, hours: [\"08:00-12:00\"]}, {date: 2024-12-21, like: fri, name: made up}, 2024-12-28]\n");

	(void)state;
	assert_int_equal(counted(policy, "office", "2024-02-29 00:00:00", "2024-03-01 00:00:00"), 8 * HOUR); /* a Thursday */
	assert_string_equal(added(policy, "office", "2024-02-28 15:00:00", 2 * HOUR), "2024-02-29 09:00:00");
	assert_string_equal(added(policy, "office", "2023-02-28 15:00:00", 2 * HOUR), "2023-03-01 09:00:00");
	assert_int_equal(counted(policy, "office", "2024-03-01 00:00:00", "2024-03-02 00:00:00"), 4 * HOUR); /* a Friday */
	assert_int_equal(counted(policy, "office", "2024-12-24 00:00:00", "2024-12-25 00:00:00"), 4 * HOUR);
	assert_int_equal(counted(policy, "office", "2024-12-25 00:00:00", "2024-12-28 00:00:00"), 4 * HOUR); /* Friday the 27th */
	assert_int_equal(counted(policy, "office", "2024-12-21 00:00:00", "2024-12-22 00:00:00"), 4 * HOUR);
	assert_int_equal(counted(policy, "office", "2024-12-28 00:00:00", "2025-01-03 00:00:00"), 8 * HOUR); /* a workday wins over a holiday; Monday's hours */
	policy_free(policy);
}

static void intervals_grow_together_over_midnight(void **state)
{
	struct policy *policy = town_calendars("America/New_York", office);
	const struct calendar *calendar = town_calendar(policy, "open");

	(void)state;
	assert_int_equal(calendar->interval_count, 1);
	assert_int_equal(calendar->day_count, 36890);
	assert_string_equal(town_local(policy, calendar->days[0].midnight), "2000-01-01 00:00:00");
	assert_string_equal(town_local(policy, calendar->days[36889].midnight), "2100-12-31 00:00:00");
	calendar = town_calendar(policy, "office");
	for (size_t i = 1; i < calendar->interval_count; i++) {
		const struct calendar_interval *before = &calendar->intervals[i - 1], *now = &calendar->intervals[i];
		assert_true(before->to < now->from);
		assert_true(now->from < now->to);
		assert_int_equal(now->before, before->before + before->to - before->from);
	}
	policy_free(policy);
}

static char *file_text(int year)
{
	char path[512];
	struct buf text = {0};
	char piece[4096];
	size_t got;

	snprintf(path, sizeof path, HOLIDAY_DIR "/%d.json", year);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while ((got = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(&text, piece, got);
	fclose(file);
	buf_add(&text, "", 1);
	return text.data;
}

/* The published days of one kind, as a YAML list; the file is regular enough to be read by its marks. */
static size_t published_days(struct buf *yaml, bool off)
{
	size_t count = 0;

	for (int year = 2023; year <= 2026; year++) {
		char *text = file_text(year);
		for (const char *at = strstr(text, "\"date\": \""); at; at = strstr(at + 1, "\"date\": \"")) {
			const char *is_off = strstr(at, "\"isOffDay\": ");
			assert_non_null(is_off);
			if ((strncmp(is_off + 12, "true", 4) == 0) != off)
				continue;
			buf_printf(yaml, "%s%.10s", count++ ? ", " : "", at + 9);
		}
		free(text);
	}
	return count;
}

/* Every published day is as published, every other day follows the week. */
static void days_agree(const struct calendar *calendar, struct span off, struct span on)
{
	for (int64_t date = date_of(2023, 1, 1); date < date_of(2026, 12, 31); date++) {
		bool working = date_weekday(date) < 5;
		for (size_t at = 0; at + 10 <= off.len; at += 12) {
			int64_t year = strtol(off.data + at, NULL, 10), month = strtol(off.data + at + 5, NULL, 10), day = strtol(off.data + at + 8, NULL, 10);
			if (date == date_of(year, month, day))
				working = false;
		}
		for (size_t at = 0; at + 10 <= on.len; at += 12) {
			int64_t year = strtol(on.data + at, NULL, 10), month = strtol(on.data + at + 5, NULL, 10), day = strtol(on.data + at + 8, NULL, 10);
			if (date == date_of(year, month, day))
				working = true;
		}
		assert_int_equal(calendar->days[date - CALENDAR_FIRST_DATE].working, working);
	}
}

static void published_holidays_of_china(void **state)
{
	struct buf off = {0}, on = {0}, yaml = {0};

	(void)state;
	assert_true(published_days(&off, true) > 80);
	assert_true(published_days(&on, false) > 15);
	buf_printf(&yaml, "calendars:\n  - name: office\n    week: {mon-fri: [\"09:00-12:00\", \"13:00-17:00\"]}\n    holidays: [%.*s]\n    workdays: [%.*s]\n",
		(int)off.len, off.data, (int)on.len, on.data);
	buf_add(&yaml, "", 1);
	struct policy *policy = town_calendars("Asia/Shanghai", yaml.data);
	const struct calendar *calendar = town_calendar(policy, "office");
	days_agree(calendar, buf_span(&off), buf_span(&on));
	/* Spring festival 2024: 10 to 17 February off, Sundays 4 and 18 February worked. */
	assert_string_equal(added(policy, "office", "2024-02-09 16:00:00", 2 * HOUR), "2024-02-18 10:00:00");
	assert_int_equal(counted(policy, "office", "2024-02-04 00:00:00", "2024-02-05 00:00:00"), 7 * HOUR);
	assert_int_equal(counted(policy, "office", "2024-02-10 00:00:00", "2024-02-18 00:00:00"), 0);
	policy_free(policy);
	buf_free(&off);
	buf_free(&on);
	buf_free(&yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaks_are_not_counted), cmocka_unit_test(opens_and_closes), cmocka_unit_test(beyond_the_end_nothing_is_guessed),
		cmocka_unit_test(daylight_saving_in_two_zones), cmocka_unit_test(half_days_and_leap_day),
		cmocka_unit_test(intervals_grow_together_over_midnight), cmocka_unit_test(published_holidays_of_china),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
