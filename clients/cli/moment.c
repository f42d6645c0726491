/* Reading and writing of times. Owns which zone libc has at the moment: every function here names the zone it wants and
 * switches only when it is another one, because tzset reads a file.
 *
 * Never used for deciding anything: due times come from the daemon. A local time that exists twice (clocks set back)
 * is whichever libc prefers; write the offset where that matters. Invariant: what moment_write writes, moment_read reads back. */
#include "clients/cli/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schema/instant.h"

#define SECOND_MS INT64_C(1000)
#define DAY_MS (86400 * SECOND_MS)

/* The environment's own TZ, and what is in force now. */
static char own_zone[64];
static bool own_known, own_set;
static char zone_now[64];
static bool zone_switched;

static void zone_use(const char *zone)
{
	if (!own_known) {
		const char *own = getenv("TZ");
		own_set = own != NULL;
		snprintf(own_zone, sizeof own_zone, "%s", own ? own : "");
		own_known = true;
		tzset();
	}
	if (!zone && !zone_switched)
		return;
	if (zone && zone_switched && strcmp(zone, zone_now) == 0)
		return;
	if (zone)
		setenv("TZ", zone, 1);
	else if (own_set)
		setenv("TZ", own_zone, 1);
	else
		unsetenv("TZ");
	zone_switched = zone != NULL;
	snprintf(zone_now, sizeof zone_now, "%s", zone ? zone : "");
	tzset();
}

bool moment_zone_known(const char *zone)
{
	char path[256];
	const char *folder = getenv("TZDIR");

	if (!*zone || strlen(zone) >= sizeof zone_now || zone[0] == '/' || strstr(zone, ".."))
		return false;
	snprintf(path, sizeof path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", zone);
	return strcmp(zone, "UTC") == 0 || access(path, R_OK) == 0;
}

int64_t moment_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

int64_t moment_steady(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

/* libc moves 31 June to 1 July without a word: a day that is not in the calendar is refused instead. */
static bool day_exists(const struct tm *tm)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = tm->tm_year + 1900;
	int leap = tm->tm_mon == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 && tm->tm_mday <= days[tm->tm_mon] + leap;
}

static bool local_to_ms(struct tm *tm, const char *zone, int64_t *ret_ms)
{
	if (!day_exists(tm))
		return false;
	zone_use(zone);
	tm->tm_isdst = -1;
	*ret_ms = (int64_t)mktime(tm) * SECOND_MS;
	return true;
}

/* ".250" as milliseconds; further digits are dropped. */
static const char *fraction_read(const char *at, int64_t *ret_ms)
{
	int64_t scale = 100;

	*ret_ms = 0;
	if ((*at != '.' && *at != ',') || at[1] < '0' || at[1] > '9')
		return at;
	for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10)
		*ret_ms += (*at - '0') * scale;
	return at;
}

/* "Z", "+08:00", "+0800", "-05". NULL: something else. */
static const char *offset_read(const char *at, int64_t *ret_ms)
{
	int hours, minutes = 0, used = 0;
	char sign = *at;

	*ret_ms = 0;
	if (sign == 'Z' || sign == 'z')
		return at + 1;
	if ((sign != '+' && sign != '-') || sscanf(at + 1, "%2d%n", &hours, &used) != 1 || used != 2 || hours < 0 || hours > 15)
		return NULL;
	at += 3;
	if (*at == ':')
		at++;
	if (*at) {
		if (sscanf(at, "%2d%n", &minutes, &used) != 1 || used != 2 || minutes < 0 || minutes > 59)
			return NULL;
		at += 2;
	}
	*ret_ms = (hours * 60 + minutes) * 60 * SECOND_MS * (sign == '-' ? -1 : 1);
	return at;
}

/* Only the years 1 to 9999 can be sent. */
static bool ms_exists(int64_t ms)
{
	return ms >= INSTANT_FIRST && ms <= INSTANT_LAST;
}

static bool iso_read(const char *text, const char *zone, int64_t *ret_ms)
{
	struct tm tm = {0};
	int64_t fraction = 0, offset = 0;
	const char *at = strptime(text, "%Y-%m-%d", &tm);

	if (!at)
		return false;
	if (*at == 'T' || *at == 't' || (*at == ' ' && at[1])) {
		const char *time = strptime(at + 1, "%H:%M:%S", &tm);
		at = time ? time : strptime(at + 1, "%H:%M", &tm);
		if (!at)
			return false;
		at = fraction_read(at, &fraction);
	}
	if (!*at) {
		if (!local_to_ms(&tm, zone, ret_ms))
			return false;
		*ret_ms += fraction;
		return true;
	}
	at = offset_read(at, &offset);
	if (!at || *at || !day_exists(&tm))
		return false;
	*ret_ms = (int64_t)timegm(&tm) * SECOND_MS + fraction - offset;
	return true;
}

