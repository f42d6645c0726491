/* Time zones from the C library: it is asked for the offset week by week, and each change is then found by bisection.
 *
 * Owns nothing. glibc takes an unknown zone for UTC without a word, so the zone's file is looked at first. TZ is
 * put back before zone_load returns, on every path. No zone of tzdata changes twice within one week after 2000: looking day
 * by day finds the same changes in all of them. */
#include "policy/zone.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_YEAR 2000
#define LAST_YEAR 2101
#define DAY_SECONDS 86400
#define STEP_SECONDS (7 * DAY_SECONDS)

static bool name_sane(struct span name)
{
	if (!name.len || name.len > 64 || name.data[0] == '/' || name.data[0] == '.')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (!letter && (!c || !strchr("_-+/", c)))
			return false;
	}
	return true;
}

/* True when the machine has a file of zone data by this name. */
static bool zone_known(const char *name)
{
	const char *folder = getenv("TZDIR");
	char path[4096], magic[4] = "";

	int len = snprintf(path, sizeof path, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
	if (len < 0 || (size_t)len >= sizeof path)
		return false;
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	bool known = fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0;
	fclose(file);
	return known;
}

static int64_t offset_at(int64_t second)
{
	time_t at = (time_t)second;
	struct tm local;

	if (!localtime_r(&at, &local))
		return 0;
	return local.tm_gmtoff;
}

/* The first second with the later offset, between two that differ. */
static int64_t change_find(int64_t low, int64_t high)
{
	int64_t offset = offset_at(low);

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (offset_at(middle) == offset)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static struct zone *zone_collect(struct arena *arena)
{
	int64_t first = date_of(FIRST_YEAR, 1, 1) * DAY_SECONDS - DAY_SECONDS, last = date_of(LAST_YEAR, 12, 31) * DAY_SECONDS;
	struct zone *zone = arena_alloc(arena, 1, sizeof *zone);
	struct zone_shift *shifts = NULL;
	size_t count = 0;
	int64_t offset = offset_at(first);

	shifts = must_realloc(NULL, 64 * sizeof *shifts);
	shifts[count++] = (struct zone_shift){.at = INT64_MIN, .offset_ms = offset * 1000};
	for (int64_t at = first; at < last; at += STEP_SECONDS) {
		int64_t next = offset_at(at + STEP_SECONDS);
		if (next == offset)
			continue;
		if (count % 64 == 0)
			shifts = must_realloc(shifts, (count + 64) * sizeof *shifts);
		shifts[count++] = (struct zone_shift){.at = change_find(at, at + STEP_SECONDS) * 1000, .offset_ms = next * 1000};
		offset = next;
	}
	zone->shifts = arena_alloc(arena, count, sizeof *shifts);
	memcpy(zone->shifts, shifts, count * sizeof *shifts);
	zone->shift_count = count;
	free(shifts);
	return zone;
}

struct zone *zone_load(struct span name, struct arena *arena, char *error, size_t error_size)
{
	char *wanted = span_dup(name), *variable = NULL;

	if (!name_sane(name) || !zone_known(wanted)) {
		snprintf(error, error_size, "no time zone of this name in the machine's zone data; use an IANA name such as America/New_York, and see that the package tzdata is installed");
		free(wanted);
		return NULL;
	}
	if (asprintf(&variable, ":%s", wanted) < 0)
		memory_out(0);
	const char *present = getenv("TZ");
	char *before = present ? span_dup(span_of(present)) : NULL;
	setenv("TZ", variable, 1);
	tzset();
	struct zone *zone = zone_collect(arena);
	if (before)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(before);
	free(variable);
	free(wanted);
	return zone;
}
