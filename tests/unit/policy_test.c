/* Asking a policy: precedence, trees, ladders, duties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "town.h"

static int area(const struct policy *policy, const char *code)
{
	return policy_area(policy, span_of(code));
}

static int category(const struct policy *policy, const char *code)
{
	return policy_category(policy, span_of(code));
}

static const char catalogue[] = "category,area,urgency,unit,promise\n"
				"*,*,,hall,9-days\n"                /* 2 */
				"roads,,,works,5-days\n"            /* 3 */
				"roads,south,,south-yard,\n"        /* 4 */
				"roads,,1,,1-hours\n"               /* 5 */
				"pothole,,,works,2-days\n"          /* 6 */
				"pothole,north,,,3-days\n"          /* 7 */
				"pothole,n1,2,hall,\n"              /* 8 */
				"pothole,n1,,works,4-days\n"        /* 9 */
				"pothole,n1,,hall,\n"               /* 10 */
				"other,town,,south-yard,none\n";    /* 11 */

static const char clocks[] = "limits:\n"
			     "  - {name: 9-days, amount: 9, unit: days}\n"
			     "  - {name: 5-days, amount: 5, unit: days}\n"
			     "  - {name: 4-days, amount: 4, unit: days}\n"
			     "  - {name: 3-days, amount: 3, unit: days}\n"
			     "  - {name: 2-days, amount: 2, unit: days}\n"
			     "  - {name: 1-hours, amount: 1, unit: hours}\n"
			     "clocks:\n"
			     "  - {clock: sign, category: roads, area: north, limit: 2-days}\n"
			     "  - {clock: sign, urgency: 1, limit: 1-hours}\n"
			     "  - {clock: sign, category: pothole, limit: none}\n"
			     "  - {clock: sign, limit: 5-days}\n"
			     "  - {clock: promise, category: roads, limit: 9-days}\n";

/* The town with this catalogue and these clocks. */
static struct policy *catalogue_policy(const char *rows)
{
	struct findings findings;
	const struct policy_file files[] = {
		{span_of("areas.csv"), span_of("code,parent,level,name,duty_desk\nn1,north,street,North One,\nnorth,town,district,North,\nsouth,town,district,South,south-yard\ntown,,city,Town,hall\n")},
		{span_of("categories.csv"), span_of("code,parent,name,kind,urgency\npothole,roads,Pothole,,2\nroads,,Roads,help,3\nother,,Other,thanks,\n")},
		{span_of("units.csv"), span_of("code,name,area\nhall,Hall,town\nworks,Works,\nsouth-yard,Yard,south\n")},
		{span_of("policy.yaml"), span_of("name: t\nzone: UTC\nlevels: [city, district, street]\nfallback_category: other\n")},
		{span_of("clocks.yaml"), span_of(clocks)},
		{span_of("catalogue.csv"), span_of(rows)},
	};
	struct policy *policy = policy_compile(files, sizeof files / sizeof *files, &findings);

	assert_non_null(policy);
	findings_free(&findings);
	return policy;
}

static void promised(const struct policy *policy, const char *what, const char *where, int urgency, const char *limit, const char *line)
{
	struct span behind = {"", 0};
	int index = policy_promise(policy, category(policy, what), area(policy, where), urgency, &behind);

	if (!limit)
		assert_int_equal(index, -1);
	else
		assert_true(span_is(policy->limits[index].name, limit));
	assert_true(span_is(behind, line));
}

static void the_most_specific_promise_wins(void **state)
{
	struct policy *policy = catalogue_policy(catalogue);

	(void)state;
	promised(policy, "pothole", "n1", 3, "4-days", "catalogue.csv:9");
	promised(policy, "pothole", "n1", 2, "4-days", "catalogue.csv:9"); /* line 8 names the urgency but promises nothing */
	promised(policy, "pothole", "north", 3, "3-days", "catalogue.csv:7");
	promised(policy, "pothole", "south", 3, "2-days", "catalogue.csv:6");
	promised(policy, "pothole", "town", 3, "2-days", "catalogue.csv:6");
	promised(policy, "pothole", "town", 1, "2-days", "catalogue.csv:6"); /* category before urgency */
	promised(policy, "roads", "n1", 3, "5-days", "catalogue.csv:3");
	promised(policy, "roads", "south", 3, "5-days", "catalogue.csv:3"); /* line 4 promises nothing */
	promised(policy, "roads", "south", 1, "1-hours", "catalogue.csv:5");
	promised(policy, "other", "south", 3, NULL, "catalogue.csv:11");
	promised(policy, "nothing", "nowhere", 3, "9-days", "catalogue.csv:2");
	policy_free(policy);
	policy = catalogue_policy("category,unit\nroads,works\n");
	promised(policy, "pothole", "n1", 3, "9-days", "clocks.yaml:13");
	promised(policy, "other", "n1", 3, NULL, "");
	policy_free(policy);
}

