/* A lesson: the labels and features of some examples, and the weights that were found for them.
 *
 * Owns labels, vocabulary, vectors and weights; borrows the examples. Invariants: labels stand in the order of their bytes, features in the
 * order of their hashes, so nothing depends on which example came first but the solver's own path. */
#include "learn/lesson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn/features.h"

#define CELLS_MOST ((size_t)1 << 25)  /* features x classes in training: 256 MiB of weights in the solver */
#define WEIGHTS_MOST ((size_t)1 << 20) /* in the file: 4 MiB; the smallest go first */
#define WEIGHT_STEPS 32767

static int label_order(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static struct span *labels_collect(const struct example *examples, size_t count, size_t *ret_count)
{
	struct span *labels = must_calloc(count + 1, sizeof *labels);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		labels[i] = examples[i].label;
	qsort(labels, count, sizeof *labels, label_order);
	for (size_t i = 0; i < count; i++)
		if (!kept || !span_equal(labels[kept - 1], labels[i]))
			labels[kept++] = labels[i];
	*ret_count = kept;
	return labels;
}

size_t lesson_labels(const struct example *examples, size_t count)
{
	size_t kept;

	free(labels_collect(examples, count, &kept));
	return kept;
}

static int hash_order(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return one < other ? -1 : one > other;
}

/* Hashes of every example, one after the other, each example's in order. */
static void hashes_read(struct vectors *vectors, const struct example *examples)
{
	struct features *features = must_calloc(1, sizeof *features);
	size_t count = 0, room = 0;

	vectors->ends = must_calloc(vectors->count + 1, sizeof *vectors->ends);
	for (size_t i = 0; i < vectors->count; i++) {
		features_read(features, examples[i].texts, EXAMPLE_TEXTS);
		if (count + features->count >= room) {
			room = (count + features->count + 64) * 2;
			vectors->features = must_realloc(vectors->features, room * sizeof *vectors->features);
		}
		qsort(features->hashes, features->count, sizeof *features->hashes, hash_order);
		memcpy(vectors->features + count, features->hashes, features->count * sizeof *features->hashes);
		count += features->count;
		vectors->ends[i] = count;
	}
	free(features);
}

/* Those that stand in at least `least` examples, into ret (NULL: only counted). `hashes` is in order. */
static size_t frequent(const uint32_t *hashes, size_t count, size_t least, uint32_t *ret)
{
	size_t kept = 0;

	for (size_t i = 0, j; i < count; i = j) {
		for (j = i; j < count && hashes[j] == hashes[i]; j++)
			;
		if (j - i < least)
			continue;
		if (ret)
			ret[kept] = hashes[i];
		kept++;
	}
	return kept;
}

/* Rare features go first when all of them would need too much memory. */
static void vocabulary_make(struct lesson *lesson)
{
	struct vectors *vectors = &lesson->vectors;
	size_t all = vectors->count ? vectors->ends[vectors->count - 1] : 0, least = 1;
	uint32_t *hashes = must_calloc(all + 1, sizeof *hashes);

	memcpy(hashes, vectors->features, all * sizeof *hashes);
	qsort(hashes, all, sizeof *hashes, hash_order);
	while ((vectors->feature_count = frequent(hashes, all, least, NULL)) > CELLS_MOST / vectors->class_count)
		least++;
	lesson->vocabulary = must_calloc(vectors->feature_count + 1, sizeof *lesson->vocabulary);
	frequent(hashes, all, least, lesson->vocabulary);
	free(hashes);
	for (size_t i = 0; i < all; i++) {
		const uint32_t *at = bsearch(&vectors->features[i], lesson->vocabulary, vectors->feature_count, sizeof *at, hash_order);
		vectors->features[i] = at ? (uint32_t)(at - lesson->vocabulary) : UINT32_MAX;
	}
}

void lesson_learn(struct lesson *lesson, const struct example *examples, size_t count)
{
	struct vectors *vectors = &lesson->vectors;

	*lesson = (struct lesson){.examples = examples};
	vectors->count = count;
	lesson->labels = labels_collect(examples, count, &vectors->class_count);
	hashes_read(vectors, examples);
	vocabulary_make(lesson);
	vectors->classes = must_calloc(count + 1, sizeof *vectors->classes);
	for (size_t i = 0; i < count; i++) {
		const struct span *at = bsearch(&examples[i].label, lesson->labels, vectors->class_count, sizeof *at, label_order);
		vectors->classes[i] = (uint32_t)(at - lesson->labels);
	}
	lesson->weights = solve(vectors);
}

void lesson_free(struct lesson *lesson)
{
	free(lesson->labels);
	free(lesson->vocabulary);
	free(lesson->vectors.ends);
	free(lesson->vectors.features);
	free(lesson->vectors.classes);
	free(lesson->weights);
	*lesson = (struct lesson){0};
}

/* --- the file --- */

static void put(struct buf *file, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		char byte = (char)(value >> 8 * i);
		buf_add(file, &byte, 1);
	}
}

