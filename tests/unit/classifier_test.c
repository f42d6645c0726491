/* The classifier: what it sees of a text, how it learns, what it refuses to read, how fast it answers. */
#include "learn/features.h"
#include "learn/train.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct features one, other;

static void read_one(struct features *features, const char *text)
{
	struct span span = span_of(text);

	features_read(features, &span, 1);
}

static bool same_features(const char *a, const char *b)
{
	read_one(&one, a);
	read_one(&other, b);
	return one.count == other.count && memcmp(one.hashes, other.hashes, one.count * sizeof *one.hashes) == 0;
}

static void spelling_that_says_nothing_is_folded(void **state)
{
	(void)state;
	assert_true(same_features("Street Light OUT", "street light out"));
	assert_true(same_features("a  b\t\nc", "a b c"));
	assert_true(same_features("路灯12号", "路灯98号"));
	assert_true(same_features("ABC12!", "ABC12!"));
	assert_true(same_features("路灯 坏", "路灯 坏"));
	assert_false(same_features("路灯", "灯路"));
	assert_false(same_features("é", "e"));
}

static void features_are_counted_once(void **state)
{
	(void)state;
	read_one(&one, "aaaa");
	/* a, aa, aaa, blank a, blank aa, a blank, aa blank, and the word */
	assert_int_equal(one.count, 8);
	read_one(&one, "路灯");
	assert_int_equal(one.count, 2 + 3 + 2); /* one, two and three characters, with the blanks around them: no words in Chinese */
	read_one(&one, "");
	assert_int_equal(one.count, 0);
	for (size_t i = 0; i < one.count; i++)
		assert_int_not_equal(one.hashes[i], 0);
}

static void any_bytes_are_taken(void **state)
{
	static char bytes[20000];
	uint32_t drawn = 1;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)((drawn = drawn * 1664525u + 1013904223u) >> 24);
	for (size_t len = 0; len < sizeof bytes; len += len < 64 ? 1 : 977) {
		/* A copy of its own, so that the address sanitizer sees a read behind the end. */
		char *copy = malloc(len + 1);
		memcpy(copy, bytes, len);
		struct span texts[2] = {{copy, len}, {copy, len / 2}};
		char *exact = realloc(copy, len ? len : 1);
		texts[0].data = texts[1].data = exact;
		features_read(&one, texts, 2);
		assert_true(one.count <= FEATURES_MOST);
		free(exact);
	}
	assert_int_equal(one.count, FEATURES_MOST);
}

/* --- learning --- */

static const char *const lights[] = {"路灯不亮", "路灯坏了", "灯不亮,很黑", "street light out", "lamp is dark", "the street light blinks"};
static const char *const noises[] = {"半夜施工噪音", "噪音扰民", "邻居很吵", "loud music at night", "noise from a bar", "construction noise"};
static const char *const waters[] = {"水管漏水", "小区停水", "水管爆裂", "no water", "burst water pipe", "water leaks from the pipe"};

#define EXAMPLES 180
static struct example examples[EXAMPLES];
static char texts[EXAMPLES][80];

/* Every example has a number of its own in it; every tenth says nothing. */
static void examples_make(void)
{
	static const char *const labels[] = {"LIGHT", "噪音", "WATER"};
	static const char *const *const of[] = {lights, noises, waters};

	for (size_t i = 0; i < EXAMPLES; i++) {
		snprintf(texts[i], sizeof texts[i], "%zu号 %s", i * 37, i % 10 == 9 ? "请处理" : of[i % 3][i / 3 % 6]);
		examples[i] = (struct example){span_of(labels[i % 3]), {span_of(""), span_of(texts[i])}, (int64_t)i * 1000};
	}
}

static struct model *model_of(struct buf *file, struct training *training)
{
	char error[200];

	examples_make();
	if (!train_model(examples, EXAMPLES, file, training, error, sizeof error))
		fail_msg("%s", error);
	struct model *model = model_read(buf_span(file), error, sizeof error);
	if (!model)
		fail_msg("%s", error);
	return model;
}

static void says(const struct model *model, const char *text, const char *label)
{
	struct span span = span_of(text);
	double confidence;
	int class = model_classify(model, &span, 1, &confidence);

	assert_true(class >= 0);
	if (!span_is(model_label(model, (size_t)class), label))
		fail_msg("'%s' is taken for %.*s", text, (int)model_label(model, (size_t)class).len, model_label(model, (size_t)class).data);
	assert_true(confidence > 0.5 && confidence <= 1);
}