static void offered(const struct policy *policy, const char *what, const char *where, int urgency, const char *expected)
{
	int units[8];
	struct span lines[8];
	struct buf list = {0};
	size_t count = policy_units_for(policy, category(policy, what), area(policy, where), urgency, units, lines, 8);

	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s%.*s@%.*s", i ? " " : "", (int)policy->units[units[i]].code.len, policy->units[units[i]].code.data, (int)lines[i].len - 14, lines[i].data + 14);
	buf_add(&list, "", 1);
	assert_string_equal(list.data, expected);
	buf_free(&list);
}

static void units_come_most_specific_first_and_once(void **state)
{
	struct policy *policy = catalogue_policy(catalogue);
	int unit = -1;

	(void)state;
	offered(policy, "pothole", "n1", 2, "hall@8 works@9");
	offered(policy, "pothole", "n1", 3, "works@9 hall@10");
	offered(policy, "pothole", "south", 3, "works@6 south-yard@4 hall@2");
	offered(policy, "roads", "town", 3, "works@3 hall@2");
	offered(policy, "nothing", "nowhere", 3, ""); /* hall serves the town, and nowhere is not in it */
	offered(policy, "nothing", "town", 3, "hall@2");
	assert_int_equal(policy_units_for(policy, category(policy, "pothole"), area(policy, "n1"), 2, &unit, NULL, 1), 1);
	assert_int_equal(unit, policy_unit(policy, span_of("hall")));
	assert_int_equal(policy_units_for(policy, category(policy, "pothole"), area(policy, "n1"), 2, &unit, NULL, 0), 0);
	policy_free(policy);
}

static void a_row_without_area_offers_only_where_the_unit_serves(void **state)
{
	struct policy *policy = catalogue_policy("category,area,unit\nroads,,south-yard\nroads,,works\npothole,north,south-yard\n");

	(void)state;
	offered(policy, "roads", "south", 3, "south-yard@2 works@3");
	offered(policy, "roads", "n1", 3, "works@3");
	offered(policy, "pothole", "n1", 3, "south-yard@4 works@3"); /* a row that names the area means it */
	policy_free(policy);
}

static void the_first_clock_row_wins(void **state)
{
	struct policy *policy = catalogue_policy(catalogue);
	struct span line;
	int roads = category(policy, "roads"), pothole = category(policy, "pothole"), other = category(policy, "other");

	(void)state;
	assert_int_equal(policy_stage_limit(policy, CLOCK_sign, pothole, area(policy, "n1"), 1, &line), policy_limit(policy, span_of("2-days")));
	assert_true(span_is(line, "clocks.yaml:9"));
	assert_int_equal(policy_stage_limit(policy, CLOCK_sign, pothole, area(policy, "south"), 1, NULL), policy_limit(policy, span_of("1-hours")));
	assert_int_equal(policy_stage_limit(policy, CLOCK_sign, pothole, area(policy, "south"), 3, &line), -1);
	assert_true(span_is(line, "clocks.yaml:11"));
	assert_int_equal(policy_stage_limit(policy, CLOCK_sign, roads, area(policy, "south"), 3, NULL), policy_limit(policy, span_of("5-days")));
	assert_int_equal(policy_stage_limit(policy, CLOCK_sign, other, -1, 3, NULL), policy_limit(policy, span_of("5-days")));
	assert_int_equal(policy_stage_limit(policy, CLOCK_handle, roads, area(policy, "south"), 3, NULL), -1);
	assert_int_equal(policy_stage_limit(policy, 1000, roads, 0, 3, NULL), -1);
	policy_free(policy);
}

