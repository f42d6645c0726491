/* The policy of examples/jinan: as large and as complete as it says, and its office calendar against the published holidays
 * and make-up workdays, every day of four years. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/compare.h"
#include "policy/words.h"
#include "town.h"

#define FIRST_YEAR 2023
#define LAST_YEAR 2026

static struct policy *policy;
static struct findings findings;

static int jinan_open(void **state)
{
	struct policy_file *files;
	size_t count;
	char error[256];

	(void)state;
	if (policy_files_read(JINAN_DIR, &files, &count, error, sizeof error))
		return -1;
	policy = policy_compile(files, count, &findings);
	policy_files_free(files, count);
	for (size_t i = 0; i < findings.count; i++)
		print_error("%s:%d: %s\n", findings.rows[i].file, (int)findings.rows[i].row, findings.rows[i].message);
	return policy ? 0 : -1;
}

static int jinan_close(void **state)
{
	(void)state;
	policy_free(policy);
	findings_free(&findings);
	return 0;
}

/* 2 as the week says, 1 off, 0 worked; index: days since 2022-01-01. */
static unsigned char stated[6 * 366];

/* What the published files state. They are plain enough to be read by hand: "date": "...", "isOffDay": true. */
static void published_read(int year)
{
	char path[300], line[4096];

	snprintf(path, sizeof path, "%s/%d.json", HOLIDAY_DIR, year);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	int64_t date = 0;
	while (fgets(line, sizeof line, file)) {
		char *at = strstr(line, "\"date\": \""), *off = strstr(line, "\"isOffDay\": ");
		if (at)
			assert_true(date_read((struct span){at + 9, 10}, &date));
		if (off && date)
			stated[date - date_of(2022, 1, 1)] = strncmp(off + 12, "true", 4) == 0;
	}
	fclose(file);
}

static void every_day_of_four_years_is_as_published(void **state)
{
	const struct calendar *office = town_calendar(policy, "office");
	int days = 0, off_weekdays = 0, worked_weekends = 0;

	(void)state;
	memset(stated, 2, sizeof stated);
	for (int year = FIRST_YEAR; year <= LAST_YEAR; year++)
		published_read(year);
	for (int64_t date = date_of(FIRST_YEAR, 1, 1); date < date_of(LAST_YEAR + 1, 1, 1); date++) {
		int said = stated[date - date_of(2022, 1, 1)];
		bool weekend = date_weekday(date) >= 5, works = said == 2 ? !weekend : said == 0;
		const struct calendar_day *day = &office->days[date - CALENDAR_FIRST_DATE];
		if (day->working != works)
			print_error("day %d of the era: working %d, published %d\n", (int)date, day->working, works);
		assert_int_equal(day->working, works);
		/* seven hours on each working day, make-up workdays too; China has no daylight saving */
		assert_int_equal(calendar_counted(office, day->midnight, day->midnight + ZONE_DAY_MS), works ? 7 * 3600000 : 0);
		days++;
		off_weekdays += !weekend && !works;
		worked_weekends += weekend && works;
	}
	assert_int_equal(days, 1461);
	assert_true(off_weekdays > 60 && worked_weekends > 20);
}

static int64_t areas_at(int level)
{
	int64_t count = 0;

	for (size_t i = 0; i < policy->area_count; i++)
		count += policy->areas[i].level == level;
	return count;
}

static int64_t units_of(const char *kind)
{
	int64_t count = 0;

	for (size_t i = 0; i < policy->unit_count; i++)
		count += span_is(policy->units[i].kind, kind);
	return count;
}

static void it_is_as_large_as_a_city(void **state)
{
	(void)state;
	assert_int_equal(policy->level_count, 5);
	assert_int_equal(areas_at(1), 12);
	assert_int_equal(areas_at(2), 18);
	assert_int_equal(areas_at(3), 54);
	assert_int_equal(areas_at(4), 216);
	assert_int_equal(units_of("公用事业"), 10);
	assert_int_equal(units_of("社区警务室"), 54);
	assert_int_equal(units_of("调解委员会"), 54);
	assert_int_equal(units_of("志愿服务队"), 54);
	assert_int_equal(units_of("网格员"), 216);
	assert_true(policy->catalogue_count >= 300);
	assert_true(policy->admission_count >= 5);
	assert_int_equal(policy->emergency_count, 4);
	for (size_t i = 0; i < policy->area_count; i++)
		assert_true(policy->areas[i].name_en.len > 0);
	for (size_t i = 0; i < policy->unit_count; i++)
		assert_true(policy->units[i].name_en.len > 0);
	for (size_t i = 0; i < policy->category_count; i++)
		assert_true(policy->categories[i].name_en.len > 0);
}

/* Nothing is wrong; a year before the holidays end, nothing is doubtful either. */
static void check_finds_nothing(void **state)
{
	(void)state;
	assert_int_equal(findings.count, 0);
	policy_review(policy, town_instant(policy, "2025-11-01 12:00:00"), &findings);
	for (size_t i = 0; i < findings.count; i++)
		print_error("%s:%d: %s\n", findings.rows[i].file, (int)findings.rows[i].row, findings.rows[i].message);
	assert_int_equal(findings.count, 0);
	policy_review(policy, town_instant(policy, "2026-06-01 12:00:00"), &findings);
	assert_int_equal(findings.count, 2);
	assert_non_null(strstr(findings.rows[0].message, "ends within a year"));
}

