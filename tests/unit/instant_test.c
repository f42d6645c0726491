/* Instants and text: known values, edges, and the way there and back over the whole range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/instant.h"
#include "schema/text.h"

static void assert_reads(const char *text, int64_t wanted)
{
	int64_t ms = -1;

	assert_true(instant_read(span_of(text), &ms));
	assert_int_equal(ms, wanted);
}

static void known_instants_are_read(void **state)
{
	(void)state;
	assert_reads("1970-01-01T00:00:00Z", 0);
	assert_reads("2011-07-01T05:32:33Z", 1309498353000);
	assert_reads("2011-07-01T01:32:33-04:00", 1309498353000);
	assert_reads("2011-07-01 11:02:33.25+05:30", 1309498353250);
	assert_reads("2012-02-29t23:59:59.9999z", 1330559999999);
	assert_reads("1969-12-31T23:59:59.999Z", -1);
	assert_reads("0001-01-01T00:00:00Z", INSTANT_FIRST);
	assert_reads("9999-12-31T23:59:59.999Z", INSTANT_LAST);
}

static void what_is_no_instant_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", "2011", "2011-07-01", "2011-07-01T05:32Z", "2011-07-01T05:32:33", "2011-13-01T00:00:00Z", "2011-00-01T00:00:00Z",
		"2011-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2011-07-32T00:00:00Z", "2011-07-01T24:00:00Z", "2011-07-01T23:60:00Z",
		"2011-07-01T23:59:60Z", "2011-07-01T05:32:33.Z", "2011-07-01T05:32:33Zx", "2011-07-01T05:32:33+5:00", "2011-07-01T05:32:33+24:00",
		"0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", " 2011-07-01T05:32:33Z",
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (instant_read(span_of(wrong[i]), &ms))
			fail_msg("was taken: %s", wrong[i]);
}

static void instants_go_there_and_back(void **state)
{
	char text[INSTANT_TEXT];
	int64_t back;

	(void)state;
	for (int64_t ms = INSTANT_FIRST; ms <= INSTANT_LAST; ms += 86400000 * 13 + 3723457) {
		instant_write(ms, text);
		assert_true(instant_read(span_of(text), &back));
		assert_int_equal(back, ms);
	}
	instant_write(INSTANT_LAST, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	instant_write(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T00:00:00Z");
	instant_write(951827696000, text);
	assert_string_equal(text, "2000-02-29T12:34:56Z");
}

static void clean_text_is_told_from_the_rest(void **state)
{
	static const char *const clean[] = {"", "plain ASCII, longer than eight bytes", "tab\tline\r\n", "燃气泄漏", "Größe", "\xf0\x9f\x94\xa5", "\xc2\xa0", "\xef\xbf\xbf"};
	static const char *const wrong[] = {"\x01", "12345678\x7f", "1234567\x1f", "\x80", "\xc0\x80", "\xc1\xbf", "\xc2\x85", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe7\x87", "\xe7\x87x", "12345678\xff", "\xfe"};

	(void)state;
	for (size_t i = 0; i < sizeof clean / sizeof *clean; i++)
		assert_true(text_is_clean(span_of(clean[i])));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(text_is_clean(span_of(wrong[i])));
	assert_false(text_is_clean((struct span){"a\0b", 3}));
}

static void tamed_text_keeps_whole_characters(void **state)
{
	char out[8];

	(void)state;
	text_tame(span_of("燃气泄漏"), out, sizeof out);
	assert_string_equal(out, "燃气");
	text_tame(span_of("a\nb\xff" "c"), out, sizeof out);
	assert_string_equal(out, "a?b?c");
	text_tame(span_of("12345678"), out, sizeof out);
	assert_string_equal(out, "1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_instants_are_read),
		cmocka_unit_test(what_is_no_instant_is_refused),
		cmocka_unit_test(instants_go_there_and_back),
		cmocka_unit_test(clean_text_is_told_from_the_rest),
		cmocka_unit_test(tamed_text_keeps_whole_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
