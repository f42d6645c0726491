/* Case numbers as people read them out. Owns no state; never decides whether a case exists.
 *
 * Damm's check digit walks a quasigroup: next = table[so far][digit]. The table is totally anti-symmetric with a zero
 * diagonal, so that (1) the check digit is simply what the walk ends with, (2) number and check digit together walk to 0,
 * (3) leading zeros change nothing. One wrong digit or two swapped neighbours never walk to 0. */
#include "base/case_number.h"

#include <assert.h>
#include <string.h>

#define GROUP_DIGITS 4
#define LEAST_DIGITS 12

static const unsigned char damm[10][10] = {
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
};

int case_number_check_digit(int64_t number)
{
	assert(number >= 0);
	int digits[20];
	int count = 0;
	int walk = 0;

	for (; number; number /= 10)
		digits[count++] = (int)(number % 10);
	while (count)
		walk = damm[walk][digits[--count]];
	return walk;
}

void case_number_write(int64_t number, char ret_text[CASE_NUMBER_TEXT])
{
	assert(number >= 0 && number <= CASE_NUMBER_MAX);
	char reversed[CASE_NUMBER_TEXT];
	int64_t rest = number * 10 + case_number_check_digit(number);
	int len = 0;

	for (int digits = 0; rest || digits < LEAST_DIGITS; digits++, rest /= 10) {
		if (digits && digits % GROUP_DIGITS == 0)
			reversed[len++] = '-';
		reversed[len++] = (char)('0' + rest % 10);
	}
	assert(len < CASE_NUMBER_TEXT);
	for (int i = 0; i < len; i++)
		ret_text[i] = reversed[len - 1 - i];
	ret_text[len] = '\0';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct span trim(struct span text)
{
	while (text.len && text.data[0] == ' ') {
		text.data++;
		text.len--;
	}
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

bool case_number_read(struct span text, int64_t *ret_number)
{
	int64_t all = 0; /* number and check digit */
	int walk = 0;

	text = trim(text);
	/* A sign is not a separator: digits stand at both ends. */
	if (!text.len || !is_digit(text.data[0]) || !is_digit(text.data[text.len - 1]))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (is_digit(text.data[i])) {
			if (all > CASE_NUMBER_MAX)
				return false;
			all = all * 10 + (text.data[i] - '0');
			walk = damm[walk][text.data[i] - '0'];
		} else if (!memchr(" -.", text.data[i], 3)) {
			return false;
		}
	}
	/* Numbers begin at 1: an empty form full of zeros is no case. */
	if (walk != 0 || all < 10)
		return false;
	*ret_number = all / 10;
	return true;
}
