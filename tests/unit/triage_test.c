/* The triage decision, the index of words under it, and the choice of similar reports. */
#include "workers/triage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "city.h"
#include "schema/codec.h"
#include "workers/similar.h"

static struct policy *city;
static struct words *words;
static struct buf scratch;
static struct record task, result;

static int begin(void **state)
{
	(void)state;
	city = city_new();
	words = triage_words(city);
	record_clear(&task);
	record_set(&task, task, TASK_triage);
	record_set(&task, case_id, 42);
	record_set(&task, fence, 9);
	record_set(&task, now, CITY_MONDAY_10);
	buf_clear(&scratch);
	return 0;
}

static int end(void **state)
{
	(void)state;
	words_free(words);
	policy_free(city);
	buf_free(&scratch);
	return 0;
}

static int decide(void)
{
	return triage_decide(words, city, &task, &scratch, &result);
}

static void reason_holds(const char *part)
{
	const char *reason = city_text(result.reason);

	if (!strstr(reason, part))
		fail_msg("'%s' is not in '%s'", part, reason);
}

static void given_category_is_kept(void **state)
{
	(void)state;
	record_set(&task, category, span_of("NOISE"));
	record_set(&task, text, span_of("路灯不亮"));
	assert_int_equal(decide(), DECISION_MADE);
	assert_int_equal(result.command, COMMAND_triage_result);
	assert_int_equal(result.case_id, 42);
	assert_int_equal(result.fence, 9);
	assert_string_equal(city_text(result.category), "NOISE");
	assert_true(result.confidence == 1);
	assert_int_equal(result.urgency, 4);
	assert_int_equal(result.kind, KIND_complaint);
	reason_holds("it came in as 噪音 (NOISE)");
}

static void words_choose_the_category(void **state)
{
	static const struct { const char *title, *text, *category; } cases[] = {
		{"路灯", "门口的路灯坏了三天", "LIGHT"},
		{"", "我家门口路灯不亮,请派人维修", "LIGHT-OUT"},
		{"STREET LIGHT OUT", "corner of Main and 1st", "LIGHT-OUT"},
		{"", "The Street\nLight blinks", "LIGHT"},
		{"", "小区停水,水管爆裂", "BURST"},
		{"", "no water since a burst pipe", "BURST"},
		{"", "噪音扰民,路灯", "NOISE"},
		{"", "gas燃气味", "GAS"},
		{"", "Gasoline on the watermelon", "OTHER"},
		{"", "streetlights", "OTHER"},
		{"", "wateré", "OTHER"},
		{"", "停 水", "OTHER"},
		{"", "", "OTHER"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&scratch);
		record_set(&task, title, span_of(cases[i].title));
		record_set(&task, text, span_of(cases[i].text));
		assert_int_equal(decide(), DECISION_MADE);
		if (!span_is(result.category, cases[i].category))
			fail_msg("'%s' '%s' is %s, not %s", cases[i].title, cases[i].text, city_text(result.category), cases[i].category);
	}
}

static void reason_quotes_the_policys_words(void **state)
{
	(void)state;
	record_set(&task, text, span_of("张三家 NOISE 噪音 扰民"));
	assert_int_equal(decide(), DECISION_MADE);
	reason_holds("the words \"noise\", \"噪音\", \"扰民\" speak for 噪音 (NOISE)");
	assert_null(strstr(city_text(result.reason), "张三"));
}

static void confidence_follows_the_evidence(void **state)
{
	double one, many, contested;

	(void)state;
	record_set(&task, text, span_of("噪音"));
	decide();
	one = result.confidence;
	record_set(&task, text, span_of("噪音扰民"));
	decide();
	many = result.confidence;
	record_set(&task, text, span_of("噪音扰民 路灯"));
	decide();
	contested = result.confidence;
	record_set(&task, text, span_of("无"));
	decide();
	assert_true(one > result.confidence);
	assert_true(many > one);
	assert_true(contested < many);
	assert_true(result.confidence == 0.1);
	reason_holds("no word of the policy stands in the report, so it goes to 其他 (OTHER)");
}

static void parent_is_no_rival(void **state)
{
	double alone;

	(void)state;
	record_set(&task, text, span_of("水管爆裂"));
	decide();
	alone = result.confidence;
	record_set(&task, text, span_of("水管爆裂 停水"));
	decide();
	assert_true(result.confidence == alone);
}

static void equal_evidence_goes_to_the_deeper_then_the_earlier(void **state)
{
	static struct span same[] = {{"tie", 3}};

	(void)state;
	words_free(words);
	city->categories[CATEGORY_NOISE].words = city->categories[CATEGORY_GAS].words = city->categories[CATEGORY_BURST].words = same;
	city->categories[CATEGORY_NOISE].word_count = city->categories[CATEGORY_GAS].word_count = city->categories[CATEGORY_BURST].word_count = 1;
	words = triage_words(city);
	record_set(&task, text, span_of("a tie"));
	decide();
	assert_string_equal(city_text(result.category), "BURST");
	words_free(words);
	city->categories[CATEGORY_BURST].word_count = 0;
	words = triage_words(city);
	decide();
	assert_string_equal(city_text(result.category), "GAS");
}

