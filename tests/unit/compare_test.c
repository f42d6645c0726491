/* What an adoption changes, told by table and key: nothing for the same policy, each change once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/compare.h"
#include "town.h"

/* Every change as a line "file level name | message". */
static char *changes_text(const char *file, const char *before_text, const char *after_text)
{
	struct findings findings;
	struct policy *before = town_compile(file, before_text, &findings);
	assert_non_null(before);
	findings_free(&findings);
	struct policy *after = town_compile(file, after_text, &findings);
	assert_non_null(after);
	findings_free(&findings);
	struct changes changes;
	struct buf text = {0};

	policy_compare(before, after, &changes);
	for (size_t i = 0; i < changes.count; i++)
		buf_printf(&text, "%s %s %s | %s\n", changes.rows[i].file, change_words[changes.rows[i].kind], changes.rows[i].name, changes.rows[i].message);
	changes_free(&changes);
	policy_free(before);
	policy_free(after);
	char *copy = span_dup(buf_span(&text));
	buf_free(&text);
	return copy;
}

static void expect(const char *file, const char *before, const char *after, const char *wanted)
{
	char *text = changes_text(file, before, after);

	assert_string_equal(text, wanted);
	free(text);
}

#define CATALOGUE "category,area,urgency,unit,promise,assist\n"

static void rows_are_added_removed_and_changed(void **state)
{
	(void)state;
	expect("catalogue.csv", CATALOGUE "roads,,,works,5-days,\npothole,,,works,2-days,\n", CATALOGUE "pothole,,,works,2-days,\nroads,,,works,5-days,\n", "");
	expect("catalogue.csv", CATALOGUE "roads,,,works,5-days,\npothole,,,works,2-days,\n", CATALOGUE "roads,,,works,2-days,hall\npothole,north,1,works,,\n",
		"catalogue.csv changed row for roads | promise: 5-days -> 2-days; assist: nothing -> hall\n"
		"catalogue.csv added row for pothole in north urgency 1 | unit: works\n"
		"catalogue.csv removed row for pothole | unit: works; promise: 2-days\n");
	expect("catalogue.csv", CATALOGUE "roads,,,works,5-days,\n", CATALOGUE "roads,,,works,5-days,\nroads,,,hall,,\n", "catalogue.csv added row for roads (2) | unit: hall\n");
	expect("units.csv", "code,name,area,calendar,capacity\nhall,Town hall,town,office,\nworks,Public works,town,,10\nsouth-yard,Yard,south,office,\n",
		"code,name,area,calendar,capacity\nhall,Town hall,town,office,\nworks,Public works,town,office,12\nsouth-yard,Yard,south,office,\n",
		"units.csv changed works | calendar: nothing -> office; capacity: 10 -> 12\n");
}

static void admissions_are_told_with_their_days(void **state)
{
	(void)state;
	expect("admissions.csv", "record,department,item,authority,funding,from,to\n1,works,Survey,Order 7,Budget 3,,\n",
		"record,department,item,authority,funding,from,to\n1,works,Survey,Order 7,Budget 3,2026-03-01,2026-12-31\n",
		"admissions.csv changed record 1 | from: nothing -> 2026-03-01; to: nothing -> 2026-12-31\n");
}

#define SWITCHES "name: town\nzone: America/New_York\nlevels: [city, district, street]\nfallback_category: other\n"

static void switches_are_told_by_name(void **state)
{
	(void)state;
	expect("policy.yaml", SWITCHES, SWITCHES "returns: {cap: 3}\nreopen_window: 30 days\nchecking: [{category: roads}]\ndanger_words: [{word: 着火}]\n",
		"policy.yaml changed settings | reopen_window: 14 days -> 30 days; returns cap: 2 -> 3\n"
		"policy.yaml added checking roads | \n"
		"policy.yaml added danger word 着火 | urgency: 1\n");
}

#define OFFICE "calendars:\n  - name: office\n    week: {mon-fri: [\"09:00-12:00\", \"13:00-17:00\"]}\n"

static void calendars_are_told_by_their_dates(void **state)
{
	(void)state;
	expect("calendars.yaml", OFFICE "    holidays: [2026-10-01]\n", OFFICE "    holidays: [2026-10-01, 2027-01-01]\n    workdays: [2027-01-02]\n",
		"calendars.yaml changed calendar office | 2 dates have other hours: from 2027-01-01 to 2027-01-02; known until 2027-12-31\n");
}

#define LADDERS(first, second) "ladders:\n  - {name: " first ", category: roads, rungs: [{role: supervisor, level: city}]}\n" \
	"  - {name: " second ", category: roads, rungs: [{role: supervisor, level: city}]}\n"

static void order_counts_where_the_first_match_wins(void **state)
{
	(void)state;
	expect("ladders.yaml", LADDERS("a", "b"), LADDERS("b", "a"), "ladders.yaml changed ladder a | the order of rows: 'ladder b' now comes before 'ladder a'\n");
	expect("clocks.yaml", "limits:\n  - {name: 2-days, amount: 2, unit: days}\n  - {name: 5-days, amount: 5, unit: days}\nclocks:\n  - {clock: sign, limit: 2-days}\n",
		"limits:\n  - {name: 2-days, amount: 1.5, unit: hours}\n  - {name: 5-days, stages: [{name: cordon, amount: 3, unit: hours}, {name: rest, amount: 5, unit: days}]}\n"
		"clocks:\n  - {clock: sign, limit: 5-days}\n",
		"clocks.yaml changed limit 2-days | amount: 2 days -> 1.500 hours\n"
		"clocks.yaml changed limit 5-days | stage cordon: nothing -> 3 hours; stage rest: nothing -> 5 days; amount: 5 days -> nothing\n"
		"clocks.yaml changed clock sign | limit: 2-days -> 5-days\n");
}

static void everything_is_new_without_a_policy_before(void **state)
{
	struct policy *policy = town_policy(NULL, NULL);
	struct changes changes;

	(void)state;
	policy_compare(NULL, policy, &changes);
	assert_true(changes.count > 15);
	for (size_t i = 0; i < changes.count; i++)
		assert_int_equal(changes.rows[i].kind, CHANGE_ADDED);
	changes_free(&changes);
	policy_compare(policy, policy, &changes);
	assert_int_equal(changes.count, 0);
	changes_free(&changes);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_added_removed_and_changed), cmocka_unit_test(admissions_are_told_with_their_days), cmocka_unit_test(switches_are_told_by_name), cmocka_unit_test(calendars_are_told_by_their_dates),
		cmocka_unit_test(order_counts_where_the_first_match_wins), cmocka_unit_test(everything_is_new_without_a_policy_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
