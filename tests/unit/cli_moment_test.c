/* Times and durations as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/moment.h"

static int64_t read_in(const char *text, const char *zone)
{
	int64_t ms;

	assert_true(moment_read(span_of(text), zone, &ms));
	return ms;
}

static void assert_written(int64_t ms, const char *zone, const char *wanted)
{
	char text[MOMENT_TEXT];

	moment_write(ms, zone, text);
	assert_string_equal(text, wanted);
}

static void test_iso_in_a_zone_and_with_offsets(void **state)
{
	(void)state;
	assert_int_equal(read_in("2011-07-01T01:32:33", "America/New_York"), INT64_C(1309498353000));
	assert_int_equal(read_in("2011-07-01 01:32:33.5-04:00", "Asia/Taipei"), INT64_C(1309498353500));
	assert_int_equal(read_in("2011-07-01T05:32:33Z", "Asia/Taipei"), INT64_C(1309498353000));
	assert_int_equal(read_in("2011-07-01", "UTC"), INT64_C(1309478400000));
	assert_int_equal(read_in("2011-07-01 08:30", "Asia/Shanghai"), INT64_C(1309480200000));
	assert_int_equal(read_in("1969-12-31T23:59:59.999Z", NULL), -1);
}

static void test_what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = {"", "yesterday", "2011-13-01", "2011-02-29", "2011-07-01T", "2011-07-01T25:00", "2011-07-01T01:00+99:00",
		"2011-07-01T01:00:00 noon", "-2", "2011-07-01T01:00Zz"};
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (moment_read(span_of(wrong[i]), "UTC", &ms))
			fail_msg("%s was read as a time", wrong[i]);
	assert_int_equal(ms, 7);
}

static void test_written_is_read_back(void **state)
{
	static const char *const zones[] = {"UTC", "America/New_York", "Asia/Taipei", "Australia/Lord_Howe", "America/St_Johns"};
	char text[MOMENT_TEXT];

	(void)state;
	for (size_t z = 0; z < 5; z++) {
		for (int64_t ms = INT64_C(-86400000000); ms < INT64_C(1800000000000); ms += INT64_C(7919113331)) {
			moment_write(ms, zones[z], text);
			assert_int_equal(read_in(text, zones[(z + 1) % 5]), ms);
		}
	}
}

static void test_offsets_follow_daylight_saving(void **state)
{
	(void)state;
	assert_written(INT64_C(1320559199000), "America/New_York", "2011-11-06T01:59:59-04:00");
	assert_written(INT64_C(1320559200000), "America/New_York", "2011-11-06T01:00:00-05:00");
	assert_written(INT64_C(1320559200250), "UTC", "2011-11-06T06:00:00.250Z");
	assert_written(INT64_C(1320559200000), "America/St_Johns", "2011-11-06T02:30:00-03:30");
}

static void test_formats(void **state)
{
	int64_t ms;

	(void)state;
	assert_true(moment_scan("2011-07-01 01:32:33", "%Y-%m-%d %H:%M:%S", "America/New_York", &ms));
	assert_int_equal(ms, INT64_C(1309498353000));
	assert_true(moment_scan("2015-04-15 00:02:00.0", "%Y-%m-%d %H:%M:%S", "Asia/Taipei", &ms));
	assert_int_equal(ms, INT64_C(1429027320000));
	assert_false(moment_scan("2015-04-15 00:02", "%Y-%m-%d %H:%M:%S", "Asia/Taipei", &ms));
	assert_false(moment_scan("2015-04-31 00:02:00", "%Y-%m-%d %H:%M:%S", "Asia/Taipei", &ms));
	assert_false(moment_scan("2015-04-15 00:02:00 x", "%Y-%m-%d %H:%M:%S", "Asia/Taipei", &ms));
}

static void test_zones(void **state)
{
	(void)state;
	assert_true(moment_zone_known("Asia/Shanghai"));
	assert_true(moment_zone_known("UTC"));
	assert_false(moment_zone_known("Mars/Olympus"));
	assert_false(moment_zone_known("../../etc/passwd"));
	assert_false(moment_zone_known(""));
}

static void test_durations(void **state)
{
	char text[DURATION_TEXT];
	int64_t ms;

	(void)state;
	assert_true(moment_duration_read(span_of("1h30m"), &ms));
	assert_int_equal(ms, 5400000);
	assert_true(moment_duration_read(span_of("2w"), &ms));
	assert_int_equal(ms, INT64_C(1209600000));
	assert_true(moment_duration_read(span_of("250ms"), &ms));
	assert_int_equal(ms, 250);
	assert_false(moment_duration_read(span_of("90"), &ms));
	assert_false(moment_duration_read(span_of("h"), &ms));
	assert_false(moment_duration_read(span_of("3 d"), &ms));
	duration_write(INT64_C(90061000), text);
	assert_string_equal(text, "1d 01:01:01");
	duration_write(-61000, text);
	assert_string_equal(text, "-00:01:01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iso_in_a_zone_and_with_offsets), cmocka_unit_test(test_what_is_no_time_is_refused),
		cmocka_unit_test(test_written_is_read_back), cmocka_unit_test(test_offsets_follow_daylight_saving), cmocka_unit_test(test_formats),
		cmocka_unit_test(test_zones), cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