static void trees_hold_what_is_below(void **state)
{
	struct policy *policy = catalogue_policy(catalogue);
	int n1 = area(policy, "n1"), north = area(policy, "north"), south = area(policy, "south"), town = area(policy, "town");

	(void)state;
	assert_true(policy_area_within(policy, n1, n1) && policy_area_within(policy, n1, north) && policy_area_within(policy, n1, town));
	assert_false(policy_area_within(policy, north, n1) || policy_area_within(policy, n1, south) || policy_area_within(policy, town, south));
	assert_true(policy_area_within(policy, n1, -1) && policy_area_within(policy, -1, -1));
	assert_false(policy_area_within(policy, -1, town));
	assert_true(policy_category_within(policy, category(policy, "pothole"), category(policy, "roads")));
	assert_false(policy_category_within(policy, category(policy, "other"), category(policy, "roads")));
	assert_true(span_is(policy->areas[n1].path, "town/north/n1"));
	assert_true(span_is(policy->areas[town].path, "town"));
	assert_int_equal(policy->default_area, town);
	assert_int_equal(policy_area_at_level(policy, n1, policy_level(policy, span_of("street"))), n1);
	assert_int_equal(policy_area_at_level(policy, n1, policy_level(policy, span_of("district"))), north);
	assert_int_equal(policy_area_at_level(policy, n1, 0), town);
	assert_int_equal(policy_area_at_level(policy, town, 2), town); /* it lies above that level */
	assert_int_equal(policy_level(policy, span_of("galaxy")), -1);
	assert_int_equal(area(policy, ""), -1);
	assert_int_equal(area(policy, "Town"), -1);
	policy_free(policy);
}

static void inheritance(void **state)
{
	struct policy *policy = catalogue_policy(catalogue);

	(void)state;
	assert_int_equal(policy->areas[area(policy, "n1")].duty_desk, policy_unit(policy, span_of("hall")));
	assert_int_equal(policy->areas[area(policy, "south")].duty_desk, policy_unit(policy, span_of("south-yard")));
	assert_int_equal(policy->categories[category(policy, "pothole")].kind, KIND_help);
	assert_int_equal(policy->categories[category(policy, "pothole")].urgency, 2);
	assert_int_equal(policy->categories[category(policy, "other")].kind, KIND_thanks);
	assert_int_equal(policy->categories[category(policy, "other")].urgency, 3);
	assert_int_equal(policy->units[policy_unit(policy, span_of("works"))].area, area(policy, "town"));
	assert_int_equal(policy->units[policy_unit(policy, span_of("works"))].calendar, -1);
	policy_free(policy);
}

static void the_first_ladder_wins(void **state)
{
	struct policy *policy = town_policy("ladders.yaml",
		"ladders:\n"
		"  - {name: alarm, at_once: true, urgency: 1, rungs: [{role: supervisor, level: city}]}\n"
		"  - {name: roads, clock: promise, category: roads, area: north, rungs: [{role: supervisor, level: city}]}\n"
		"  - {name: signing, clock: sign, rungs: [{after: 120 %, role: supervisor, level: city}, {after: 300 %, role: supervisor, level: city, repeat: 1 day}]}\n"
		"  - {name: rest, rungs: [{role: supervisor, level: city, acknowledge: 30 minutes}]}\n");
	int pothole = category(policy, "pothole"), n1 = area(policy, "n1"), south = area(policy, "south");

	(void)state;
	assert_true(span_is(policy_ladder(policy, CLOCK_promise, pothole, n1, 1, true)->name, "alarm"));
	assert_null(policy_ladder(policy, CLOCK_promise, pothole, n1, 2, true));
	assert_true(span_is(policy_ladder(policy, CLOCK_promise, pothole, n1, 1, false)->name, "roads"));
	assert_true(span_is(policy_ladder(policy, CLOCK_promise, pothole, south, 1, false)->name, "rest"));
	const struct ladder *ladder = policy_ladder(policy, CLOCK_sign, pothole, south, 3, false);
	assert_true(span_is(ladder->name, "signing"));
	assert_int_equal(ladder->rung_count, 2);
	assert_int_equal(ladder->rungs[0].after_percent, 120);
	assert_int_equal(ladder->rungs[1].repeat_ms, 86400000);
	ladder = &policy->ladders[policy_ladder_named(policy, span_of("rest"))];
	assert_int_equal(ladder->rungs[0].after_percent, 100);
	assert_int_equal(ladder->rungs[0].acknowledge_ms, 1800000);
	assert_int_equal(policy->ladders[0].rungs[0].after_percent, 0);
	assert_int_equal(policy_ladder_named(policy, span_of("none of them")), -1);
	policy_free(policy);
}

