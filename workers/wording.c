/* Words for people.
 *
 * Owns nothing, reads no clock and no time zone data: the compiled policy knows its city's offsets from UTC. Sentences are
 * English, because one text has to serve every policy; names come from the policy in its own language.
 * Invariant: nothing here ever cuts a UTF-8 character in two. */
#include "workers/wording.h"

#include <time.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct span wording_cut(struct span text, size_t most)
{
	if (text.len <= most)
		return text;
	while (most && ((unsigned char)text.data[most] & 0xc0) == 0x80)
		most--;
	return (struct span){text.data, most};
}

void wording_name(struct buf *buf, struct span name, struct span code)
{
	if (!name.len || span_equal(name, code)) {
		buf_add_span(buf, code);
		return;
	}
	buf_add_span(buf, name);
	buf_add_text(buf, " (");
	buf_add_span(buf, code);
	buf_add_text(buf, ")");
}

void wording_area(struct buf *buf, const struct policy *policy, int area)
{
	wording_name(buf, policy->areas[area].name, policy->areas[area].code);
}

void wording_unit(struct buf *buf, const struct policy *policy, int unit)
{
	wording_name(buf, policy->units[unit].name, policy->units[unit].code);
}

void wording_category(struct buf *buf, const struct policy *policy, int category)
{
	wording_name(buf, policy->categories[category].name, policy->categories[category].code);
}

void wording_quoted(struct buf *buf, struct span text)
{
	buf_add_text(buf, "\"");
	buf_add_span(buf, text);
	buf_add_text(buf, "\"");
}

void wording_duration(struct buf *buf, int64_t milliseconds)
{
	static const struct { int64_t size; const char *name; } part[] = {{DAY, "d"}, {HOUR, "h"}, {MINUTE, "min"}, {SECOND, "s"}};
	uint64_t left = milliseconds < 0 ? -(uint64_t)milliseconds : (uint64_t)milliseconds;
	size_t i = 0;

	while (i < 3 && left < (uint64_t)part[i].size)
		i++;
	buf_printf(buf, "%llu %s", (unsigned long long)(left / (uint64_t)part[i].size), part[i].name);
	left %= (uint64_t)part[i].size;
	if (i < 2 && left / (uint64_t)part[i + 1].size)
		buf_printf(buf, " %llu %s", (unsigned long long)(left / (uint64_t)part[i + 1].size), part[i + 1].name);
}

void wording_time(struct buf *buf, const struct policy *policy, int64_t at)
{
	int64_t local = zone_local(policy->time_zone, at);
	time_t seconds = (time_t)(local >= 0 ? local / SECOND : (local - SECOND + 1) / SECOND);
	struct tm parts;

	/* gmtime only splits the local time into its parts; it knows no zone. */
	if (!gmtime_r(&seconds, &parts)) {
		buf_add_text(buf, "an unknown time");
		return;
	}
	buf_printf(buf, "%04d-%02d-%02d %02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min);
}

void wording_ordinal(struct buf *buf, size_t number)
{
	static const char *const word[] = {"first", "second", "third"};

	if (number >= 1 && number <= 3)
		buf_add_text(buf, word[number - 1]);
	else if (number % 10 >= 1 && number % 10 <= 3 && (number % 100 < 11 || number % 100 > 13))
		buf_printf(buf, "%zu%s", number, number % 10 == 1 ? "st" : number % 10 == 2 ? "nd" : "rd");
	else
		buf_printf(buf, "%zuth", number);
}