bool moment_read(struct span text, const char *zone, int64_t *ret_ms)
{
	char copy[MOMENT_TEXT];
	int64_t apart;

	if (text.len == 0 || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	if (strlen(copy) != text.len)
		return false;
	if (strcmp(copy, "now") == 0) {
		*ret_ms = moment_now();
		return true;
	}
	if (copy[0] == '-' || copy[0] == '+') {
		if (!moment_duration_read((struct span){copy + 1, text.len - 1}, &apart))
			return false;
		*ret_ms = moment_now() + (copy[0] == '-' ? -apart : apart);
		return ms_exists(*ret_ms);
	}
	return iso_read(copy, zone, ret_ms) && ms_exists(*ret_ms);
}

bool moment_scan(const char *text, const char *format, const char *zone, int64_t *ret_ms)
{
	struct tm tm = {.tm_mday = 1};
	int64_t fraction;
	const char *at = strptime(text, format, &tm);

	if (!at)
		return false;
	at = fraction_read(at, &fraction);
	while (*at == ' ')
		at++;
	return *at == 0 && local_to_ms(&tm, zone, ret_ms) && ms_exists(*ret_ms);
}

void moment_write(int64_t ms, const char *zone, char ret_text[MOMENT_TEXT])
{
	int64_t rest = (ms % SECOND_MS + SECOND_MS) % SECOND_MS;
	time_t seconds = (time_t)((ms - rest) / SECOND_MS);
	struct tm tm;
	char day[32], fraction[8] = "";

	zone_use(zone);
	localtime_r(&seconds, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest)
		snprintf(fraction, sizeof fraction, ".%03d", (int)rest);
	long minutes = labs(tm.tm_gmtoff) / 60;
	if (tm.tm_gmtoff == 0)
		snprintf(ret_text, MOMENT_TEXT, "%s%sZ", day, fraction);
	else
		snprintf(ret_text, MOMENT_TEXT, "%s%s%c%02d:%02d", day, fraction, tm.tm_gmtoff < 0 ? '-' : '+', (int)(minutes / 60 % 100), (int)(minutes % 60));
}

static int64_t unit_ms(struct span unit)
{
	static const struct { const char *name; int64_t ms; } units[] = {
		{"ms", 1}, {"s", SECOND_MS}, {"m", 60 * SECOND_MS}, {"h", 3600 * SECOND_MS}, {"d", DAY_MS}, {"w", 7 * DAY_MS},
	};
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (span_is(unit, units[i].name))
			return units[i].ms;
	return 0;
}

bool moment_duration_read(struct span text, int64_t *ret_ms)
{
	int64_t total = 0;
	size_t at = 0;

	if (text.len == 0 || text.len > 40)
		return false;
	while (at < text.len) {
		int64_t amount = 0;
		size_t digits = at;
		for (; at < text.len && text.data[at] >= '0' && text.data[at] <= '9' && amount < 100000000; at++)
			amount = amount * 10 + (text.data[at] - '0');
		size_t word = at;
		while (at < text.len && text.data[at] >= 'a' && text.data[at] <= 'z')
			at++;
		int64_t unit = unit_ms((struct span){text.data + word, at - word});
		if (digits == word || unit == 0)
			return false;
		total += amount * unit;
	}
	*ret_ms = total;
	return true;
}

void duration_write(int64_t ms, char ret_text[DURATION_TEXT])
{
	const char *sign = ms < 0 ? "-" : "";
	int64_t seconds = (ms < 0 ? -ms : ms) / SECOND_MS;
	int64_t days = seconds / 86400;
	int hour = (int)(seconds / 3600 % 24), minute = (int)(seconds / 60 % 60), second = (int)(seconds % 60);

	if (days)
		snprintf(ret_text, DURATION_TEXT, "%s%lldd %02d:%02d:%02d", sign, (long long)(days % 100000000), hour, minute, second);
	else
		snprintf(ret_text, DURATION_TEXT, "%s%02d:%02d:%02d", sign, hour, minute, second);
}
