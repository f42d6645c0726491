/* Training and measuring. The weights come from one lesson of all examples. How sharply scores are to be read as confidences comes from lessons
 * that each leave out a fifth of the time and are asked about it (Guo et al., On calibration of modern neural networks, ICML 2017).
 *
 * Owns nothing beyond a call. Never logs; does not touch a file. Invariant: a measured model has not seen one example from after the split. */
#include "learn/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/lesson.h"

#define CALIBRATION_PARTS 5
#define CALIBRATION_MANY 20000
#define CALIBRATION_LEAST 40
#define SHARPNESS_DEFAULT 3.0 /* with fewer: careful */
#define SHARPNESS_LEAST 0.05
#define SHARPNESS_MOST 100.0
#define CONFIDENCE_LEAST 1e-30f

/* What models said of examples that they did not learn from: log confidences at sharpness 1, and the class that is right. */
struct answer {
	size_t begin, class_count, right; /* begin: of its log confidences */
};
struct calibration {
	struct answer *answers;
	size_t answer_count;
	float *logs;
	size_t log_count;
};

static int example_order(const void *a, const void *b)
{
	const struct example *one = *(const struct example *const *)a, *other = *(const struct example *const *)b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return one < other ? -1 : one > other;
}

void examples_sort(struct example *examples, size_t count)
{
	const struct example **order = must_calloc(count + 1, sizeof *order);
	struct example *sorted = must_calloc(count + 1, sizeof *sorted);

	for (size_t i = 0; i < count; i++)
		order[i] = &examples[i];
	qsort(order, count, sizeof *order, example_order);
	for (size_t i = 0; i < count; i++)
		sorted[i] = *order[i];
	memcpy(examples, sorted, count * sizeof *sorted);
	free(sorted);
	free(order);
}

/* Mean of -log(confidence of the right class) at a sharpness. */
static double surprise(const struct calibration *calibration, double sharpness)
{
	double sum = 0;

	for (size_t i = 0; i < calibration->answer_count; i++) {
		const struct answer *answer = &calibration->answers[i];
		const float *logs = calibration->logs + answer->begin;
		double total = 0, most = -INFINITY;
		for (size_t j = 0; j < answer->class_count; j++)
			most = (double)logs[j] > most ? (double)logs[j] : most;
		for (size_t j = 0; j < answer->class_count; j++)
			total += exp(sharpness * ((double)logs[j] - most));
		sum += log(total) - sharpness * ((double)logs[answer->right] - most);
	}
	return sum / (double)calibration->answer_count;
}

/* Golden section over the logarithm: surprise has one valley. */
static double sharpness_find(const struct calibration *calibration)
{
	const double ratio = 0.6180339887498949;
	double from = log(SHARPNESS_LEAST), to = log(SHARPNESS_MOST);

	for (int i = 0; i < 40; i++) {
		double left = to - ratio * (to - from), right = from + ratio * (to - from);
		if (surprise(calibration, exp(left)) < surprise(calibration, exp(right)))
			to = right;
		else
			from = left;
	}
	return exp((from + to) / 2);
}

static int class_of(const struct model *model, struct span label)
{
	for (size_t i = 0; i < model_class_count(model); i++)
		if (span_equal(model_label(model, i), label))
			return (int)i;
	return -1;
}

/* A label that the model never met says nothing about its sharpness. */
static void answers_add(struct calibration *calibration, const struct model *model, const struct example *examples, size_t count)
{
	size_t classes = model_class_count(model);

	calibration->logs = must_realloc(calibration->logs, (calibration->log_count + count * classes + 1) * sizeof *calibration->logs);
	for (size_t i = 0; i < count; i++) {
		float *logs = calibration->logs + calibration->log_count;
		int right = class_of(model, examples[i].label);
		if (right < 0 || !model_weigh(model, examples[i].texts, EXAMPLE_TEXTS, logs))
			continue;
		for (size_t j = 0; j < classes; j++)
			logs[j] = logf(logs[j] > CONFIDENCE_LEAST ? logs[j] : CONFIDENCE_LEAST);
		calibration->answers[calibration->answer_count++] = (struct answer){calibration->log_count, classes, (size_t)right};
		calibration->log_count += classes;
	}
}

/* NULL: it cannot be read back, because a weight is out of all bounds. */
static struct model *learn(const struct example *examples, size_t count, double sharpness)
{
	struct lesson lesson;
	struct buf file = {0};
	char error[200];

	lesson_learn(&lesson, examples, count);
	lesson_write(&lesson, sharpness, &file);
	lesson_free(&lesson);
	struct model *model = model_read(buf_span(&file), error, sizeof error);
	buf_free(&file);
	return model;
}

