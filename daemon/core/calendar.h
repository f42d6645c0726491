/* Working time, compiled. A calendar is a sorted list of UTC intervals that count, with prefix sums; zone, daylight
 * saving, holidays and make-up workdays are settled when it is compiled (policy/), so here is only arithmetic.
 *
 * All times: milliseconds since 1970-01-01 UTC. Intervals are [from, to), do not touch or overlap, and cover the years
 * 2000 to 2100. Working days: the local dates that have at least one interval; `days` holds each one's local midnight in UTC. */
#ifndef REEVE_CORE_CALENDAR_H
#define REEVE_CORE_CALENDAR_H

#include "core/zone.h"

/* The first local date of every calendar, in days since 1970-01-01: 2000-01-01. days[i] is the date CALENDAR_FIRST_DATE + i. */
#define CALENDAR_FIRST_DATE 10957

struct calendar_interval {
	int64_t from;
	int64_t to;
	int64_t before; /* counted milliseconds in all the intervals before this one */
};

struct calendar_day {
	int64_t midnight; /* UTC instant of the local date's beginning */
	bool working;
};

struct calendar {
	struct span name;
	struct span line; /* file and line in the policy */
	int64_t known_until; /* the last date that its holidays and workdays are known for; 0: it has none, nothing ends */
	bool always;      /* 24 x 7: every instant counts; no intervals */
	struct calendar_interval *intervals;
	size_t interval_count;
	struct calendar_day *days; /* every local date of the years covered, in order */
	size_t day_count;
	const struct zone *zone; /* turns instants into local dates and back; shared by the policy's calendars */
};

/* The limits' four properties (domain: limit = amount, unit, start, roll). */
enum limit_unit { LIMIT_MINUTES, LIMIT_HOURS, LIMIT_DAYS, LIMIT_WORKING_HOURS, LIMIT_WORKING_DAYS };
/* LIMIT_NEXT_OPENING: the first counted instant. LIMIT_OFFICE_DAY: the date counts, not the hour: on a day off the same local time of the
 * next working day; then, after that day's last closing, the next working day's opening. A report before the opening of a working day
 * is not shifted. (Boston's own due times follow this one.) */
enum limit_start { LIMIT_AT_ONCE, LIMIT_NEXT_OPENING, LIMIT_OFFICE_DAY };
enum limit_roll { LIMIT_NO_ROLL, LIMIT_NEXT_WORKING_DAY };

struct limit {
	struct span name;
	struct span line;
	int64_t amount; /* in thousandths of the unit: 1.5 hours is 1500; days and working days are whole (policy/ refuses others) */
	enum limit_unit unit;
	enum limit_start start;
	enum limit_roll roll;
	int calendar; /* index in the policy */
	/* A limit in stages (cordon in 3 hours, repair in 8, reinstate in 5 working days): every stage is a limit with a name of its
	 * own and counts from the same start. The limit itself is the last one; none: the limit is one piece. */
	struct limit *stages;
	size_t stage_count;
};

/* Counted milliseconds in [from, to); 0 when to <= from. */
int64_t calendar_counted(const struct calendar *calendar, int64_t from, int64_t to);
/* The earliest instant at which counted_ms have been counted since from. 0 on success, -1 when the calendar ends before. */
int calendar_add(const struct calendar *calendar, int64_t from, int64_t counted_ms, int64_t *ret_at);
/* The first counted instant at or after from. 0 on success, -1 when the calendar ends before. */
int calendar_open(const struct calendar *calendar, int64_t from, int64_t *ret_at);
/* The first instant at or after from that does not count. 0 on success, -1 when all count for ever. */
int calendar_close(const struct calendar *calendar, int64_t from, int64_t *ret_at);
/* True when the instant counts. */
bool calendar_counts(const struct calendar *calendar, int64_t at);

/* Days are local dates: N days later is the same local time of day N dates on; N working days later the same local time on the N-th working
 * date after the one it begins on. A local time that daylight saving skips or doubles: see zone_instant. */
/* When percent (100 = due, 80 = warning, 120, ...) of a limit that starts at `start` is reached. 0, or -1 when the calendar ends before.
 * Definition: limit_at(100) follows the limit's unit, start and roll. Other percentages count in the limit's own time base: wall
 * time between the (possibly shifted) start and due for wall units, counted time between them for working units (wall time when none counts).
 * Never falls when percent grows. */
int limit_at(const struct limit *limit, const struct calendar *calendar, int64_t start, int percent, int64_t *ret_at);
/* The instant a limit really begins to count for something that happened at start (start shifts it). 0 or -1. */
int limit_begin(const struct limit *limit, const struct calendar *calendar, int64_t start, int64_t *ret_at);

/* When a stage of a limit is due. calendars: the policy's. 0, or -1 when there is no such stage or its calendar ends before. */
int limit_stage_at(const struct limit *limit, size_t stage, const struct calendar *calendars, int64_t start, int64_t *ret_at);
/* A due time after a pause: later by what would have counted meanwhile (working time for working units, wall time for the others); the
 * same when nothing would. 0, or -1 when the calendar ends before. */
int limit_pause_shift(const struct limit *limit, const struct calendar *calendar, int64_t due, int64_t paused_from, int64_t resumed_at, int64_t *ret_due);

/* Calls each for the counted and uncounted intervals of [from, to) as the limit sees them, in order, contiguous. */
typedef void limit_each(void *context, int64_t from, int64_t to, bool counted);
void limit_intervals(const struct limit *limit, const struct calendar *calendar, int64_t start, int64_t to, limit_each *each, void *context);

#endif
