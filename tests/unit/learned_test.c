/* The triage decision with a classifier, and the worker's model as its file changes. */
#include "workers/triage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "city.h"
#include "learn/train.h"
#include "workers/learned.h"
#include "workers/model_file.h"

#define EXAMPLES 60

static struct policy *city;
static struct words *words;
static struct buf scratch, file;
static struct model *model;
static struct record task, result;

/* None of the sentences holds a triage word of the city. RATS is a category that the city does not have. */
static void model_bytes(struct buf *ret_file)
{
	static const struct { const char *label, *text; } of[] = {
		{"LIGHT-OUT", "晚上很黑,看不见路"}, {"NOISE", "邻居半夜唱歌,睡不着"}, {"RATS", "rats run over the yard"},
	};
	struct example examples[EXAMPLES];
	char error[200];

	for (size_t i = 0; i < EXAMPLES; i++)
		examples[i] = (struct example){span_of(of[i % 3].label), {{NULL, 0}, span_of(of[i % 3].text)}, (int64_t)i};
	buf_clear(ret_file);
	if (!train_model(examples, EXAMPLES, ret_file, NULL, error, sizeof error))
		fail_msg("%s", error);
}

static int begin(void **state)
{
	char error[200];

	(void)state;
	city = city_new();
	city->classifier_confidence = 0.6;
	words = triage_words(city);
	model_bytes(&file);
	model = model_read(buf_span(&file), error, sizeof error);
	record_clear(&task);
	record_set(&task, task, TASK_triage);
	record_set(&task, case_id, 42);
	record_set(&task, fence, 9);
	buf_clear(&scratch);
	return model ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	model_free(model);
	words_free(words);
	policy_free(city);
	buf_free(&scratch);
	buf_free(&file);
	return 0;
}

static int decide(const char *text)
{
	buf_clear(&scratch);
	record_set(&task, text, span_of(text));
	return triage_decide_learned(model, words, city, &task, &scratch, &result);
}

static void reason_holds(const char *part)
{
	const char *reason = city_text(result.reason);

	if (!strstr(reason, part))
		fail_msg("'%s' is not in '%s'", part, reason);
}

static void classifier_speaks_where_no_word_does(void **state)
{
	(void)state;
	assert_int_equal(decide("这里晚上很黑,看不见路"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "LIGHT-OUT");
	assert_true(result.confidence >= 0.6 && result.confidence <= 1);
	assert_false(record_has(&result, attention));
	reason_holds("the classifier, trained on 60 cases, takes it with confidence ");
}

static void people_and_words_come_first(void **state)
{
	(void)state;
	assert_int_equal(decide("晚上很黑,看不见路,水管爆裂"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "BURST");
	reason_holds("speaks for");
	assert_int_equal(decide("晚上很黑,看不见路 gas leak"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "GAS");
	assert_int_equal(result.urgency, 1);
	record_set(&task, category, span_of("WATER"));
	assert_int_equal(decide("晚上很黑,看不见路"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "WATER");
	assert_true(result.confidence == 1);
}

static void below_the_threshold_people_decide(void **state)
{
	(void)state;
	city->classifier_confidence = 1;
	assert_int_equal(decide("晚上黑,邻居唱歌"), DECISION_FAILED);
	assert_int_equal(result.command, COMMAND_fail);
	assert_int_equal(result.task, TASK_triage);
	assert_int_equal(result.case_id, 42);
	assert_true(record_get(&result, attention, false));
	reason_holds("confidence 0.");
	reason_holds(" is below the policy's 1.00: people decide");
	assert_int_equal(decide("ЖЩЮ ѢѲѴ"), DECISION_FAILED);
	reason_holds("no idea of what it is about: people decide");
}

static void danger_does_not_wait_for_people(void **state)
{
	(void)state;
	assert_int_equal(decide("ЖЩЮ ѢѲѴ 触电"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "OTHER");
	assert_int_equal(result.urgency, 1);
	reason_holds("no word of the policy stands in the report");
	assert_null(strstr(city_text(result.reason), "people decide"));
}

static void without_threshold_or_model_all_is_as_before(void **state)
{
	struct model *kept = model;

	(void)state;
	city->classifier_confidence = 0;
	assert_int_equal(decide("晚上很黑,看不见路"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "OTHER");
	city->classifier_confidence = 0.6;
	model = NULL;
	assert_int_equal(decide("晚上很黑,看不见路"), DECISION_MADE);
	assert_string_equal(city_text(result.category), "OTHER");
	assert_true(result.confidence == 0.1);
	model = kept;
}

static void dropped_category_makes_unsure(void **state)
{
	struct guess guess;

	(void)state;
	record_set(&task, text, span_of("rats run over the yard"));
	guess = learned_guess(model, city, &task);
	assert_true(guess.category >= 0);
	assert_true(guess.confidence < 0.5);
	assert_int_equal(decide("rats run over the yard"), DECISION_FAILED);
}

/* --- the file --- */

static void file_put(const char *path, struct span bytes)
{
	char beside[64];

	snprintf(beside, sizeof beside, "%s.new", path);
	FILE *to = fopen(beside, "wb");
	assert_non_null(to);
	assert_int_equal(fwrite(bytes.data, 1, bytes.len, to), bytes.len);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(rename(beside, path), 0);
}

static void model_follows_its_file(void **state)
{
	char path[] = "/tmp/reeve-model-XXXXXX";
	struct model_file watched = {.path = path};
	int made = mkstemp(path);

	(void)state;
	assert_true(made >= 0);
	close(made);
	unlink(path);
	log_set_level(LOG_LEVEL_ERROR);
	model_file_look(&watched, 0);
	assert_null(watched.model);
	file_put(path, buf_span(&file));
	model_file_look(&watched, MODEL_FILE_LOOK_MS - 1);
	assert_null(watched.model); /* not so often */
	model_file_look(&watched, MODEL_FILE_LOOK_MS);
	assert_non_null(watched.model);
	const struct model *first = watched.model;
	model_file_look(&watched, 2 * MODEL_FILE_LOOK_MS);
	assert_ptr_equal(watched.model, first);
	file_put(path, (struct span){file.data, file.len - 1});
	model_file_look(&watched, 3 * MODEL_FILE_LOOK_MS);
	assert_ptr_equal(watched.model, first); /* refused: the old one stays */
	file.data[8]++;
	file_put(path, buf_span(&file));
	model_file_look(&watched, 4 * MODEL_FILE_LOOK_MS);
	assert_ptr_equal(watched.model, first);
	unlink(path);
	model_file_look(&watched, 5 * MODEL_FILE_LOOK_MS);
	assert_ptr_equal(watched.model, first);
	file.data[8]--;
	file_put(path, buf_span(&file));
	model_file_look(&watched, 6 * MODEL_FILE_LOOK_MS);
	assert_non_null(watched.model);
	assert_int_equal(model_examples(watched.model), EXAMPLES);
	unlink(path);
	log_set_level(LOG_LEVEL_INFO);
	model_file_close(&watched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(classifier_speaks_where_no_word_does, begin, end),
		cmocka_unit_test_setup_teardown(people_and_words_come_first, begin, end),
		cmocka_unit_test_setup_teardown(below_the_threshold_people_decide, begin, end),
		cmocka_unit_test_setup_teardown(danger_does_not_wait_for_people, begin, end),
		cmocka_unit_test_setup_teardown(without_threshold_or_model_all_is_as_before, begin, end),
		cmocka_unit_test_setup_teardown(dropped_category_makes_unsure, begin, end),
		cmocka_unit_test_setup_teardown(model_follows_its_file, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