static void learns_in_both_languages(void **state)
{
	struct buf file = {0};
	struct training training;
	struct model *model = model_of(&file, &training);

	(void)state;
	says(model, "我家门口的路灯不亮了", "LIGHT");
	says(model, "Street light at the corner is out", "LIGHT");
	says(model, "楼下噪音扰民", "噪音");
	says(model, "so much noise all night", "噪音");
	says(model, "自来水管又漏水了", "WATER");
	says(model, "burst pipe, no water", "WATER");
	assert_int_equal(training.classes, 3);
	assert_int_equal(model_class_count(model), 3);
	assert_int_equal(model_examples(model), EXAMPLES);
	assert_int_equal(model_newest(model), (EXAMPLES - 1) * 1000);
	model_free(model);
	buf_free(&file);
}

static void strange_text_makes_unsure(void **state)
{
	struct buf file = {0};
	struct model *model = model_of(&file, NULL);
	struct span known = span_of("路灯不亮"), strange = span_of("ЖЩЮ"), mixed = span_of("路灯不亮 ЖЩЮ"), mostly = span_of("路灯 ЖЩЮ ѢѲѴ ЖЩЮѢ ѲѴЖЩ");
	double sure, unsure, nothing;

	(void)state;
	assert_true(model_classify(model, &known, 1, &sure) >= 0);
	assert_true(model_classify(model, &mixed, 1, &unsure) >= 0);
	assert_true(unsure < sure);
	assert_int_equal(model_classify(model, &mostly, 1, &unsure), -1);
	assert_int_equal(model_classify(model, &strange, 1, &nothing), -1);
	assert_true(nothing == 0);
	assert_int_equal(model_classify(model, &(struct span){"", 0}, 1, &nothing), -1);
	assert_true(nothing == 0);
	model_free(model);
	buf_free(&file);
}

static void confidences_sum_up_to_one(void **state)
{
	struct buf file = {0};
	struct model *model = model_of(&file, NULL);
	struct span text = span_of("路灯 noise");
	float confidence[3];

	(void)state;
	assert_true(model_weigh(model, &text, 1, confidence));
	assert_true(fabsf(confidence[0] + confidence[1] + confidence[2] - 1) < 1e-5f);
	model_free(model);
	buf_free(&file);
}

static void same_examples_same_bytes(void **state)
{
	struct buf first = {0}, second = {0};

	(void)state;
	model_free(model_of(&first, NULL));
	srand(12345);
	model_free(model_of(&second, NULL));
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	buf_free(&first);
	buf_free(&second);
}

static void too_little_to_learn_from_is_said(void **state)
{
	struct buf file = {0};
	char error[200];

	(void)state;
	examples_make();
	assert_false(train_model(examples, 9, &file, NULL, error, sizeof error));
	assert_non_null(strstr(error, "too few"));
	for (size_t i = 0; i < EXAMPLES; i++)
		examples[i].label = span_of("ONE");
	assert_false(train_model(examples, EXAMPLES, &file, NULL, error, sizeof error));
	assert_non_null(strstr(error, "1 different categories"));
	assert_int_equal(file.len, 0);
	buf_free(&file);
}

static void measuring_sees_nothing_from_after_the_split(void **state)
{
	struct measure measure;
	char error[200];

	(void)state;
	examples_make();
	for (size_t i = EXAMPLES / 2; i < EXAMPLES; i++)
		examples[i].label = span_of("NEW"); /* a label that did not exist before: nothing can be right */
	int64_t split = train_split_at(examples, EXAMPLES, 0.5);
	assert_true(train_measure(examples, EXAMPLES, split, 0.6, &measure, error, sizeof error));
	assert_int_equal(measure.learned, EXAMPLES / 2);
	assert_int_equal(measure.asked, EXAMPLES / 2);
	assert_int_equal(measure.right, 0);
	assert_int_equal(measure.baseline, 0);
	assert_false(train_measure(examples, EXAMPLES, EXAMPLES * 1000, 0.6, &measure, error, sizeof error));
	examples_make();
	assert_true(train_measure(examples, EXAMPLES, split, 0.6, &measure, error, sizeof error));
	assert_true(measure.right * 10 >= measure.asked * 9);
	assert_int_equal(measure.baseline, EXAMPLES / 6);
	assert_true(measure.sure_right * 100 >= measure.sure * 95);
}