/* Learns from all but one part and is asked about that one. */
static void part_ask(struct calibration *calibration, const struct example *examples, size_t count, size_t begin, size_t end)
{
	struct example *others = must_calloc(count, sizeof *others);

	memcpy(others, examples, begin * sizeof *others);
	memcpy(others + begin, examples + end, (count - end) * sizeof *others);
	struct model *model = lesson_labels(others, count - (end - begin)) < 2 ? NULL : learn(others, count - (end - begin), 1);
	if (model)
		answers_add(calibration, model, examples + begin, end - begin);
	model_free(model);
	free(others);
}

/* Each fifth of the time is asked about with what the other four teach; of many examples only the newest fifth, which is enough. */
static double sharpness_of(const struct example *examples, size_t count)
{
	struct calibration calibration = {.answers = must_calloc(count + 1, sizeof *calibration.answers)};
	double sharpness = SHARPNESS_DEFAULT;

	for (size_t part = count > CALIBRATION_MANY ? CALIBRATION_PARTS - 1 : 0; part < CALIBRATION_PARTS; part++)
		part_ask(&calibration, examples, count, count * part / CALIBRATION_PARTS, count * (part + 1) / CALIBRATION_PARTS);
	if (calibration.answer_count >= CALIBRATION_LEAST)
		sharpness = sharpness_find(&calibration);
	free(calibration.answers);
	free(calibration.logs);
	return sharpness;
}

bool train_model(struct example *examples, size_t count, struct buf *ret_file, struct training *ret_training, char *error, size_t error_size)
{
	struct training training = {0};
	struct lesson lesson;

	examples_sort(examples, count);
	if (count > TRAIN_EXAMPLES_MOST) {
		examples += count - TRAIN_EXAMPLES_MOST;
		count = TRAIN_EXAMPLES_MOST;
	}
	if (count < TRAIN_EXAMPLES_LEAST) {
		snprintf(error, error_size, "%zu examples are too few to learn from: at least %d are wanted", count, TRAIN_EXAMPLES_LEAST);
		return false;
	}
	size_t classes = lesson_labels(examples, count);
	if (classes < 2 || classes > MODEL_CLASSES_MOST) {
		snprintf(error, error_size, "the examples have %zu different categories: 2 to %d are wanted", classes, MODEL_CLASSES_MOST);
		return false;
	}
	training.sharpness = sharpness_of(examples, count);
	lesson_learn(&lesson, examples, count);
	training.weights = lesson_write(&lesson, training.sharpness, ret_file);
	training.examples = count;
	training.classes = classes;
	training.features = lesson.vectors.feature_count;
	lesson_free(&lesson);
	if (ret_training)
		*ret_training = training;
	return true;
}

/* --- measuring --- */

int64_t train_split_at(struct example *examples, size_t count, double share)
{
	examples_sort(examples, count);
	size_t at = (size_t)(share * (double)count);
	return count ? examples[at < count ? at : count - 1].at : 0;
}

static int span_order(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* The label that most of the examples have; the first of several in the order of their bytes. */
static struct span most_frequent(const struct example *examples, size_t count)
{
	struct span *labels = must_calloc(count + 1, sizeof *labels), best = {0};
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		labels[i] = examples[i].label;
	qsort(labels, count, sizeof *labels, span_order);
	for (size_t i = 0, j; i < count; i = j) {
		for (j = i; j < count && span_equal(labels[i], labels[j]); j++)
			;
		if (j - i > most) {
			most = j - i;
			best = labels[i];
		}
	}
	free(labels);
	return best;
}

static void ask(const struct model *model, const struct example *example, struct span frequent, double confidence, struct measure *measure)
{
	double sure;
	int class = model_classify(model, example->texts, EXAMPLE_TEXTS, &sure);
	bool right = class >= 0 && span_equal(model_label(model, (size_t)class), example->label);

	measure->asked++;
	measure->right += right;
	measure->baseline += span_equal(frequent, example->label);
	if (class >= 0 && sure >= confidence) {
		measure->sure++;
		measure->sure_right += right;
		measure->claimed += sure;
	}
}

bool train_measure(struct example *examples, size_t count, int64_t split_at, double confidence, struct measure *ret_measure, char *error, size_t error_size)
{
	struct measure measure = {0};
	struct buf file = {0};
	size_t before = 0;

	examples_sort(examples, count);
	while (before < count && examples[before].at < split_at)
		before++;
	if (before == count) {
		snprintf(error, error_size, "no example is from the split on: nothing to ask about");
		return false;
	}
	/* train_model puts them in order, which they are. */
	if (!train_model(examples, before, &file, NULL, error, error_size))
		return false;
	struct model *model = model_read(buf_span(&file), error, error_size);
	buf_free(&file);
	if (!model)
		return false;
	struct span frequent = most_frequent(examples, before);
	for (size_t i = before; i < count; i++)
		ask(model, &examples[i], frequent, confidence, &measure);
	measure.learned = before < TRAIN_EXAMPLES_MOST ? before : TRAIN_EXAMPLES_MOST;
	measure.claimed = measure.sure ? measure.claimed / (double)measure.sure : 0;
	model_free(model);
	*ret_measure = measure;
	return true;
}
