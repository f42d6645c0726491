/* The assignment decision. */
#include "workers/assign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

#include "city.h"
#include "schema/codec.h"

static struct policy *city;
static struct buf scratch, list;
static struct record task, result;

struct load {
	const char *unit;
	int64_t open;
};

static int begin(void **state)
{
	(void)state;
	city = city_new();
	record_clear(&task);
	record_set(&task, task, TASK_assign);
	record_set(&task, case_id, 43);
	record_set(&task, fence, 3);
	record_set(&task, category, span_of("LIGHT-OUT"));
	record_set(&task, area, span_of("370102001"));
	record_set(&task, now, CITY_MONDAY_10);
	return 0;
}

static int end(void **state)
{
	(void)state;
	policy_free(city);
	buf_free(&scratch);
	buf_free(&list);
	return 0;
}

static int decide(const struct load *loads, size_t count)
{
	struct list_writer writer;
	struct record row;

	buf_clear(&list);
	buf_clear(&scratch);
	list_begin(&writer, &list, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&row);
		record_set(&row, unit, span_of(loads[i].unit));
		record_set(&row, open, loads[i].open);
		list_add(&writer, &row);
	}
	record_set(&task, loads, list_end(&writer));
	return assign_decide(city, &task, &scratch, &result);
}
#define DECIDE(...) decide((const struct load[]){__VA_ARGS__}, sizeof((const struct load[]){__VA_ARGS__}) / sizeof(struct load))

static void expect(const char *unit, double confidence, const char *reason)
{
	assert_int_equal(result.command, COMMAND_assign_result);
	assert_int_equal(result.case_id, 43);
	assert_int_equal(result.fence, 3);
	assert_string_equal(city_text(result.unit), unit);
	assert_true(result.confidence == confidence);
	assert_string_equal(city_text(result.reason), reason);
}

static void first_open_unit_with_room(void **state)
{
	(void)state;
	assert_int_equal(DECIDE({"LAMPS", 9}, {"LIGHTING", 0}), DECISION_MADE);
	expect("LAMPS", 1, "路灯管理处 (LAMPS) is the first of 2 units that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"it is open now and carries 9 of 10 cases");
}

static void only_unit(void **state)
{
	(void)state;
	assert_int_equal(DECIDE({"DESK", 4000}), DECISION_MADE);
	expect("DESK", 1, "市值班室 (DESK) is the unit that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"it is open now and carries 4000 cases, without a limit");
}

static void full_unit_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(DECIDE({"LAMPS", 10}, {"LIGHTING", 4}), DECISION_MADE);
	expect("LIGHTING", 0.9, "照明公司 (LIGHTING) is the second of 2 units that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"it is open now and carries 4 of 5 cases; 路灯管理处 (LAMPS) is full (carries 10 of 10 cases)");
}

static void closed_unit_is_passed_over(void **state)
{
	(void)state;
	record_set(&task, now, CITY_SATURDAY_10);
	assert_int_equal(DECIDE({"LAMPS", 0}, {"LIGHTING", 4}), DECISION_MADE);
	expect("LIGHTING", 0.9, "照明公司 (LIGHTING) is the second of 2 units that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"it is open now and carries 4 of 5 cases; 路灯管理处 (LAMPS) is closed now");
}

static void lunch_break_closes_too(void **state)
{
	(void)state;
	record_set(&task, now, CITY_MONDAY_10 + INT64_C(9000000)); /* 12:30 */
	assert_int_equal(DECIDE({"LAMPS", 0}), DECISION_MADE);
	expect("LAMPS", 0.7, "路灯管理处 (LAMPS) is the unit that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"it is closed now and carries 0 of 10 cases; it opens in 30 min (2026-03-02 13:00)");
}

static void none_open_takes_the_first_with_room(void **state)
{
	(void)state;
	record_set(&task, now, CITY_SATURDAY_10);
	assert_int_equal(DECIDE({"LAMPS", 12}, {"STREET", 3}, {"LIGHTING", 5}), DECISION_MADE);
	expect("STREET", 0.7, "解放路街道办 (STREET) is the second of 3 units that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"none with room is open now, and it carries 3 of 20 cases; it opens in 1 d 23 h (2026-03-09 09:00); 路灯管理处 (LAMPS) is full (carries 12 of 10 cases)");
}

static void calendar_that_ends_is_said(void **state)
{
	(void)state;
	record_set(&task, now, CITY_SATURDAY_10 + INT64_C(90) * 86400000);
	assert_int_equal(DECIDE({"LAMPS", 1}), DECISION_MADE);
	assert_non_null(strstr(city_text(result.reason), "the policy's calendar does not say when it opens again"));
}

static void all_full_takes_the_least_loaded(void **state)
{
	(void)state;
	assert_int_equal(DECIDE({"LAMPS", 15}, {"LIGHTING", 6}, {"STREET", 24}), DECISION_MADE);
	expect("LIGHTING", 0.5, "照明公司 (LIGHTING) is the second of 3 units that the catalogue names for 路灯不亮 (LIGHT-OUT) in 解放路街道 (370102001); "
		"all are full, and it has the least to do for its size: it carries 6 of 5 cases");
}

static void nobody_offered_means_the_duty_desk(void **state)
{
	(void)state;
	assert_int_equal(decide(NULL, 0), DECISION_MADE);
	expect("DESK", 0.4, "the catalogue names no unit for it in 解放路街道 (370102001); 市值班室 (DESK) is the duty desk there");
	record_drop(&task, FIELD_loads);
	buf_clear(&scratch);
	assert_int_equal(assign_decide(city, &task, &scratch, &result), DECISION_MADE);
	assert_string_equal(city_text(result.unit), "DESK");
}

static void unknown_units_are_passed_over_and_counted(void **state)
{
	(void)state;
	assert_int_equal(DECIDE({"GONE", 0}, {"旧单位", 0}, {"LIGHTING", 1}), DECISION_MADE);
	assert_string_equal(city_text(result.unit), "LIGHTING");
	assert_non_null(strstr(city_text(result.reason), "; 2 units offered are not in this version of the policy"));
}

static void nobody_at_all_fails(void **state)
{
	(void)state;
	city->areas[AREA_CITY].duty_desk = -1;
	assert_int_equal(DECIDE({"GONE", 0}), DECISION_FAILED);
	assert_int_equal(result.command, COMMAND_fail);
	assert_int_equal(result.task, TASK_assign);
	assert_int_equal(result.fence, 3);
	assert_string_equal(city_text(result.reason), "the catalogue names no unit for it in 解放路街道 (370102001), and no area above has a duty_desk; "
		"1 units offered are not in this version of the policy");
}

static void unknown_area_is_the_default_one(void **state)
{
	(void)state;
	record_set(&task, area, span_of("nowhere"));
	record_set(&task, category, span_of("nothing"));
	assert_int_equal(DECIDE({"LAMPS", 0}), DECISION_MADE);
	expect("LAMPS", 1, "路灯管理处 (LAMPS) is the unit that the catalogue names for this category in 济南市 (3701); it is open now and carries 0 of 10 cases");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(first_open_unit_with_room), TEST(only_unit), TEST(full_unit_is_passed_over), TEST(closed_unit_is_passed_over), TEST(lunch_break_closes_too),
		TEST(none_open_takes_the_first_with_room), TEST(calendar_that_ends_is_said), TEST(all_full_takes_the_least_loaded),
		TEST(nobody_offered_means_the_duty_desk), TEST(unknown_units_are_passed_over_and_counted), TEST(nobody_at_all_fails), TEST(unknown_area_is_the_default_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
