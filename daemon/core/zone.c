/* Local time and UTC. Owns nothing; never asks the machine for its zone.
 *
 * Invariants: zone_local never jumps by more than a change of offset; for a local time that exists,
 * zone_local(zone_instant(local)) == local. Dates are counted by the days-from-civil arithmetic of the proleptic
 * Gregorian calendar: years begin in March so that the leap day comes last. */
#include "core/zone.h"

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t quotient = a / b;

	return a % b < 0 ? quotient - 1 : quotient;
}

/* Index of the last shift at or before the instant; 0 when it lies before all. */
static size_t shift_find(const struct zone *zone, int64_t at)
{
	size_t low = 0, high = zone->shift_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (zone->shifts[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64_t zone_offset(const struct zone *zone, int64_t at)
{
	if (!zone || zone->shift_count == 0)
		return 0;
	return zone->shifts[shift_find(zone, at)].offset_ms;
}

int64_t zone_local(const struct zone *zone, int64_t at)
{
	return at + zone_offset(zone, at);
}

int64_t zone_date(const struct zone *zone, int64_t at)
{
	return floor_div(zone_local(zone, at), ZONE_DAY_MS);
}

int64_t zone_instant(const struct zone *zone, int64_t local)
{
	/* The offsets in force well before and well after: no zone changes twice within two days. */
	int64_t before = zone_offset(zone, local - ZONE_DAY_MS);
	int64_t after = zone_offset(zone, local + ZONE_DAY_MS);

	if (zone_offset(zone, local - before) == before)
		return local - before;
	if (zone_offset(zone, local - after) == after)
		return local - after;
	return local - before;
}

static bool year_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool date_exists(int64_t year, int64_t month, int64_t day)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && year_leap(year));
}

int64_t date_of(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(shifted, 400);
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

int date_weekday(int64_t date)
{
	int64_t since_monday = (date + 3) % 7; /* 1970-01-01 was a Thursday */

	return (int)(since_monday < 0 ? since_monday + 7 : since_monday);
}
