/* A time zone as the list of its UTC offsets, and local time in both directions. policy/ makes the list from the machine's
 * zone data; here is only arithmetic.
 *
 * Local times are milliseconds since 1970-01-01 00:00 on the zone's own wall clock, leap seconds left out as POSIX does. */
#ifndef REEVE_CORE_ZONE_H
#define REEVE_CORE_ZONE_H

#include "base/span.h"

#define ZONE_DAY_MS INT64_C(86400000)

struct zone_shift {
	int64_t at;        /* from this instant on (the first row: from ever) */
	int64_t offset_ms; /* local = UTC + offset */
};

struct zone {
	struct zone_shift *shifts; /* in order; none: UTC */
	size_t shift_count;
};

/* Takes NULL: UTC. */
int64_t zone_offset(const struct zone *zone, int64_t at);
int64_t zone_local(const struct zone *zone, int64_t at);
/* The local date of an instant in days since 1970-01-01. */
int64_t zone_date(const struct zone *zone, int64_t at);
/* The instant of a local time. A time that comes twice (clocks put back) means the first; one that is skipped (clocks put
 * forward) is read by the offset before the change, so 02:30 becomes 03:30. */
int64_t zone_instant(const struct zone *zone, int64_t local);

/* Proleptic Gregorian calendar. date_of takes any month and day numbers that exist; date_exists says which do. */
bool date_exists(int64_t year, int64_t month, int64_t day);
int64_t date_of(int64_t year, int64_t month, int64_t day);
/* 0 Monday to 6 Sunday. */
int date_weekday(int64_t date);

#endif
