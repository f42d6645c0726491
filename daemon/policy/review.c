/* What a policy allows but hardly means: desks and audiences that are missing, calendars and admissions that come to an end.
 * Rules that never match and areas without a unit are in files of their own.
 *
 * Runs on a finished policy and only adds warnings. Owns nothing; a pure function of the policy and the time that it is
 * given. Many places with one fault make one finding: a list of a few names and how many more there are. */
#include "policy/review.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_AHEAD 365 /* an end that is nearer than this is told */
#define NAMES_MOST 3   /* in one finding */
#define COMPARISONS_MOST INT64_C(50000000) /* a large city needs a few millions; about half a second */

struct place review_place(struct span line, char file[64])
{
	size_t colon = line.len;
	int64_t row = 0;

	while (colon > 0 && line.data[colon - 1] != ':')
		colon--;
	for (size_t i = colon; colon && i < line.len; i++)
		row = row * 10 + (line.data[i] - '0');
	snprintf(file, 64, "%.*s", colon ? (int)colon - 1 : (int)line.len, line.data ? line.data : "");
	return (struct place){.file = file, .row = row, .column = row > 0};
}

void review_warn(struct review *review, struct span line, const char *format, ...)
{
	char file[64], *message = NULL;
	struct place place = review_place(line, file);
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		memory_out(0);
	va_end(args);
	finding_warning(review->findings, place, "%s", message);
	free(message);
}

static struct place table_place(const char *file, const int64_t *lines, size_t row)
{
	return (struct place){.file = file, .row = lines ? lines[row] : 0, .column = lines != NULL};
}

/* An area whose cases nobody takes when the catalogue is silent, or where no unit has its seat above or in it. Told for the
 * topmost such area only. */
static void review_areas(struct review *review)
{
	const struct policy *policy = review->policy;
	bool *served = must_calloc(policy->area_count, sizeof *served);

	for (size_t i = 0; i < policy->unit_count; i++)
		served[policy->units[i].area] = true;
	for (size_t i = 0; i < policy->area_count; i++) {
		const struct area *area = &policy->areas[i];
		struct place place = table_place("areas.csv", policy->area_lines, i);
		int at = (int)i;
		while (at >= 0 && !served[at])
			at = policy->areas[at].parent;
		if (area->duty_desk < 0 && (area->parent < 0 || policy->areas[area->parent].duty_desk >= 0))
			finding_warning(review->findings, place, "area '%.*s' has no duty desk, nor has any area above it: a case that nobody takes waits for people there", SPAN_ARGS(area->code));
		else if (area->duty_desk >= 0 && at < 0)
			finding_warning(review->findings, place, "no unit serves area '%.*s': give one a seat there or above", SPAN_ARGS(area->code));
	}
	free(served);
}

/* Areas of a rung's level without anybody in its role. */
static void rung_review(struct review *review, const struct ladder *ladder, size_t at)
{
	const struct policy *policy = review->policy;
	const struct rung *rung = &ladder->rungs[at];
	bool *heard = must_calloc(policy->area_count, sizeof *heard);
	struct buf names = {0};
	size_t asked = 0, silent = 0;

	for (size_t i = 0; i < policy->duty_count; i++)
		if (span_equal(policy->duties[i].role, rung->role))
			heard[policy->duties[i].area] = true;
	for (size_t i = 0; i < policy->area_count; i++) {
		const struct area *area = &policy->areas[i];
		/* A ladder for one area still tells the areas above it. */
		if (area->level != rung->level || !(policy_area_within(policy, (int)i, ladder->area) || policy_area_within(policy, ladder->area, (int)i)))
			continue;
		asked++;
		if (!heard[i] && silent++ < NAMES_MOST)
			buf_printf(&names, "%s'%.*s'", silent > 1 ? ", " : "", SPAN_ARGS(area->code));
	}
	if (silent && silent > NAMES_MOST)
		buf_printf(&names, " and %zu more", silent - NAMES_MOST);
	struct span level = policy->levels[rung->level];
	if (silent && silent == asked)
		review_warn(review, ladder->line, "ladder '%.*s', rung %zu: no duty in duties.csv has the role '%.*s' at level '%.*s', so nobody hears it", SPAN_ARGS(ladder->name), at + 1,
			SPAN_ARGS(rung->role), SPAN_ARGS(level));
	else if (silent)
		review_warn(review, ladder->line, "ladder '%.*s', rung %zu: nobody has the role '%.*s' in %zu of %zu areas at level '%.*s' (%.*s): there it climbs at once",
			SPAN_ARGS(ladder->name), at + 1, SPAN_ARGS(rung->role), silent, asked, SPAN_ARGS(level), SPAN_ARGS(buf_span(&names)));
	buf_free(&names);
	free(heard);
}

static void review_ladders(struct review *review)
{
	const struct policy *policy = review->policy;

	for (size_t i = 0; i < policy->ladder_count; i++)
		for (size_t j = 0; j < policy->ladders[i].rung_count && review_spend(review, policy->area_count + policy->duty_count); j++)
			rung_review(review, &policy->ladders[i], j);
}

static void date_text(int64_t date, char text[16])
{
	int64_t year = 1970, month = 12;

	while (date_of(year + 1, 1, 1) <= date)
		year++;
	while (date_of(year, month, 1) > date)
		month--;
	snprintf(text, 16, "%04d-%02d-%02d", (int)(year % 10000), (int)month, (int)(date - date_of(year, month, 1) + 1));
}

static void review_calendars(struct review *review)
{
	const struct policy *policy = review->policy;
	int64_t today = zone_date(policy->time_zone, review->now);
	char until[16];

	for (size_t i = 0; i < policy->calendar_count; i++) {
		const struct calendar *calendar = &policy->calendars[i];
		if (!calendar->known_until || today + DAYS_AHEAD <= calendar->known_until)
			continue;
		date_text(calendar->known_until, until);
		review_warn(review, calendar->line, "calendar '%.*s' %s %s: add the holidays that follow, or say known_until:", SPAN_ARGS(calendar->name),
			calendar->known_until < today ? "ended; its holidays are known until" : "ends within a year; its holidays are known until", until);
	}
}

static void review_admissions(struct review *review)
{
	const struct policy *policy = review->policy;

	for (size_t i = 0; i < policy->admission_count; i++)
		if (policy->admissions[i].to_ms <= review->now)
			review_warn(review, policy->admissions[i].line, "admission record '%.*s' has run out: it can never admit anything any more", SPAN_ARGS(policy->admissions[i].record));
}

void policy_review(const struct policy *policy, int64_t now, struct findings *findings)
{
	struct review review = {.policy = policy, .findings = findings, .now = now, .left = COMPARISONS_MOST};

	review_areas(&review);
	review_coverage(&review);
	review_shadows(&review);
	review_ladders(&review);
	review_calendars(&review);
	review_admissions(&review);
	if (review.left < 0)
		finding_warning(findings, (struct place){.file = "policy.yaml"}, "this policy is so large that not everything in it was looked at for what is hardly meant");
}
