/* Limits: amount, unit, start, roll. Declared in calendar.h, because a limit is nothing without its calendar.
 *
 * Owns nothing. Day units go by local dates: they move the date and keep the local time of day, so that daylight saving
 * does not shift a promise by an hour. Every function returns -1 when the calendar ends before the answer; none guesses.
 * Invariant: limit_at never falls when percent grows. */
#include "core/calendar.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)

/* A local date of the calendar and the time of day on it. */
struct moment {
	int64_t day; /* index in calendar->days */
	int64_t time_of_day;
};

static int moment_of(const struct calendar *calendar, int64_t at, struct moment *ret_moment)
{
	int64_t local = zone_local(calendar->zone, at);
	int64_t date = zone_date(calendar->zone, at);

	if (date < CALENDAR_FIRST_DATE || date - CALENDAR_FIRST_DATE >= (int64_t)calendar->day_count)
		return -1;
	*ret_moment = (struct moment){.day = date - CALENDAR_FIRST_DATE, .time_of_day = local - date * ZONE_DAY_MS};
	return 0;
}

static int64_t moment_instant(const struct calendar *calendar, struct moment moment)
{
	return zone_instant(calendar->zone, (CALENDAR_FIRST_DATE + moment.day) * ZONE_DAY_MS + moment.time_of_day);
}

static bool day_working(const struct calendar *calendar, int64_t day)
{
	return calendar->days[day].working;
}

/* Moves on by so many working dates; 0 stays. */
static int day_advance(const struct calendar *calendar, int64_t *day, int64_t working_days)
{
	int64_t at = *day;

	while (working_days > 0) {
		if (++at >= (int64_t)calendar->day_count)
			return -1;
		if (day_working(calendar, at))
			working_days--;
	}
	*day = at;
	return 0;
}

/* The end of a date: the beginning of the next. */
static int64_t day_end(const struct calendar *calendar, int64_t day)
{
	return moment_instant(calendar, (struct moment){.day = day + 1});
}

static int begin_on_office_day(const struct calendar *calendar, int64_t start, int64_t *ret_at)
{
	struct moment moment;
	int64_t at = start;

	if (moment_of(calendar, start, &moment))
		return -1;
	if (!day_working(calendar, moment.day)) {
		if (day_advance(calendar, &moment.day, 1))
			return -1;
		at = moment_instant(calendar, moment);
	}
	if (calendar_counted(calendar, at, day_end(calendar, moment.day)) == 0) {
		if (day_advance(calendar, &moment.day, 1))
			return -1;
		return calendar_open(calendar, calendar->days[moment.day].midnight, ret_at);
	}
	*ret_at = at;
	return 0;
}

int limit_begin(const struct limit *limit, const struct calendar *calendar, int64_t start, int64_t *ret_at)
{
	switch (limit->start) {
	case LIMIT_NEXT_OPENING:
		return calendar_open(calendar, start, ret_at);
	case LIMIT_OFFICE_DAY:
		return begin_on_office_day(calendar, start, ret_at);
	case LIMIT_AT_ONCE:
		break;
	}
	*ret_at = start;
	return 0;
}

static int add_wall(int64_t from, int64_t amount, int64_t unit_ms, int64_t *ret_at)
{
	int64_t ms;

	if (__builtin_mul_overflow(amount, unit_ms / 1000, &ms) || __builtin_add_overflow(from, ms, ret_at))
		return -1;
	return 0;
}

/* The same local time of day so many dates, or working dates, later. */
static int add_days(const struct calendar *calendar, int64_t from, int64_t days, bool working, int64_t *ret_at)
{
	struct moment moment;

	if (days <= 0) {
		*ret_at = from;
		return 0;
	}
	if (moment_of(calendar, from, &moment))
		return -1;
	if (working) {
		if (day_advance(calendar, &moment.day, days))
			return -1;
	} else {
		if (days >= (int64_t)calendar->day_count - moment.day)
			return -1;
		moment.day += days;
	}
	*ret_at = moment_instant(calendar, moment);
	return 0;
}

