/* The town's files. Owns its texts only. Lines are numbered from 1 in the tests that name them. */
#include "town.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/words.h"

static const struct {
	const char *name, *text;
} town_files[] = {
	{"areas.csv", "code,parent,level,name,duty_desk\n"
		      "town,,city,Town,hall\n"
		      "north,town,district,North,\n"
		      "south,town,district,South,south-yard\n"
		      "n1,north,street,North One,\n"},
	{"calendars.yaml", "calendars:\n"
			   "  - name: office\n"
			   "    week: {mon-fri: [\"09:00-12:00\", \"13:00-17:00\"]}\n"},
	{"catalogue.csv", "category,area,urgency,unit,promise\n"
			  "roads,,,works,5-days\n"
			  "pothole,,,works,2-days\n"},
	{"categories.csv", "code,parent,name,kind,urgency,words\n"
			   "roads,,Roads,help,3,\n"
			   "pothole,roads,Pothole,,2,pothole|hole in the road\n"
			   "other,,Other,consultation,4,\n"},
	{"clocks.yaml", "limits:\n"
			"  - {name: 2-days, amount: 2, unit: days}\n"
			"  - {name: 5-days, amount: 5, unit: working_days, calendar: office}\n"
			"clocks:\n"
			"  - {clock: triage, limit: 2-days}\n"},
	{"duties.csv", "area,role,name,calendar\n"
		       "town,supervisor,Ann,\n"},
	{"ladders.yaml", "ladders:\n"
			 "  - name: late\n"
			 "    rungs:\n"
			 "      - {after: 100 %, role: supervisor, level: city, acknowledge: 30 minutes, repeat: 1 hour}\n"},
	{"policy.yaml", "name: town\n"
			"zone: America/New_York\n"
			"levels: [city, district, street]\n"
			"fallback_category: other\n"},
	{"units.csv", "code,name,area,calendar,capacity\n"
		      "hall,Town hall,town,office,\n"
		      "works,Public works,town,,10\n"
		      "south-yard,Yard of the south,south,office,\n"},
};
#define TOWN_FILES (sizeof town_files / sizeof *town_files)

struct policy *town_compile(const char *file, const char *text, struct findings *findings)
{
	struct policy_file files[TOWN_FILES + 1];
	size_t count = 0;
	bool known = false;

	for (size_t i = 0; i < TOWN_FILES; i++) {
		bool replaced = file && strcmp(file, town_files[i].name) == 0;
		const char *content = replaced ? text : town_files[i].text;
		known |= replaced;
		if (content)
			files[count++] = (struct policy_file){span_of(town_files[i].name), span_of(content)};
	}
	if (file && !known)
		files[count++] = (struct policy_file){span_of(file), span_of(text)};
	return policy_compile(files, count, findings);
}

static struct policy *without_findings(struct policy *policy, struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		print_error("%s:%lld:%lld: %s\n", findings->rows[i].file, (long long)findings->rows[i].row, (long long)findings->rows[i].column, findings->rows[i].message);
	assert_int_equal(findings->count, 0);
	findings_free(findings);
	assert_non_null(policy);
	return policy;
}

struct policy *town_policy(const char *file, const char *text)
{
	struct findings findings;
	struct policy *policy = town_compile(file, text, &findings);

	return without_findings(policy, &findings);
}

struct policy *town_calendars(const char *zone, const char *calendars)
{
	struct findings findings;
	char switches[256];

	snprintf(switches, sizeof switches, "name: t\nzone: %s\nlevels: [city]\nfallback_category: c\n", zone);
	const struct policy_file files[] = {
		{span_of("areas.csv"), span_of("code,parent,level,name,duty_desk\nroot,,city,Root,u\n")},
		{span_of("categories.csv"), span_of("code,parent,name\nc,,C\n")},
		{span_of("units.csv"), span_of("code,name\nu,U\n")},
		{span_of("policy.yaml"), span_of(switches)},
		{span_of("calendars.yaml"), span_of(calendars)},
	};
	struct policy *policy = policy_compile(files, sizeof files / sizeof *files, &findings);
	return without_findings(policy, &findings);
}

const struct calendar *town_calendar(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->calendar_count; i++)
		if (span_is(policy->calendars[i].name, name))
			return &policy->calendars[i];
	fail_msg("no calendar %s", name);
	return NULL;
}

int64_t town_instant(const struct policy *policy, const char *local)
{
	int64_t at = 0;

	if (!local_time_read(span_of(local), &at))
		fail_msg("not a time: %s", local);
	return zone_instant(policy->time_zone, at);
}

const char *town_local(const struct policy *policy, int64_t at)
{
	static char texts[8][40];
	static unsigned next;
	char *text = texts[next++ % 8];
	int64_t local = zone_local(policy->time_zone, at), date = zone_date(policy->time_zone, at), year = 1970, month = 1;
	int64_t second = (local - date * ZONE_DAY_MS) / 1000;

	while (date_of(year + 1, 1, 1) <= date)
		year++;
	while (month < 12 && date_of(year, month + 1, 1) <= date)
		month++;
	snprintf(text, sizeof texts[0], "%04d-%02d-%02d %02d:%02d:%02d", (int)year, (int)month, (int)(date - date_of(year, month, 1) + 1), (int)(second / 3600),
		(int)(second / 60 % 60), (int)(second % 60));
	return text;
}