static const char *lead(const char *category, const char *area, size_t place)
{
	int units[4] = {-1, -1, -1, -1};

	policy_units_for(policy, policy_category(policy, span_of(category)), policy_area(policy, span_of(area)), 3, units, NULL, 4);
	return units[place] < 0 ? "" : policy->units[units[place]].code.data;
}

static void work_goes_to_whom_the_arrangements_say(void **state)
{
	(void)state;
	/* the grid worker first, then community, street, district */
	assert_string_equal(lead("E0102", "370102001001001", 0), "370102001001001-WG");
	assert_string_equal(lead("E0102", "370102001001001", 1), "370102001001-SQ");
	assert_string_equal(lead("E0102", "370102001001001", 2), "370102001-JD");
	assert_string_equal(lead("E0102", "370102001001001", 3), "370102-CG");
	assert_string_equal(lead("E0102", "370124", 0), "370124-CG");
	/* ten utilities, a mediation team, the community's counter, and the department where there is none */
	assert_string_equal(lead("U-GAS", "370103001002003", 0), "JN-GAS");
	assert_string_equal(lead("H10", "370103001002003", 0), "370103001002-TJ");
	assert_string_equal(lead("S05", "370104002003", 0), "370104002003-FW");
	assert_string_equal(lead("S05", "370104002003", 1), "JN-YBJ");
	assert_string_equal(lead("S05", "370115", 0), "JN-YBJ");
	assert_string_equal(lead("X01", "370102003001002", 0), "370102003001-FW");
	/* danger: the gas service leads, the fire brigade helps, in stages */
	int gas = policy_category(policy, span_of("D01")), grid = policy_area(policy, span_of("370102001001001"));
	const struct catalogue_row *row = policy_lead_row(policy, gas, grid, 1, -1);
	assert_true(span_is(policy->units[row->unit].code, "JN-GAS"));
	assert_int_equal(row->assist_count, 2);
	assert_true(span_is(policy->limits[policy_promise(policy, gas, grid, 1, NULL)].name, "危险处置"));
	assert_true(span_is(policy_ladder(policy, CLOCK_alarm, gas, grid, 1, true)->name, "危急立即告知"));
	assert_true(policy_calls_back(policy, gas, span_of("phone"), KIND_incident));
	assert_false(policy_calls_back(policy, policy_category(policy, span_of("H01")), span_of("phone"), KIND_consultation));
}

static void ladders_climb_from_the_community(void **state)
{
	const struct ladder *late = policy_ladder(policy, CLOCK_promise, policy_category(policy, span_of("H03")), policy_area(policy, span_of("370102001001001")), 3, false);
	int64_t night = town_instant(policy, "2026-10-03 03:00:00");

	(void)state;
	assert_int_equal(late->rung_count, 4);
	assert_int_equal(late->rungs[0].level, 3);
	assert_int_equal(late->rungs[3].level, 0);
	assert_true(policy_somebody(policy, policy_area(policy, span_of("370102001001")), late->rungs[0].role, night));
	assert_true(policy_somebody(policy, policy_area(policy, span_of("370100")), span_of("值班员"), night));
	assert_int_equal(policy_admission(policy, policy_unit(policy, span_of("JN-MZJ")), policy_category(policy, span_of("S02")), policy_area(policy, span_of("370104002003")), night), 0);
	assert_int_equal(policy_admission(policy, policy_unit(policy, span_of("JN-MZJ")), policy_category(policy, span_of("S01")), policy_area(policy, span_of("370104002003")), night), -1);
}

/* One byte of one file changed, fixed seed: whatever comes of it is reviewed and compared without harm, and comparing back tells as much. */
static void damaged_files_are_reviewed_and_compared(void **state)
{
	struct policy_file *files;
	size_t count, usable = 0;
	char error[256];
	uint32_t seed = 12345;

	(void)state;
	assert_int_equal(policy_files_read(JINAN_DIR, &files, &count, error, sizeof error), 0);
	for (int trial = 0; trial < 60; trial++) {
		struct findings its = {0};
		struct span whole = files[(size_t)trial % count].content;
		struct buf text = {0};
		buf_add_span(&text, whole);
		seed = seed * 1664525 + 1013904223;
		text.data[(seed >> 8) % text.len] = "0129,|\n"[seed % 7];
		files[(size_t)trial % count].content = buf_span(&text);
		struct policy *damaged = policy_compile(files, count, &its);
		files[(size_t)trial % count].content = whole;
		if (damaged) {
			struct changes there, back;
			policy_review(damaged, 0, &its);
			policy_compare(policy, damaged, &there);
			policy_compare(damaged, policy, &back);
			assert_int_equal(there.count, back.count);
			changes_free(&there);
			changes_free(&back);
			usable++;
		}
		policy_free(damaged);
		findings_free(&its);
		buf_free(&text);
	}
	assert_true(usable > 5);
	policy_files_free(files, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_four_years_is_as_published), cmocka_unit_test(it_is_as_large_as_a_city), cmocka_unit_test(check_finds_nothing),
		cmocka_unit_test(work_goes_to_whom_the_arrangements_say), cmocka_unit_test(ladders_climb_from_the_community),
		cmocka_unit_test(damaged_files_are_reviewed_and_compared),
	};

	return cmocka_run_group_tests(tests, jinan_open, jinan_close);
}