static int add_amount(const struct limit *limit, const struct calendar *calendar, int64_t from, int64_t *ret_at)
{
	switch (limit->unit) {
	case LIMIT_MINUTES:
		return add_wall(from, limit->amount, MINUTE_MS, ret_at);
	case LIMIT_HOURS:
		return add_wall(from, limit->amount, HOUR_MS, ret_at);
	case LIMIT_DAYS:
		return add_days(calendar, from, limit->amount / 1000, false, ret_at);
	case LIMIT_WORKING_DAYS:
		return add_days(calendar, from, limit->amount / 1000, true, ret_at);
	case LIMIT_WORKING_HOURS:
		break;
	}
	int64_t ms;
	if (__builtin_mul_overflow(limit->amount, HOUR_MS / 1000, &ms))
		return -1;
	return calendar_add(calendar, from, ms, ret_at);
}

/* A due time on a day off moves to the next working day, same local time. */
static int roll_due(const struct limit *limit, const struct calendar *calendar, int64_t due, int64_t *ret_at)
{
	struct moment moment;

	*ret_at = due;
	if (limit->roll == LIMIT_NO_ROLL)
		return 0;
	if (moment_of(calendar, due, &moment))
		return -1;
	if (day_working(calendar, moment.day))
		return 0;
	if (day_advance(calendar, &moment.day, 1))
		return -1;
	*ret_at = moment_instant(calendar, moment);
	return 0;
}

static bool limit_works(const struct limit *limit)
{
	return limit->unit == LIMIT_WORKING_HOURS || limit->unit == LIMIT_WORKING_DAYS;
}

static int share_of(int64_t whole, int percent, int64_t *ret_part)
{
	__int128 part = (__int128)whole * percent / 100;

	if (part > INT64_MAX || part < 0)
		return -1;
	*ret_part = (int64_t)part;
	return 0;
}

/* A record cannot hold later times: 9999-12-31T23:59:59.999Z, the last one that RFC 3339 can write. */
#define LAST_AT INT64_C(253402300799999)

int limit_at(const struct limit *limit, const struct calendar *calendar, int64_t start, int percent, int64_t *ret_at)
{
	int64_t begin, plain, due, part, at;

	if (limit_begin(limit, calendar, start, &begin) || add_amount(limit, calendar, begin, &plain) ||
	    roll_due(limit, calendar, plain, &due) || due > LAST_AT)
		return -1;
	if (percent == 100) {
		*ret_at = due;
		return 0;
	}
	int64_t counted = limit_works(limit) ? calendar_counted(calendar, begin, due) : 0;
	if (share_of(counted ? counted : due - begin, percent, &part))
		return -1;
	if (counted ? calendar_add(calendar, begin, part, &at) : __builtin_add_overflow(begin, part, &at) || at > LAST_AT)
		return -1;
	/* Uncounted time right before the due time would otherwise let a later threshold come earlier. */
	if (percent > 100 && at < due)
		at = due;
	*ret_at = at;
	return 0;
}

int limit_stage_at(const struct limit *limit, size_t stage, const struct calendar *calendars, int64_t start, int64_t *ret_at)
{
	if (stage >= limit->stage_count)
		return -1;
	const struct limit *one = &limit->stages[stage];
	return limit_at(one, &calendars[one->calendar], start, 100, ret_at);
}

int limit_pause_shift(const struct limit *limit, const struct calendar *calendar, int64_t due, int64_t paused_from, int64_t resumed_at, int64_t *ret_due)
{
	if (resumed_at <= paused_from) {
		*ret_due = due;
		return 0;
	}
	if (!limit_works(limit))
		return __builtin_add_overflow(due, resumed_at - paused_from, ret_due) ? -1 : 0;
	return calendar_add(calendar, due, calendar_counted(calendar, paused_from, resumed_at), ret_due);
}

static void tell(limit_each *each, void *context, int64_t from, int64_t to, bool counted)
{
	if (from < to)
		each(context, from, to, counted);
}

void limit_intervals(const struct limit *limit, const struct calendar *calendar, int64_t start, int64_t to, limit_each *each, void *context)
{
	int64_t at, open;

	if (limit_begin(limit, calendar, start, &at) || at > to)
		at = to;
	if (!limit_works(limit) || calendar->always) {
		tell(each, context, start, at, false);
		tell(each, context, at, to, true);
		return;
	}
	/* The wait for the beginning and the first uncounted time after it are one interval. */
	int64_t uncounted_from = start;
	while (at < to && calendar_open(calendar, at, &open) == 0 && open < to) {
		int64_t end;
		if (calendar_close(calendar, open, &end) || end > to)
			end = to;
		tell(each, context, uncounted_from, open, false);
		tell(each, context, open, end, true);
		at = uncounted_from = end;
	}
	tell(each, context, uncounted_from, to, false);
}
