/* Small texts of a policy: what is read, and above all what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/zone.h"
#include "policy/words.h"

static int64_t duration(const char *text)
{
	int64_t ms = -1;

	return duration_read(span_of(text), &ms) ? ms : -1;
}

static void durations_are_words(void **state)
{
	(void)state;
	assert_int_equal(duration("30 minutes"), 1800000);
	assert_int_equal(duration("1 minute"), 60000);
	assert_int_equal(duration("1.5 hours"), 5400000);
	assert_int_equal(duration("14 days"), 14 * ZONE_DAY_MS);
	assert_int_equal(duration("2weeks"), 14 * ZONE_DAY_MS);
	assert_int_equal(duration(" 250 ms "), 250);
	assert_int_equal(duration("0 days"), 0);
	static const char *const wrong[] = {"", "30", "minutes", "-1 hour", "1,5 hours", "1.2345 hours", "0.5 ms", "3 moons", "1 hour 2 minutes", "9999999999999 days", "1. hours"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(duration(wrong[i]), -1);
}

static void dates_exist(void **state)
{
	int64_t date = 0;

	(void)state;
	assert_true(date_read(span_of("2024-02-29"), &date));
	assert_int_equal(date, 19782);
	assert_false(date_read(span_of("2023-02-29"), &date));
	assert_false(date_read(span_of("2100-02-29"), &date));
	assert_true(date_read(span_of("2000-02-29"), &date));
	assert_false(date_read(span_of("2024-13-01"), &date));
	assert_false(date_read(span_of("2024-00-10"), &date));
	assert_false(date_read(span_of("2024-1-1"), &date));
	assert_false(date_read(span_of("2024-01-01x"), &date));
	assert_int_equal(date_of(1970, 1, 1), 0);
	assert_int_equal(date_of(1969, 12, 31), -1);
	assert_int_equal(date_weekday(date_of(2026, 3, 2)), 0);
	assert_int_equal(date_weekday(date_of(1969, 12, 31)), 2);
}

static void hours_lie_within_a_day(void **state)
{
	int64_t from = -1, to = -1;

	(void)state;
	assert_true(hours_read(span_of("9:00 - 12:30"), &from, &to));
	assert_int_equal(from, 9 * 3600000);
	assert_int_equal(to, 12 * 3600000 + 1800000);
	assert_true(hours_read(span_of("00:00-24:00"), &from, &to));
	assert_int_equal(to, ZONE_DAY_MS);
	assert_false(hours_read(span_of("22:00-06:00"), &from, &to));
	assert_false(hours_read(span_of("09:00-09:00"), &from, &to));
	assert_false(hours_read(span_of("09:00-24:01"), &from, &to));
	assert_false(hours_read(span_of("09:60-10:00"), &from, &to));
	assert_false(hours_read(span_of("0900-1000"), &from, &to));
}

static void numbers_and_measures(void **state)
{
	int64_t value = -1;
	double degrees = 0;

	(void)state;
	assert_true(percent_read(span_of("80 %"), &value));
	assert_int_equal(value, 80);
	assert_true(percent_read(span_of("80"), &value));
	assert_false(percent_read(span_of("80.5 %"), &value));
	assert_true(distance_read(span_of("1.2 km"), &value));
	assert_int_equal(value, 1200);
	assert_false(distance_read(span_of("150"), &value));
	assert_true(thousandths_read(span_of("1.25"), &value));
	assert_int_equal(value, 1250);
	assert_false(number_read(span_of("1e3"), &value));
	assert_true(degrees_read(span_of("-71.0589"), 180, &degrees));
	assert_true(degrees < -71.0588 && degrees > -71.0590);
	assert_false(degrees_read(span_of("91"), 90, &degrees));
	assert_false(degrees_read(span_of("42."), 90, &degrees));
	assert_false(degrees_read(span_of("4x"), 90, &degrees));
}

static void local_times(void **state)
{
	int64_t local = 0;

	(void)state;
	assert_true(local_time_read(span_of("2011-07-01 01:32:33"), &local));
	assert_int_equal(local, INT64_C(1309483953000));
	assert_true(local_time_read(span_of("2011-07-01T01:32"), &local));
	assert_int_equal(local, INT64_C(1309483920000));
	assert_false(local_time_read(span_of("2011-07-01"), &local));
	assert_false(local_time_read(span_of("2011-07-01 01:32:60"), &local));
}

static void utf8_is_checked(void **state)
{
	(void)state;
	assert_int_equal(utf8_flaw(span_of("济南 café \xf0\x9f\x9a\xb0")), -1);
	assert_int_equal(utf8_flaw(span_of("ab\xff")), 2);
	assert_int_equal(utf8_flaw(span_of("\xc0\xaf")), 0);         /* overlong */
	assert_int_equal(utf8_flaw(span_of("a\xed\xa0\x80")), 1);     /* surrogate */
	assert_int_equal(utf8_flaw(span_of("\xf4\x90\x80\x80")), 0);  /* beyond U+10FFFF */
	assert_int_equal(utf8_flaw(span_of("a\xe6\xb5")), 1);          /* cut off */
}

static size_t distance(const char *a, const char *b)
{
	return words_distance(span_of(a), span_of(b), 5);
}

static void distance_counts_letters(void **state)
{
	(void)state;
	assert_int_equal(distance("area", "area"), 0);
	assert_int_equal(distance("area", "areas"), 1);
	assert_int_equal(distance("urgnecy", "urgency"), 1);
	assert_int_equal(distance("pothole", "pothoel"), 1);
	assert_int_equal(distance("kitten", "sitting"), 3);
	assert_int_equal(distance("a", "completely"), 6);
}

/* "路灯" is three bytes a character. */
static void quotes_end_with_whole_characters(void **state)
{
	(void)state;
	assert_int_equal(span_cut(span_of("lamp"), 4).len, 4);
	assert_int_equal(span_cut(span_of("lamp"), 3).len, 3);
	assert_int_equal(span_cut(span_of("路灯"), 6).len, 6);
	assert_int_equal(span_cut(span_of("路灯"), 5).len, 3);
	assert_int_equal(span_cut(span_of("路灯"), 3).len, 3);
	assert_int_equal(span_cut(span_of("路灯"), 2).len, 0);
	assert_int_equal(span_cut((struct span){NULL, 0}, 2).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_words), cmocka_unit_test(dates_exist), cmocka_unit_test(hours_lie_within_a_day),
		cmocka_unit_test(numbers_and_measures), cmocka_unit_test(local_times), cmocka_unit_test(utf8_is_checked),
		cmocka_unit_test(distance_counts_letters), cmocka_unit_test(quotes_end_with_whole_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
