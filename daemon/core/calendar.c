/* Counting with a compiled calendar. Owns nothing and changes nothing: binary searches over intervals with prefix sums.
 *
 * Invariants: calendar_counted is additive (a to b, b to c); calendar_add is its inverse: zero is identity, it never
 * falls, and adding a then b is adding their sum. A calendar that always counts has no intervals and no end. */
#include "core/calendar.h"

/* Index of the first interval that ends after the instant; interval_count when there is none. */
static size_t interval_after(const struct calendar *calendar, int64_t at)
{
	size_t low = 0, high = calendar->interval_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (calendar->intervals[middle].to > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Index of the first interval by whose end at least `total` have been counted since the calendar's beginning. */
static size_t interval_reaching(const struct calendar *calendar, size_t low, int64_t total)
{
	size_t high = calendar->interval_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct calendar_interval *interval = &calendar->intervals[middle];
		if (interval->before + (interval->to - interval->from) >= total)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Counted since the calendar's beginning. */
static int64_t counted_until(const struct calendar *calendar, int64_t at)
{
	size_t index = interval_after(calendar, at);

	if (index == calendar->interval_count) {
		if (index == 0)
			return 0;
		const struct calendar_interval *last = &calendar->intervals[index - 1];
		return last->before + (last->to - last->from);
	}
	const struct calendar_interval *interval = &calendar->intervals[index];
	return interval->before + (at > interval->from ? at - interval->from : 0);
}

int64_t calendar_counted(const struct calendar *calendar, int64_t from, int64_t to)
{
	if (to <= from)
		return 0;
	if (calendar->always)
		return to - from;
	return counted_until(calendar, to) - counted_until(calendar, from);
}

int calendar_add(const struct calendar *calendar, int64_t from, int64_t counted_ms, int64_t *ret_at)
{
	if (counted_ms <= 0) {
		*ret_at = from;
		return 0;
	}
	if (calendar->always)
		return __builtin_add_overflow(from, counted_ms, ret_at) ? -1 : 0;
	int64_t total;
	if (__builtin_add_overflow(counted_until(calendar, from), counted_ms, &total))
		return -1;
	size_t index = interval_reaching(calendar, interval_after(calendar, from), total);
	if (index == calendar->interval_count)
		return -1;
	*ret_at = calendar->intervals[index].from + (total - calendar->intervals[index].before);
	return 0;
}

int calendar_open(const struct calendar *calendar, int64_t from, int64_t *ret_at)
{
	if (calendar->always) {
		*ret_at = from;
		return 0;
	}
	size_t index = interval_after(calendar, from);
	if (index == calendar->interval_count)
		return -1;
	*ret_at = calendar->intervals[index].from > from ? calendar->intervals[index].from : from;
	return 0;
}

int calendar_close(const struct calendar *calendar, int64_t from, int64_t *ret_at)
{
	if (calendar->always)
		return -1;
	size_t index = interval_after(calendar, from);
	*ret_at = from;
	if (index < calendar->interval_count && calendar->intervals[index].from <= from)
		*ret_at = calendar->intervals[index].to;
	return 0;
}

bool calendar_counts(const struct calendar *calendar, int64_t at)
{
	if (calendar->always)
		return true;
	size_t index = interval_after(calendar, at);
	return index < calendar->interval_count && calendar->intervals[index].from <= at;
}