static void put_real(struct buf *file, double value)
{
	float real = (float)value;
	uint32_t bits;

	memcpy(&bits, &real, sizeof bits);
	put(file, bits, 4);
}

static float scale_of(const float *weights, size_t count)
{
	float most = 0;

	for (size_t i = 0; i < count; i++)
		most = fabsf(weights[i]) > most ? fabsf(weights[i]) : most;
	return most > 0 ? most / WEIGHT_STEPS : 1;
}

static int steps(float weight, float scale)
{
	return (int)lrintf(weight / scale);
}

/* The least number of steps that a weight must have so that not too many are kept. */
static int least_steps(const float *weights, size_t count, float scale)
{
	size_t *of_size = must_calloc(WEIGHT_STEPS + 2, sizeof *of_size), kept = 0;
	int least = WEIGHT_STEPS;

	for (size_t i = 0; i < count; i++)
		of_size[abs(steps(weights[i], scale))]++;
	while (least > 0 && kept + of_size[least] <= WEIGHTS_MOST)
		kept += of_size[least--];
	free(of_size);
	return least + 1;
}

/* The tables of features, of how many weights each has, and of weights. A feature without any stays: that it is known matters. */
static size_t weights_write(const struct lesson *lesson, float scale, struct buf *file)
{
	size_t classes = lesson->vectors.class_count, features = lesson->vectors.feature_count, all = 0;
	int least = least_steps(lesson->weights, features * classes, scale);
	struct buf rows = {0}, cells = {0};

	for (size_t i = 0; i < features; i++) {
		size_t kept = 0;
		for (size_t j = 0; j < classes; j++) {
			int value = steps(lesson->weights[i * classes + j], scale);
			if (abs(value) < least)
				continue;
			put(&cells, j, 2);
			put(&cells, (uint16_t)value, 2);
			kept++;
		}
		put(&rows, kept, 4);
		all += kept;
	}
	for (size_t i = 0; i < features; i++)
		put(file, lesson->vocabulary[i], 4);
	buf_add_span(file, buf_span(&rows));
	buf_add_span(file, buf_span(&cells));
	buf_free(&rows);
	buf_free(&cells);
	return all;
}

static void labels_write(const struct lesson *lesson, struct buf *file)
{
	size_t classes = lesson->vectors.class_count;

	for (size_t i = 0; i < classes; i++)
		put_real(file, (double)lesson->weights[lesson->vectors.feature_count * classes + i]);
	for (size_t i = 0; i < classes; i++)
		put(file, lesson->labels[i].len, 4);
	for (size_t i = 0; i < classes; i++)
		buf_add_span(file, lesson->labels[i]);
}

size_t lesson_write(const struct lesson *lesson, double sharpness, struct buf *ret_file)
{
	const struct vectors *vectors = &lesson->vectors;
	float scale = scale_of(lesson->weights, vectors->feature_count * vectors->class_count);
	size_t begin = ret_file->len, label_bytes = 0;
	struct buf tables = {0};

	for (size_t i = 0; i < vectors->class_count; i++)
		label_bytes += lesson->labels[i].len;
	size_t weights = weights_write(lesson, scale, &tables);
	buf_add(ret_file, MODEL_MAGIC, 8);
	put(ret_file, MODEL_VERSION, 4);
	put(ret_file, vectors->class_count, 4);
	put(ret_file, vectors->feature_count, 4);
	put(ret_file, weights, 4);
	put(ret_file, label_bytes, 4);
	put(ret_file, vectors->count, 4);
	put(ret_file, (uint64_t)lesson->examples[vectors->count - 1].at, 8);
	put_real(ret_file, (double)scale);
	put_real(ret_file, sharpness);
	labels_write(lesson, ret_file);
	buf_add_span(ret_file, buf_span(&tables));
	put(ret_file, model_checksum((struct span){ret_file->data + begin, ret_file->len - begin}), 8);
	buf_free(&tables);
	return weights;
}