static void somebody_is_there_by_calendar(void **state)
{
	struct policy *policy = town_policy("duties.csv", "area,role,name,calendar\ntown,supervisor,Ann,\nnorth,supervisor,Ben,office\nnorth,warden,Cid,\nnorth,supervisor,Dot,office\n");
	struct span supervisor = span_of("supervisor");
	int64_t friday = town_instant(policy, "2011-07-01 10:00:00"), night = town_instant(policy, "2011-07-01 22:00:00");

	(void)state;
	assert_true(policy_somebody(policy, area(policy, "north"), supervisor, friday));
	assert_false(policy_somebody(policy, area(policy, "north"), supervisor, night));
	assert_true(policy_somebody(policy, area(policy, "north"), span_of("warden"), night));
	assert_true(policy_somebody(policy, area(policy, "town"), supervisor, night));
	assert_false(policy_somebody(policy, area(policy, "south"), supervisor, friday));
	assert_false(policy_somebody(policy, area(policy, "n1"), supervisor, friday)); /* in the area itself, not above it */
	assert_false(policy_somebody(policy, -1, supervisor, friday));
	policy_free(policy);
}

static void ladders_by_cause(void **state)
{
	struct policy *policy = town_policy("ladders.yaml",
		"ladders:\n"
		"  - {name: alarm, cause: urgency, urgency: 1, rungs: [{role: supervisor, level: city, acknowledge: 1 hour, hold: 1 day}]}\n"
		"  - {name: back, cause: returns, rungs: [{role: supervisor, level: city}]}\n"
		"  - {name: pothole, cause: unsatisfied, category: pothole, rungs: [{role: supervisor, level: city}]}\n"
		"  - {name: late, rungs: [{role: supervisor, level: city}]}\n");
	int pothole = category(policy, "pothole"), roads = category(policy, "roads"), n1 = area(policy, "n1");

	(void)state;
	assert_true(policy->ladders[0].at_once);
	assert_int_equal(policy->ladders[0].rungs[0].hold_ms, 86400000);
	assert_int_equal(policy->ladders[1].rungs[0].after_percent, 0);
	assert_true(span_is(policy_ladder(policy, CLOCK_sign, pothole, n1, 1, false)->name, "late"));
	assert_true(span_is(policy_ladder(policy, CLOCK_sign, pothole, n1, 1, true)->name, "alarm"));
	assert_true(span_is(policy_ladder_for(policy, LADDER_RETURNS, CLOCK_none, pothole, n1, 3)->name, "back"));
	assert_true(span_is(policy_ladder_for(policy, LADDER_UNSATISFIED, CLOCK_none, pothole, n1, 3)->name, "pothole"));
	assert_null(policy_ladder_for(policy, LADDER_UNSATISFIED, CLOCK_none, roads, n1, 3));
	assert_null(policy_ladder_for(policy, LADDER_REMINDERS, CLOCK_none, pothole, n1, 3));
	policy_free(policy);
}

#define SWITCHES "name: town\nzone: America/New_York\nlevels: [city, district, street]\nfallback_category: other\n"

static void steps_are_switched_on_by_category_channel_and_kind(void **state)
{
	struct policy *policy = town_policy("policy.yaml", SWITCHES "checking: [{category: roads}, {channel: phone, kind: complaint}]\ncalling_back: [{all: true}]\n");
	int pothole = category(policy, "pothole"), other = category(policy, "other");
	struct span none = {"", 0};

	(void)state;
	assert_true(policy_checks(policy, pothole, none, KIND_help));
	assert_false(policy_checks(policy, other, none, KIND_complaint));
	assert_false(policy_checks(policy, other, span_of("phone"), KIND_help));
	assert_true(policy_checks(policy, other, span_of("phone"), KIND_complaint));
	assert_true(policy_calls_back(policy, other, none, KIND_thanks));
	policy_free(policy);
	policy = town_policy(NULL, NULL);
	assert_false(policy_checks(policy, pothole, none, KIND_help));
	assert_false(policy_calls_back(policy, pothole, none, KIND_help));
	policy_free(policy);
}