static void danger_makes_urgent(void **state)
{
	(void)state;
	record_set(&task, category, span_of("NOISE"));
	record_set(&task, title, span_of("有人触电"));
	record_set(&task, text, span_of("somebody is TRAPPED"));
	decide();
	assert_int_equal(result.urgency, 1);
	assert_string_equal(city_text(result.category), "NOISE");
	reason_holds("urgency 1 because of the danger word \"触电\"");
}

static void danger_gives_a_category(void **state)
{
	(void)state;
	record_set(&task, text, span_of("路灯不亮,楼道燃气泄漏"));
	decide();
	assert_string_equal(city_text(result.category), "GAS");
	assert_int_equal(result.urgency, 1);
	assert_int_equal(result.kind, KIND_incident);
	assert_true(result.confidence == 0.9);
	reason_holds("the danger word \"燃气泄漏\" stands for 燃气 (GAS)");
}

static void danger_word_needs_its_boundary(void **state)
{
	(void)state;
	record_set(&task, text, span_of("entrapped, a gas leakage"));
	decide();
	assert_int_equal(result.urgency, 2);
	assert_string_equal(city_text(result.category), "GAS");
	reason_holds("as the category has it");
}

static void most_urgent_wins(void **state)
{
	(void)state;
	record_set(&task, category, span_of("LIGHT"));
	record_set(&task, urgency, 2);
	decide();
	assert_int_equal(result.urgency, 2);
	reason_holds("urgency 2 as it came in");
	record_set(&task, urgency, 4);
	decide();
	assert_int_equal(result.urgency, 3);
}

static void kind_is_the_publishers(void **state)
{
	(void)state;
	record_set(&task, kind, KIND_suggestion);
	record_set(&task, text, span_of("gas"));
	decide();
	assert_int_equal(result.kind, KIND_suggestion);
}

static void kind_of_intake_without_category_is_no_statement(void **state)
{
	(void)state;
	record_set(&task, kind, KIND_help);
	record_set(&task, text, span_of("gas"));
	decide();
	assert_int_equal(result.kind, KIND_incident);
	record_set(&task, category, span_of("GAS"));
	decide();
	assert_int_equal(result.kind, KIND_help);
}

static void area_is_the_given_one_or_the_default(void **state)
{
	(void)state;
	record_set(&task, area, span_of("370102001"));
	record_set(&task, text, span_of("噪音"));
	decide();
	assert_string_equal(city_text(result.area), "370102001");
	record_set(&task, area, span_of("9999"));
	decide();
	assert_string_equal(city_text(result.area), "3701");
	reason_holds("the policy has no area \"9999\", so 济南市 (3701)");
}

static void unknown_category_is_noted(void **state)
{
	(void)state;
	record_set(&task, category, span_of("旧类"));
	record_set(&task, text, span_of("噪音"));
	record_set(&task, priority, true);
	decide();
	assert_string_equal(city_text(result.category), "NOISE");
	reason_holds("the policy has no category \"旧类\"; the word \"噪音\" speaks for");
	reason_holds("; the caller has priority");
}

static void nothing_to_say_fails_with_the_reason(void **state)
{
	(void)state;
	city->fallback_category = -1;
	record_set(&task, text, span_of("你好"));
	assert_int_equal(decide(), DECISION_FAILED);
	assert_int_equal(result.command, COMMAND_fail);
	assert_int_equal(result.task, TASK_triage);
	assert_int_equal(result.case_id, 42);
	assert_int_equal(result.fence, 9);
	reason_holds("the policy names no fallback_category");
}

static void long_reason_is_cut_between_characters(void **state)
{
	char name[1400];

	(void)state;
	for (size_t i = 0; i < sizeof name - 3; i += 3)
		memcpy(name + i, "灯", 3);
	city->categories[CATEGORY_LIGHT].name = (struct span){name, sizeof name - 5};
	record_set(&task, category, span_of("LIGHT"));
	decide();
	assert_true(result.reason.len <= 1000 && result.reason.len > 990);
	assert_memory_equal(result.reason.data + result.reason.len - 3, "灯", 3);
}

static struct buf list;

static void offer(struct list_writer *writer, int64_t number, const char *category, int64_t distance_m, bool same_address, int64_t age_ms)
{
	struct record row;

	record_clear(&row);
	record_set(&row, case_id, number);
	record_set(&row, category, span_of(category));
	if (distance_m >= 0)
		record_set(&row, distance_m, distance_m);
	if (same_address)
		record_set(&row, same_address, true);
	record_set(&row, age_ms, age_ms);
	list_add(writer, &row);
}

