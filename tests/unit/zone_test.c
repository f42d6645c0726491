/* Zones from the machine: changes at the right second, local time in both directions, TZ left as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "policy/words.h"
#include "policy/zone.h"

static int64_t local_of(const char *text)
{
	int64_t local = 0;

	assert_true(local_time_read(span_of(text), &local));
	return local;
}

static struct zone *load(struct arena *arena, const char *name)
{
	char error[256] = "";
	struct zone *zone = zone_load(span_of(name), arena, error, sizeof error);

	if (!zone)
		fail_msg("%s: %s", name, error);
	return zone;
}

static void changes_come_at_their_second(void **state)
{
	struct arena *arena = arena_new();
	const struct zone *zone = load(arena, "America/New_York");

	(void)state;
	/* 2011: EST to EDT on 13 March 07:00 UTC, back on 6 November 06:00 UTC. */
	assert_int_equal(zone_offset(zone, local_of("2011-03-13 07:00:00") - 1), -5 * 3600000);
	assert_int_equal(zone_offset(zone, local_of("2011-03-13 07:00:00")), -4 * 3600000);
	assert_int_equal(zone_offset(zone, local_of("2011-11-06 06:00:00") - 1), -4 * 3600000);
	assert_int_equal(zone_offset(zone, local_of("2011-11-06 06:00:00")), -5 * 3600000);
	assert_int_equal(zone_offset(zone, local_of("2100-07-01 00:00:00")), -4 * 3600000);
	const struct zone *berlin = load(arena, "Europe/Berlin");
	assert_int_equal(zone_offset(berlin, local_of("2026-03-29 01:00:00") - 1), 3600000);
	assert_int_equal(zone_offset(berlin, local_of("2026-03-29 01:00:00")), 2 * 3600000);
	const struct zone *jinan = load(arena, "Asia/Shanghai");
	assert_int_equal(jinan->shift_count, 1);
	assert_int_equal(zone_offset(jinan, 0), 8 * 3600000);
	arena_free(arena);
}

static void skipped_and_doubled_times(void **state)
{
	struct arena *arena = arena_new();
	const struct zone *zone = load(arena, "America/New_York");

	(void)state;
	/* 02:30 does not exist on 13 March 2011: it is 03:30 EDT. */
	assert_int_equal(zone_instant(zone, local_of("2011-03-13 02:30:00")), local_of("2011-03-13 07:30:00"));
	assert_int_equal(zone_instant(zone, local_of("2011-03-13 03:00:00")), local_of("2011-03-13 07:00:00"));
	assert_int_equal(zone_instant(zone, local_of("2011-03-13 01:59:59")), local_of("2011-03-13 06:59:59"));
	/* 01:30 comes twice on 6 November 2011: the first, EDT. */
	assert_int_equal(zone_instant(zone, local_of("2011-11-06 01:30:00")), local_of("2011-11-06 05:30:00"));
	assert_int_equal(zone_instant(zone, local_of("2011-11-06 02:00:00")), local_of("2011-11-06 07:00:00"));
	assert_int_equal(zone_instant(NULL, 12345), 12345);
	arena_free(arena);
}

static void local_time_goes_there_and_back(void **state)
{
	static const char *const names[] = {"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "UTC"};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct zone *zone = load(arena, names[i]);
		for (int64_t at = local_of("2000-01-01 00:00:00"); at < local_of("2040-01-01 00:00:00"); at += 35 * 60000) {
			int64_t back = zone_instant(zone, zone_local(zone, at));
			assert_true(back <= at); /* the first of a doubled time */
			assert_int_equal(zone_local(zone, back), zone_local(zone, at));
		}
	}
	arena_free(arena);
}

static void unknown_zones_are_refused(void **state)
{
	static const char *const names[] = {"", "America/New_Yrok", "/etc/passwd", "../../etc/passwd", "America", "EST5EDT,M3.2.0,M11.1.0", "zone.tab", "New York"};
	struct arena *arena = arena_new();
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		error[0] = 0;
		assert_null(zone_load(span_of(names[i]), arena, error, sizeof error));
		assert_non_null(strstr(error, "IANA"));
	}
	arena_free(arena);
}

static void tz_is_left_as_it_was(void **state)
{
	struct arena *arena = arena_new();
	time_t noon = 1300000000;
	struct tm before, after;

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	localtime_r(&noon, &before);
	load(arena, "Europe/Berlin");
	localtime_r(&noon, &after);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	assert_int_equal(before.tm_gmtoff, after.tm_gmtoff);
	unsetenv("TZ");
	load(arena, "Europe/Berlin");
	assert_null(getenv("TZ"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_come_at_their_second), cmocka_unit_test(skipped_and_doubled_times),
		cmocka_unit_test(local_time_goes_there_and_back), cmocka_unit_test(unknown_zones_are_refused), cmocka_unit_test(tz_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
