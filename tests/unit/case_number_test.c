/* Case numbers: what people misread on the phone must be noticed. Exhaustive over single digits and swapped neighbours
 * for a sample of numbers of every length. */
#include "base/case_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLE 3000

static bool reads_as(const char *text, int64_t number)
{
	int64_t got = -1;

	return case_number_read(span_of(text), &got) && got == number;
}

static bool is_refused(const char *text)
{
	int64_t untouched = 77;

	return !case_number_read(span_of(text), &untouched) && untouched == 77;
}

/* A spread of numbers, the same in each run: every length from 1 to 14 digits comes up. */
static int64_t sample_number(int i)
{
	uint64_t mixed = ((uint64_t)i + 1) * 0x9e3779b97f4a7c15u;
	int64_t limit = 10;

	for (int digits = 1; digits < 1 + i % 14; digits++)
		limit *= 10;
	return 1 + (int64_t)((mixed ^ mixed >> 29) % (uint64_t)(limit - 1));
}

static void writes_groups_of_four_with_check_digit(void **unused)
{
	(void)unused;
	char text[CASE_NUMBER_TEXT];

	case_number_write(31828, text);
	assert_int_equal(strlen(text), 14);
	assert_memory_equal(text, "0000-0031-828", 13);
	assert_int_equal(text[13], '0' + case_number_check_digit(31828));
	case_number_write(CASE_NUMBER_MAX, text);
	assert_memory_equal(text, "999-9999-9999-999", 17);
	assert_true(reads_as(text, CASE_NUMBER_MAX));
}

/* The worked example that goes with the table: 572 has check digit 4. */
static void check_digit_is_damms(void **unused)
{
	(void)unused;
	assert_int_equal(case_number_check_digit(572), 4);
	assert_int_equal(case_number_check_digit(0), 0);
	assert_true(reads_as("5724", 572));
}

static void reads_back_what_it_wrote(void **unused)
{
	(void)unused;
	for (int i = 0; i < SAMPLE; i++) {
		char text[CASE_NUMBER_TEXT];
		case_number_write(sample_number(i), text);
		assert_true(reads_as(text, sample_number(i)));
	}
}

static void notices_every_wrong_digit(void **unused)
{
	(void)unused;
	for (int i = 0; i < SAMPLE; i++) {
		char text[CASE_NUMBER_TEXT];
		case_number_write(sample_number(i), text);
		for (char *at = text; *at; at++) {
			char right = *at;
			for (char wrong = '0'; right != '-' && wrong <= '9'; wrong++) {
				*at = wrong;
				assert_true(wrong == right || is_refused(text));
			}
			*at = right;
		}
	}
}

static void notices_all_swapped_neighbours(void **unused)
{
	(void)unused;
	for (int i = 0; i < SAMPLE; i++) {
		char digits[CASE_NUMBER_TEXT], text[CASE_NUMBER_TEXT];
		int len = 0;
		case_number_write(sample_number(i), text);
		for (char *at = text; *at; at++)
			if (*at != '-')
				digits[len++] = *at;
		digits[len] = '\0';
		for (int at = 0; at + 1 < len; at++) {
			memcpy(text, digits, sizeof text);
			text[at] = digits[at + 1];
			text[at + 1] = digits[at];
			assert_true(text[at] == text[at + 1] || is_refused(text));
		}
	}
}

static void takes_separators_and_missing_zeros(void **unused)
{
	(void)unused;
	assert_true(reads_as("0000-0000-5724", 572));
	assert_true(reads_as("0000 0000 5724", 572));
	assert_true(reads_as("0000.0000.5724", 572));
	assert_true(reads_as("  57-24 ", 572));
	assert_true(reads_as("000000000000000000000000000000005724", 572));
}

static void refuses_what_is_no_number(void **unused)
{
	(void)unused;
	assert_true(is_refused(""));
	assert_true(is_refused("   "));
	assert_true(is_refused("-"));
	assert_true(is_refused("-5724"));
	assert_true(is_refused("5724-"));
	assert_true(is_refused("5724x"));
	assert_true(is_refused("57_24"));
	assert_true(is_refused("5"));
	assert_true(is_refused("0000-0000-0000"));
	assert_true(is_refused("\xef\xbc\x95\xef\xbc\x97\xef\xbc\x92\xef\xbc\x94"));
}

static void refuses_more_than_fourteen_digits(void **unused)
{
	(void)unused;
	char text[64] = "1000000000000000", longer[64] = "99999999999999999999999999999999999999999999999";

	text[15] = (char)('0' + case_number_check_digit(INT64_C(100000000000000)));
	assert_true(is_refused(text));
	assert_true(is_refused(longer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_groups_of_four_with_check_digit),
		cmocka_unit_test(check_digit_is_damms),
		cmocka_unit_test(reads_back_what_it_wrote),
		cmocka_unit_test(notices_every_wrong_digit),
		cmocka_unit_test(notices_all_swapped_neighbours),
		cmocka_unit_test(takes_separators_and_missing_zeros),
		cmocka_unit_test(refuses_what_is_no_number),
		cmocka_unit_test(refuses_more_than_fourteen_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