static void best_three_similar_are_offered(void **state)
{
	const int64_t day = 86400000;
	struct list_writer writer;
	struct span rest, map;
	struct record row;
	struct flaw flaw;
	int64_t numbers[4], count = 0;
	double last = 1;

	(void)state;
	buf_clear(&list);
	list_begin(&writer, &list, CODEC_NAMES);
	offer(&writer, 1, "LIGHT", 150, false, day);     /* same, far */
	offer(&writer, 2, "LIGHT", -1, true, day);       /* same address */
	offer(&writer, 3, "LIGHT-OUT", 0, false, 0);     /* below it */
	offer(&writer, 4, "GAS", 0, true, 0);            /* something else */
	offer(&writer, 5, "LIGHT", 201, false, 0);       /* out of the radius */
	offer(&writer, 6, "LIGHT", 0, true, 8 * day);    /* out of the window */
	offer(&writer, 42, "LIGHT", 0, true, 0);         /* itself */
	offer(&writer, 8, "LIGHT", 10, false, day);      /* same, near */
	record_set(&task, similar, list_end(&writer));
	record_set(&task, category, span_of("LIGHT"));
	decide();
	list_open(result.similar, &rest);
	while (frame_next(&rest, &map) && count < 4) {
		assert_int_equal(codec_read(map, &row, &flaw), 0);
		assert_true(row.score <= last && row.score >= SIMILAR_LEAST_SCORE);
		last = row.score;
		numbers[count++] = row.case_id;
	}
	assert_int_equal(count, 3);
	assert_int_equal(numbers[0], 2);
	assert_int_equal(numbers[1], 8);
	assert_int_equal(numbers[2], 3);
	buf_free(&list);
}

static void no_similar_no_list(void **state)
{
	struct list_writer writer;

	(void)state;
	list_begin(&writer, &list, CODEC_NAMES);
	offer(&writer, 4, "GAS", 0, true, 0);
	record_set(&task, similar, list_end(&writer));
	record_set(&task, category, span_of("LIGHT"));
	decide();
	assert_false(record_has(&result, similar));
	city->similar_window_ms = 0;
	record_set(&task, category, span_of("GAS"));
	decide();
	assert_false(record_has(&result, similar));
	buf_free(&list);
}

/* The index against a plain search, over texts made from a small alphabet so that words overlap often. */
struct count {
	unsigned hits[64];
};

static void count_hit(void *context, int owner, struct span word, size_t at)
{
	(void)word;
	(void)at;
	((struct count *)context)->hits[owner]++;
}

static unsigned next_random(unsigned *seed)
{
	return *seed = *seed * 1103515245u + 12345u, *seed >> 16;
}

static void index_agrees_with_a_plain_search(void **state)
{
	static const char *const letters[] = {"灯", "水", "气", "管"};
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct words *many = words_new();
		char word[64][32] = {{0}}, text[400] = "";
		struct count found = {{0}};
		for (int i = 0; i < 64; i++) {
			for (unsigned j = 1 + next_random(&seed) % 5; j; j--)
				strcat(word[i], letters[next_random(&seed) % 4]);
			words_add(many, span_of(word[i]), i);
		}
		for (int i = 0; i < 100; i++)
			strcat(text, letters[next_random(&seed) % 4]);
		words_build(many);
		words_find(many, span_of(text), count_hit, &found);
		for (int i = 0; i < 64; i++) {
			unsigned expected = 0;
			for (const char *at = text; (at = strstr(at, word[i])); at++)
				expected++;
			assert_int_equal(found.hits[i], expected);
		}
		words_free(many);
	}
}

static void same_words_in_either_order_of_title_and_text(void **state)
{
	struct record first;

	(void)state;
	record_set(&task, title, span_of("噪音"));
	record_set(&task, text, span_of("路灯 gas"));
	decide();
	first = result;
	record_set(&task, title, span_of("路灯 gas"));
	record_set(&task, text, span_of("噪音"));
	decide();
	assert_true(span_equal(first.category, result.category));
	assert_true(first.confidence == result.confidence);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(given_category_is_kept), TEST(words_choose_the_category), TEST(reason_quotes_the_policys_words), TEST(confidence_follows_the_evidence),
		TEST(parent_is_no_rival), TEST(equal_evidence_goes_to_the_deeper_then_the_earlier), TEST(danger_makes_urgent), TEST(danger_gives_a_category),
		TEST(danger_word_needs_its_boundary), TEST(most_urgent_wins), TEST(kind_is_the_publishers), TEST(kind_of_intake_without_category_is_no_statement),
		TEST(area_is_the_given_one_or_the_default), TEST(unknown_category_is_noted), TEST(nothing_to_say_fails_with_the_reason),
		TEST(long_reason_is_cut_between_characters), TEST(best_three_similar_are_offered), TEST(no_similar_no_list),
		TEST(index_agrees_with_a_plain_search), TEST(same_words_in_either_order_of_title_and_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
