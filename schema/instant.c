/* Instants as text and back. Owns no state and never asks for a zone: text carries its own offset, and what is printed is UTC.
 * Days are counted from 0000-03-01 so that the leap day is a year's last (H. Hinnant, chrono-compatible low-level date
 * algorithms, 2013). Source of the form: RFC 3339 section 5.6. */
#include "schema/instant.h"

#include <stdio.h>

static int64_t days_of(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool digits_read(struct span *rest, size_t count, int *ret_value)
{
	int value = 0;

	if (rest->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (rest->data[i] < '0' || rest->data[i] > '9')
			return false;
		value = value * 10 + (rest->data[i] - '0');
	}
	rest->data += count;
	rest->len -= count;
	*ret_value = value;
	return true;
}

static bool mark_read(struct span *rest, const char *any_of)
{
	for (; rest->len > 0 && *any_of; any_of++) {
		if (*rest->data == *any_of) {
			rest->data++;
			rest->len--;
			return true;
		}
	}
	return false;
}

static bool date_read(struct span *rest, int64_t *ret_days)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (!digits_read(rest, 4, &year) || !mark_read(rest, "-") || !digits_read(rest, 2, &month) || !mark_read(rest, "-") ||
	    !digits_read(rest, 2, &day))
		return false;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (month == 2 && leap))
		return false;
	*ret_days = days_of(year, month, day);
	return true;
}

static bool time_read(struct span *rest, int64_t *ret_ms)
{
	int hour, minute, second, digit, scale = 100;

	if (!digits_read(rest, 2, &hour) || !mark_read(rest, ":") || !digits_read(rest, 2, &minute) || !mark_read(rest, ":") ||
	    !digits_read(rest, 2, &second) || hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
	if (!mark_read(rest, "."))
		return true;
	if (!digits_read(rest, 1, &digit))
		return false;
	do {
		*ret_ms += digit * scale;
		scale /= 10;
	} while (digits_read(rest, 1, &digit));
	return true;
}

static bool offset_read(struct span *rest, int64_t *ret_ms)
{
	int hour, minute;

	*ret_ms = 0;
	if (mark_read(rest, "Zz"))
		return true;
	int sign = mark_read(rest, "+") ? 1 : mark_read(rest, "-") ? -1 : 0;
	if (!sign || !digits_read(rest, 2, &hour) || !mark_read(rest, ":") || !digits_read(rest, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*ret_ms = sign * (hour * 60 + minute) * INT64_C(60000);
	return true;
}

bool instant_read(struct span text, int64_t *ret_ms)
{
	int64_t days, time, offset;

	if (!date_read(&text, &days) || !mark_read(&text, "Tt ") || !time_read(&text, &time) || !offset_read(&text, &offset) || text.len > 0)
		return false;
	int64_t ms = days * 86400000 + time - offset;
	if (ms < INSTANT_FIRST || ms > INSTANT_LAST)
		return false;
	*ret_ms = ms;
	return true;
}

void instant_write(int64_t ms, char ret_text[INSTANT_TEXT])
{
	ms = ms < INSTANT_FIRST ? INSTANT_FIRST : ms > INSTANT_LAST ? INSTANT_LAST : ms;
	int64_t since = ms + INT64_C(719468) * 86400000; /* since 0000-03-01 */
	int64_t days = since / 86400000, time = since % 86400000;
	int64_t era = days / 146097, of_era = days % 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * of_year + 2) / 153;
	int64_t day = of_year - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	int64_t year = era * 400 + year_of_era + (month <= 2);

	int len = snprintf(ret_text, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", (int)(year % 10000), (int)(month % 100), (int)(day % 100),
		(int)(time / 3600000), (int)(time / 60000 % 60), (int)(time / 1000 % 60));
	if (time % 1000)
		len += snprintf(ret_text + len, INSTANT_TEXT - (size_t)len, ".%03d", (int)(time % 1000));
	snprintf(ret_text + len, INSTANT_TEXT - (size_t)len, "Z");
}