static void switches_have_defaults(void **state)
{
	struct policy *policy = town_policy(NULL, NULL);

	(void)state;
	assert_int_equal(policy->returns_cap, 2);
	assert_int_equal(policy->extensions_cap, 1);
	assert_int_equal(policy->extension_limit, -1);
	assert_false(policy->extension_moves_promise);
	assert_int_equal(policy->suspension_longest_ms, 90 * ZONE_DAY_MS);
	assert_int_equal(policy->call_attempts, 3);
	assert_int_equal(policy->reminders_urgent_after, 0);
	policy_free(policy);
	policy = town_policy("policy.yaml", SWITCHES
		"returns: {cap: 0}\nextensions: {cap: 2, limit: 2-days, promise: true}\nsuspension: {longest: 30 days}\ncall_attempts: 5\n"
		"reminders: {urgent_after: 3, escalate_after: 2}\nsources: [{name: hall, quiet_after: 2 hours, calendar: office}]\n"
		"emergency_numbers: [{number: \"119\", name: 消防, words: [着火, fire]}]\n");
	assert_int_equal(policy->returns_cap, 0);
	assert_int_equal(policy->extension_limit, policy_limit(policy, span_of("2-days")));
	assert_true(policy->extension_moves_promise);
	assert_int_equal(policy->suspension_longest_ms, 30 * ZONE_DAY_MS);
	assert_int_equal(policy->reminders_urgent_after, 3);
	assert_int_equal(policy->reminders_escalate_after, 2);
	assert_int_equal(policy_source(policy, span_of("hall")), 0);
	assert_int_equal(policy_source(policy, span_of("moon")), -1);
	assert_int_equal(policy->sources[0].quiet_ms, 7200000);
	assert_int_equal(policy_emergency(policy, span_of("119")), 0);
	assert_int_equal(policy->emergencies[0].word_count, 2);
	assert_true(span_is(policy->emergencies[0].name, "消防"));
	policy_free(policy);
}

static void admissions_hold_for_what_they_say(void **state)
{
	struct policy *policy = town_policy("admissions.csv",
		"record,department,item,category,area,authority,funding,from,to\n"
		"2011-7,works,Hydrant survey,roads,north,Order 7,Budget 3,2011-07-01,2011-07-31\n");
	int works = policy_unit(policy, span_of("works")), hall = policy_unit(policy, span_of("hall"));
	int pothole = category(policy, "pothole"), n1 = area(policy, "n1");

	(void)state;
	int64_t july = town_instant(policy, "2011-07-31 23:59:59"), august = town_instant(policy, "2011-08-01 00:00:00");
	assert_int_equal(policy_admission(policy, works, pothole, n1, july), 0);
	assert_int_equal(policy_admission(policy, works, pothole, n1, town_instant(policy, "2011-07-01 00:00:00")), 0);
	assert_int_equal(policy_admission(policy, works, pothole, n1, august), -1);
	assert_int_equal(policy_admission(policy, works, pothole, n1, town_instant(policy, "2011-06-30 23:59:59")), -1);
	assert_int_equal(policy_admission(policy, hall, pothole, n1, july), -1);
	assert_int_equal(policy_admission(policy, works, category(policy, "other"), n1, july), -1);
	assert_int_equal(policy_admission(policy, works, pothole, area(policy, "south"), july), -1);
	policy_free(policy);
}

static void the_lead_brings_its_assistants(void **state)
{
	struct policy *policy = town_policy("catalogue.csv", "category,area,unit,promise,assist\nroads,,works,5-days,hall|south-yard\npothole,,works,,\npothole,south,south-yard,,works\n");
	int pothole = category(policy, "pothole"), roads = category(policy, "roads"), south = area(policy, "south"), n1 = area(policy, "n1");

	(void)state;
	const struct catalogue_row *row = policy_lead_row(policy, roads, n1, 3, -1);
	assert_int_equal(row->assist_count, 2);
	assert_int_equal(row->assist[1], policy_unit(policy, span_of("south-yard")));
	row = policy_lead_row(policy, pothole, south, 3, -1);
	assert_int_equal(row->unit, policy_unit(policy, span_of("south-yard")));
	assert_int_equal(row->assist_count, 1);
	row = policy_lead_row(policy, pothole, south, 3, policy_unit(policy, span_of("works")));
	assert_int_equal(row->assist_count, 0);
	assert_null(policy_lead_row(policy, pothole, n1, 3, policy_unit(policy, span_of("hall"))));
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_promise_wins), cmocka_unit_test(units_come_most_specific_first_and_once),
		cmocka_unit_test(a_row_without_area_offers_only_where_the_unit_serves), cmocka_unit_test(the_first_clock_row_wins),
		cmocka_unit_test(trees_hold_what_is_below), cmocka_unit_test(inheritance), cmocka_unit_test(the_first_ladder_wins),
		cmocka_unit_test(somebody_is_there_by_calendar),
		cmocka_unit_test(ladders_by_cause), cmocka_unit_test(steps_are_switched_on_by_category_channel_and_kind), cmocka_unit_test(switches_have_defaults),
		cmocka_unit_test(admissions_hold_for_what_they_say), cmocka_unit_test(the_lead_brings_its_assistants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