/* --- the file --- */

static bool readable(const char *data, size_t len, const char *why)
{
	char error[200] = "";
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	struct model *model = model_read((struct span){copy, len}, error, sizeof error);
	free(copy);
	bool yes = model != NULL;
	if (!yes && why && !strstr(error, why))
		fail_msg("'%s' does not say '%s'", error, why);
	model_free(model);
	return yes;
}

static void checksum_mend(struct buf *file)
{
	uint64_t sum = model_checksum((struct span){file->data, file->len - 8});

	for (size_t i = 0; i < 8; i++)
		file->data[file->len - 8 + i] = (char)(sum >> 8 * i);
}

static void checksum_is_the_published_one(void **state)
{
	(void)state;
	assert_true(model_checksum(span_of("123456789")) == UINT64_C(0x995dc9bbdf1939fa));
}

static void damaged_files_are_refused(void **state)
{
	struct buf file = {0};

	(void)state;
	model_free(model_of(&file, NULL));
	assert_true(readable(file.data, file.len, NULL));
	assert_false(readable("", 0, "no model"));
	assert_false(readable("PK\3\4", 4, "no model"));
	for (size_t len = 8; len < file.len; len += 613)
		assert_false(readable(file.data, len, NULL));
	for (size_t at = 12; at < file.len; at += 401) {
		file.data[at] ^= 0x10;
		assert_false(readable(file.data, file.len, "damaged"));
		file.data[at] ^= 0x10;
	}
	file.data[8] = MODEL_VERSION + 1;
	checksum_mend(&file);
	assert_false(readable(file.data, file.len, "has format 2"));
	buf_free(&file);
}

/* Whatever stands in a file whose checksum is right: it is refused, or it can be asked. */
static void wrong_tables_do_no_harm(void **state)
{
	struct buf file = {0};
	struct span text = span_of("路灯 noise water 漏水");
	uint32_t drawn = 7;
	char error[200];
	size_t read = 0;

	(void)state;
	model_free(model_of(&file, NULL));
	for (int round = 0; round < 400; round++) {
		drawn = drawn * 1664525u + 1013904223u;
		size_t at = round < 200 ? 12 + (drawn >> 8) % 100 : 12 + (drawn >> 8) % (file.len - 24);
		char kept = file.data[at];
		file.data[at] = (char)(drawn >> 24);
		checksum_mend(&file);
		struct model *model = model_read(buf_span(&file), error, sizeof error);
		if (model) {
			double confidence;
			model_classify(model, &text, 1, &confidence);
			assert_true(confidence >= 0 && confidence <= 1.0001);
			read++;
		}
		model_free(model);
		file.data[at] = kept;
	}
	assert_in_range(read, 1, 399);
	buf_free(&file);
}

static void answers_more_than_twenty_thousand_a_second(void **state)
{
	struct buf file = {0};
	struct model *model = model_of(&file, NULL);
	struct span text = span_of("我家门口的路灯从上周三开始一直不亮,晚上出行非常不方便,请尽快派人维修,谢谢。地址是解放路12号院内。");
	struct timespec begun, ended;
	double confidence;

	(void)state;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
	for (int i = 0; i < 4000; i++)
		model_classify(model, &text, 1, &confidence);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
	double seconds = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) * 1e-9;
	print_message("%.0f classifications a second\n", 4000 / seconds);
	assert_true(seconds < 0.2 || getenv("REEVE_TEST_VALGRIND"));
	model_free(model);
	buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spelling_that_says_nothing_is_folded),
		cmocka_unit_test(features_are_counted_once),
		cmocka_unit_test(any_bytes_are_taken),
		cmocka_unit_test(learns_in_both_languages),
		cmocka_unit_test(strange_text_makes_unsure),
		cmocka_unit_test(confidences_sum_up_to_one),
		cmocka_unit_test(same_examples_same_bytes),
		cmocka_unit_test(too_little_to_learn_from_is_said),
		cmocka_unit_test(measuring_sees_nothing_from_after_the_split),
		cmocka_unit_test(checksum_is_the_published_one),
		cmocka_unit_test(damaged_files_are_refused),
		cmocka_unit_test(wrong_tables_do_no_harm),
		cmocka_unit_test(answers_more_than_twenty_thousand_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
