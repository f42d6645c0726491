/* The escalation decision and the words it is told in. */
#include "workers/escalate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/case_number.h"
#include "city.h"
#include "workers/wording.h"

#define HOUR INT64_C(3600000)

static struct policy *city;
static struct buf scratch;
static struct record task, result;

static int begin(void **state)
{
	(void)state;
	city = city_new();
	record_clear(&task);
	record_set(&task, task, TASK_escalate);
	record_set(&task, case_id, 31828);
	record_set(&task, fence, 5);
	record_set(&task, clock, CLOCK_promise);
	record_set(&task, ladder, span_of("late"));
	record_set(&task, rung, 1);
	record_set(&task, category, span_of("LIGHT-OUT"));
	record_set(&task, urgency, 3);
	record_set(&task, area, span_of("370102001"));
	record_set(&task, unit, span_of("LAMPS"));
	record_set(&task, state, STATE_dispatched);
	record_set(&task, title, span_of("解放路12号路灯不亮"));
	record_set(&task, due, CITY_MONDAY_10 - 26 * HOUR - 300000);
	record_set(&task, now, CITY_MONDAY_10);
	record_set(&task, reason, span_of("the promise was breached"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	policy_free(city);
	buf_free(&scratch);
	return 0;
}

static int decide(void)
{
	buf_clear(&scratch);
	return escalate_decide(city, &task, &scratch, &result);
}

static void text_holds(const char *part)
{
	const char *text = city_text(result.text);

	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

static void whole_notice(void **state)
{
	char number[CASE_NUMBER_TEXT], expected[1000];

	(void)state;
	assert_int_equal(decide(), DECISION_MADE);
	assert_int_equal(result.command, COMMAND_escalate_result);
	assert_int_equal(result.case_id, 31828);
	assert_int_equal(result.fence, 5);
	assert_int_equal(result.clock, CLOCK_promise);
	assert_int_equal(result.rung, 1);
	assert_string_equal(city_text(result.ladder), "late");
	assert_string_equal(city_text(result.audience), "supervisor@street");
	assert_string_equal(city_text(result.audience_area), "370102001");
	assert_false(record_has(&result, empty));
	case_number_write(31828, number);
	snprintf(expected, sizeof expected, "Case %s: 路灯不亮 (LIGHT-OUT), urgency 3. \"解放路12号路灯不亮\"\n"
		"Where: 解放路街道 (370102001), 历下区, 济南市. With 路灯管理处 (LAMPS), dispatched.\n"
		"The promise to the resident was due 2026-03-01 07:55 and is 1 d 2 h late.\n"
		"Why now: the promise was breached.\n"
		"Asked: supervisor@street of 解放路街道 (370102001): please see that the case is brought to its end, "
		"and acknowledge this notice within 30 min; otherwise supervisor@district is told.", number);
	assert_string_equal(city_text(result.text), expected);
}

static void rungs_climb_the_area_tree(void **state)
{
	static const struct { int64_t rung; const char *audience, *area; bool empty; } rungs[] = {
		{0, "supervisor@street", "370102001", false},
		{1, "supervisor@street", "370102001", false},
		{2, "supervisor@district", "370102", false},
		{3, "director@city", "3701", true},
		{4, "director@city", "3701", true},
		{99, "director@city", "3701", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rungs / sizeof *rungs; i++) {
		record_set(&task, rung, rungs[i].rung);
		assert_int_equal(decide(), DECISION_MADE);
		assert_string_equal(city_text(result.audience), rungs[i].audience);
		assert_string_equal(city_text(result.audience_area), rungs[i].area);
		assert_int_equal(record_get(&result, empty, false), rungs[i].empty);
		assert_int_equal(result.rung, rungs[i].rung);
	}
	text_holds("director@city of 济南市 (3701): please see that the case is brought to its end. Nobody has this duty there at present.");
}

static void duty_hours_are_kept(void **state)
{
	(void)state;
	record_set(&task, now, CITY_SATURDAY_10);
	decide();
	assert_true(record_get(&result, empty, false));
	record_set(&task, rung, 2);
	decide();
	assert_false(record_has(&result, empty));
}

static void case_above_the_level_tells_its_own_area(void **state)
{
	(void)state;
	record_set(&task, area, span_of("370103"));
	decide();
	assert_string_equal(city_text(result.audience), "supervisor@street");
	assert_string_equal(city_text(result.audience_area), "370103");
	assert_true(record_get(&result, empty, false));
}

static void unknown_area_is_told_to_the_default_one(void **state)
{
	(void)state;
	record_set(&task, area, span_of("?"));
	decide();
	assert_string_equal(city_text(result.audience_area), "3701");
}

static void each_clock_has_its_words(void **state)
{
	(void)state;
	for (int clock = CLOCK_promise; clock < CLOCK_LIMIT; clock++) {
		record_set(&task, clock, (uint8_t)clock);
		decide();
		assert_int_equal(result.clock, clock);
		assert_null(strstr(city_text(result.text), "\nThe case was due"));
		text_holds("please see that ");
	}
	record_set(&task, clock, CLOCK_sign);
	decide();
	text_holds("The unit's time to sign for it was due");
	text_holds("please see that the unit signs for it");
}

static void not_late_yet(void **state)
{
	(void)state;
	record_set(&task, due, CITY_MONDAY_10 + 2 * HOUR + 60000);
	decide();
	text_holds("is due 2026-03-02 12:01, in 2 h 1 min.");
	record_set(&task, due, CITY_MONDAY_10);
	decide();
	text_holds("is due now, 2026-03-02 10:00.");
	record_drop(&task, FIELD_due);
	decide();
	text_holds("The promise to the resident has no due time.");
}

static void bare_case(void **state)
{
	(void)state;
	record_drop(&task, FIELD_category);
	record_drop(&task, FIELD_unit);
	record_drop(&task, FIELD_title);
	record_drop(&task, FIELD_reason);
	record_set(&task, state, STATE_received);
	decide();
	text_holds(": not classified yet, urgency 3.\nWhere: ");
	text_holds("With no unit, received.\n");
	assert_null(strstr(city_text(result.text), "Why now"));
}

static void alarm_needs_no_due_time(void **state)
{
	(void)state;
	record_set(&task, clock, CLOCK_alarm);
	record_drop(&task, FIELD_due);
	decide();
	text_holds("\nThe case is told at once, whatever its clocks say.\n");
}

static void unknown_ladder_fails(void **state)
{
	(void)state;
	record_set(&task, ladder, span_of("旧梯"));
	assert_int_equal(decide(), DECISION_FAILED);
	assert_int_equal(result.command, COMMAND_fail);
	assert_int_equal(result.task, TASK_escalate);
	assert_int_equal(result.clock, CLOCK_promise);
	assert_string_equal(city_text(result.reason), "version 7 of the policy has no ladder \"旧梯\"");
}

static void durations(void **state)
{
	static const struct { int64_t ms; const char *words; } cases[] = {
		{0, "0 s"}, {59999, "59 s"}, {60000, "1 min"}, {3599999, "59 min"}, {HOUR, "1 h"}, {HOUR + 61000, "1 h 1 min"},
		{25 * HOUR, "1 d 1 h"}, {48 * HOUR + 59000, "2 d"}, {-2 * HOUR, "2 h"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&scratch);
		wording_duration(&scratch, cases[i].ms);
		assert_string_equal(city_text(buf_span(&scratch)), cases[i].words);
	}
}

static void ordinals(void **state)
{
	static const struct { size_t number; const char *words; } cases[] = {
		{1, "first"}, {3, "third"}, {4, "4th"}, {11, "11th"}, {13, "13th"}, {21, "21st"}, {22, "22nd"}, {23, "23rd"}, {111, "111th"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&scratch);
		wording_ordinal(&scratch, cases[i].number);
		assert_string_equal(city_text(buf_span(&scratch)), cases[i].words);
	}
}

static void cut_keeps_characters_whole(void **state)
{
	(void)state;
	assert_int_equal(wording_cut(span_of("路灯"), 6).len, 6);
	assert_int_equal(wording_cut(span_of("路灯"), 5).len, 3);
	assert_int_equal(wording_cut(span_of("路灯"), 2).len, 0);
	assert_int_equal(wording_cut(span_of("ab"), 1).len, 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(whole_notice), TEST(rungs_climb_the_area_tree), TEST(duty_hours_are_kept), TEST(case_above_the_level_tells_its_own_area),
		TEST(unknown_area_is_told_to_the_default_one), TEST(each_clock_has_its_words), TEST(not_late_yet), TEST(bare_case), TEST(alarm_needs_no_due_time),
		TEST(unknown_ladder_fails), TEST(durations), TEST(ordinals), TEST(cut_keeps_characters_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
