/* Reads the small texts of a policy. Owns nothing; never asks the locale (strtod and friends would), never allocates.
 * Invariant: a reader that returns false has not touched its result. */
#include "policy/words.h"

#include "core/zone.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span words_trim(struct span text)
{
	while (text.len && is_blank(text.data[0]))
		text = (struct span){text.data + 1, text.len - 1};
	while (text.len && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Bytes of the character that begins here, 0: not UTF-8 (overlong, surrogate, beyond U+10FFFF, cut off). */
static size_t utf8_step(const unsigned char *at, size_t left)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;

	if (len == 0 || len > left)
		return 0;
	if (len == 1)
		return 1;
	uint32_t point = at[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	bool exists = point >= smallest[len] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
	return exists ? len : 0;
}

int64_t utf8_flaw(struct span text)
{
	for (size_t at = 0; at < text.len;) {
		size_t step = utf8_step((const unsigned char *)text.data + at, text.len - at);
		if (step == 0)
			return (int64_t)at;
		at += step;
	}
	return -1;
}

/* Takes digits off the front; false when there are none, or more than `most`. */
static bool digits_take(struct span *text, size_t least, size_t most, int64_t *ret_number)
{
	int64_t number = 0;
	size_t count = 0;

	while (count < text->len && count <= most && text->data[count] >= '0' && text->data[count] <= '9')
		number = number * 10 + (text->data[count++] - '0');
	if (count < least || count > most)
		return false;
	*text = (struct span){text->data + count, text->len - count};
	*ret_number = number;
	return true;
}

static bool char_take(struct span *text, char wanted)
{
	if (!text->len || text->data[0] != wanted)
		return false;
	*text = (struct span){text->data + 1, text->len - 1};
	return true;
}

/* A decimal number with up to three places, in thousandths. */
static bool decimal_take(struct span *text, int64_t *ret_thousandths)
{
	struct span rest = *text;
	int64_t whole, part = 0;

	if (!digits_take(&rest, 1, 12, &whole))
		return false;
	if (char_take(&rest, '.')) {
		size_t before = rest.len;
		if (!digits_take(&rest, 1, 3, &part))
			return false;
		for (size_t places = before - rest.len; places < 3; places++)
			part *= 10;
	}
	*text = rest;
	*ret_thousandths = whole * 1000 + part;
	return true;
}

bool thousandths_read(struct span text, int64_t *ret_thousandths)
{
	int64_t value;
	struct span rest = words_trim(text);

	if (!decimal_take(&rest, &value) || rest.len)
		return false;
	*ret_thousandths = value;
	return true;
}

bool number_read(struct span text, int64_t *ret_number)
{
	int64_t value;
	struct span rest = words_trim(text);

	if (!digits_take(&rest, 1, 15, &value) || rest.len)
		return false;
	*ret_number = value;
	return true;
}

struct measure {
	const char *name;
	int64_t size; /* of one, in the smallest of its kind */
};

/* A decimal number and the name of a measure. */
static bool measure_read(struct span text, const struct measure *measures, int64_t *ret_value)
{
	struct span rest = words_trim(text);
	int64_t thousandths, product;

	if (!decimal_take(&rest, &thousandths))
		return false;
	rest = words_trim(rest);
	for (; measures->name; measures++) {
		if (!span_is(rest, measures->name))
			continue;
		if (__builtin_mul_overflow(thousandths, measures->size, &product) || product % 1000)
			return false;
		*ret_value = product / 1000;
		return true;
	}
	return false;
}

bool duration_read(struct span text, int64_t *ret_ms)
{
	static const struct measure measures[] = {
		{"ms", 1}, {"millisecond", 1}, {"milliseconds", 1}, {"s", 1000}, {"second", 1000}, {"seconds", 1000},
		{"min", 60000}, {"minute", 60000}, {"minutes", 60000}, {"h", 3600000}, {"hour", 3600000}, {"hours", 3600000},
		{"d", 86400000}, {"day", 86400000}, {"days", 86400000}, {"week", 604800000}, {"weeks", 604800000}, {NULL, 0},
	};

	return measure_read(text, measures, ret_ms);
}

bool distance_read(struct span text, int64_t *ret_metres)
{
	static const struct measure measures[] = {
		{"m", 1}, {"metre", 1}, {"metres", 1}, {"meter", 1}, {"meters", 1}, {"km", 1000}, {NULL, 0},
	};

	return measure_read(text, measures, ret_metres);
}

bool percent_read(struct span text, int64_t *ret_percent)
{
	static const struct measure measures[] = {{"%", 1}, {"percent", 1}, {"", 1}, {NULL, 0}};

	return measure_read(text, measures, ret_percent);
}

bool degrees_read(struct span text, double limit, double *ret_degrees)
{
	struct span rest = words_trim(text);
	bool negative = char_take(&rest, '-');
	double place = 0.1;
	int64_t whole;

	if (!digits_take(&rest, 1, 3, &whole))
		return false;
	double value = (double)whole;
	if (char_take(&rest, '.') && rest.len == 0)
		return false;
	for (; rest.len && rest.data[0] >= '0' && rest.data[0] <= '9'; place /= 10) {
		value += place * (rest.data[0] - '0');
		rest = (struct span){rest.data + 1, rest.len - 1};
	}
	if (rest.len || value > limit)
		return false;
	*ret_degrees = negative ? -value : value;
	return true;
}

bool flag_read(struct span text, bool *ret_flag)
{
	static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};

	for (size_t i = 0; i < 6; i++)
		if (span_is(text, words[i])) {
			*ret_flag = i < 3;
			return true;
		}
	return false;
}

static bool date_take(struct span *text, int64_t *ret_date)
{
	int64_t year, month, day;

	if (!digits_take(text, 4, 4, &year) || !char_take(text, '-') || !digits_take(text, 2, 2, &month) || !char_take(text, '-') ||
	    !digits_take(text, 2, 2, &day) || !date_exists(year, month, day))
		return false;
	*ret_date = date_of(year, month, day);
	return true;
}

bool date_read(struct span text, int64_t *ret_date)
{
	struct span rest = words_trim(text);
	int64_t date;

	if (!date_take(&rest, &date) || rest.len)
		return false;
	*ret_date = date;
	return true;
}

static bool time_take(struct span *text, int64_t *ret_ms)
{
	int64_t hour, minute;

	if (!digits_take(text, 1, 2, &hour) || !char_take(text, ':') || !digits_take(text, 2, 2, &minute))
		return false;
	if (minute > 59 || hour > 24 || (hour == 24 && minute > 0))
		return false;
	*ret_ms = (hour * 60 + minute) * 60000;
	return true;
}

bool time_of_day_read(struct span text, int64_t *ret_ms)
{
	struct span rest = words_trim(text);
	int64_t ms;

	if (!time_take(&rest, &ms) || rest.len)
		return false;
	*ret_ms = ms;
	return true;
}

bool hours_read(struct span text, int64_t *ret_from, int64_t *ret_to)
{
	struct span rest = words_trim(text);
	int64_t from, to;

	if (!time_take(&rest, &from))
		return false;
	rest = words_trim(rest);
	if (!char_take(&rest, '-'))
		return false;
	rest = words_trim(rest);
	if (!time_take(&rest, &to) || rest.len || to <= from)
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

bool weekday_read(struct span text, int *ret_weekday)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

	for (int i = 0; i < 7; i++)
		if (span_is(text, names[i])) {
			*ret_weekday = i;
			return true;
		}
	return false;
}

bool local_time_read(struct span text, int64_t *ret_local)
{
	struct span rest = words_trim(text);
	int64_t date, ms, second = 0;

	if (!date_take(&rest, &date) || (!char_take(&rest, ' ') && !char_take(&rest, 'T')) || !time_take(&rest, &ms))
		return false;
	if (char_take(&rest, ':') && (!digits_take(&rest, 2, 2, &second) || second > 59))
		return false;
	if (rest.len)
		return false;
	*ret_local = date * ZONE_DAY_MS + ms + second * 1000;
	return true;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment (Damerau-Levenshtein without later edits of a swapped pair), three rows at a time. */
size_t words_distance(struct span a, struct span b, size_t most)
{
	size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;

	if (gap > most || b.len > 255)
		return most + 1;
	size_t rows[3][256], *older = rows[0], *old = rows[1], *now = rows[2];
	for (size_t j = 0; j <= b.len; j++)
		old[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = a.data[i - 1] != b.data[j - 1];
			now[j] = least(least(old[j] + 1, now[j - 1] + 1), old[j - 1] + change);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
				now[j] = least(now[j], older[j - 2] + 1);
		}
		size_t *free_row = older;
		older = old;
		old = now;
		now = free_row;
	}
	return least(old[b.len], most + 1);
}
