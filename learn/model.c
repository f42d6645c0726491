/* Reading a model and asking it.
 *
 * Owns the model's tables. Never trains, never logs; asking is a pure function of model and text. Whatever a file holds, reading it ends in
 * a model whose every index is valid, or in one line of why not. Invariants: each row of weights lies within the weights, each class below the
 * count, each feature is found at or after its place in the table; confidences are finite. */
#include "learn/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/features.h"

#define KNOWN_LEAST 4 /* one in so many features must be known; of both cities' reports none had less than two fifths */

struct weight {
	uint16_t class;
	int16_t value;
};

struct row {
	uint32_t feature, begin, end;
};

struct model {
	size_t class_count, row_count, weight_count;
	struct span *labels;
	float *bias;
	char *label_bytes;
	struct row *rows;    /* ascending by feature */
	uint32_t *places;    /* open addressing by feature: row + 1, 0: free */
	size_t place_mask;
	struct weight *weights;
	float scale, sharpness;
	int64_t examples, newest;
};

/* What is still to be read of a file. */
struct input {
	struct span rest;
	bool short_of; /* it asked for more than there was */
};

uint64_t model_checksum(struct span bytes)
{
	uint64_t table[256], sum = ~UINT64_C(0);

	for (unsigned i = 0; i < 256; i++) {
		uint64_t value = i;
		for (int bit = 0; bit < 8; bit++)
			value = value & 1 ? value >> 1 ^ UINT64_C(0xc96c5795d7870f42) : value >> 1;
		table[i] = value;
	}
	for (size_t i = 0; i < bytes.len; i++)
		sum = table[(sum ^ (unsigned char)bytes.data[i]) & 0xff] ^ sum >> 8;
	return ~sum;
}

static uint64_t take(struct input *input, size_t len)
{
	uint64_t value = 0;

	if (input->rest.len < len) {
		input->short_of = true;
		return 0;
	}
	for (size_t i = len; i > 0; i--)
		value = value << 8 | (unsigned char)input->rest.data[i - 1];
	input->rest.data += len;
	input->rest.len -= len;
	return value;
}

static float take_real(struct input *input)
{
	uint32_t bits = (uint32_t)take(input, 4);
	float real;

	memcpy(&real, &bits, sizeof real);
	return real;
}

/* So small that no sum of a text's weights can leave the range of a float. */
static bool sober(float real)
{
	return isfinite(real) && fabsf(real) <= 1e6f;
}

static bool classes_read(struct model *model, struct input *input, size_t label_bytes)
{
	size_t at = 0;

	model->bias = must_calloc(model->class_count, sizeof *model->bias);
	model->labels = must_calloc(model->class_count, sizeof *model->labels);
	model->label_bytes = must_calloc(label_bytes + 1, 1);
	for (size_t i = 0; i < model->class_count; i++) {
		model->bias[i] = take_real(input);
		if (!sober(model->bias[i]))
			return false;
	}
	for (size_t i = 0; i < model->class_count; i++) {
		size_t len = take(input, 4);
		if (len > label_bytes - at)
			return false;
		model->labels[i] = (struct span){model->label_bytes + at, len};
		at += len;
	}
	if (input->short_of || input->rest.len < label_bytes)
		return false;
	memcpy(model->label_bytes, input->rest.data, label_bytes);
	input->rest.data += label_bytes;
	input->rest.len -= label_bytes;
	return at == label_bytes;
}

static void rows_index(struct model *model)
{
	size_t room = 64;

	while (room < model->row_count * 2)
		room *= 2;
	model->places = must_calloc(room, sizeof *model->places);
	model->place_mask = room - 1;
	for (size_t i = 0; i < model->row_count; i++) {
		size_t at = model->rows[i].feature & model->place_mask;
		while (model->places[at])
			at = (at + 1) & model->place_mask;
		model->places[at] = (uint32_t)i + 1;
	}
}

static bool weights_read(struct model *model, struct input *input)
{
	uint64_t at = 0;

	model->rows = must_calloc(model->row_count + 1, sizeof *model->rows);
	model->weights = must_calloc(model->weight_count + 1, sizeof *model->weights);
	for (size_t i = 0; i < model->row_count; i++) {
		model->rows[i].feature = (uint32_t)take(input, 4);
		if (i && model->rows[i].feature <= model->rows[i - 1].feature)
			return false;
	}
	for (size_t i = 0; i < model->row_count; i++) {
		model->rows[i].begin = (uint32_t)at;
		at += take(input, 4);
		if (at > model->weight_count)
			return false;
		model->rows[i].end = (uint32_t)at;
	}
	for (size_t i = 0; i < model->weight_count; i++) {
		model->weights[i].class = (uint16_t)take(input, 2);
		model->weights[i].value = (int16_t)(uint16_t)take(input, 2);
		if (model->weights[i].class >= model->class_count)
			return false;
	}
	return at == model->weight_count && !input->short_of && !input->rest.len;
}

/* Sizes that the rest of the file cannot hold are refused before anything is reserved for them. */
static bool body_read(struct model *model, struct input *input)
{
	model->class_count = take(input, 4);
	model->row_count = take(input, 4);
	model->weight_count = take(input, 4);
	size_t label_bytes = take(input, 4);
	model->examples = (int64_t)take(input, 4);
	model->newest = (int64_t)take(input, 8);
	model->scale = take_real(input);
	model->sharpness = take_real(input);
	uint64_t need = (uint64_t)model->class_count * 8 + label_bytes + (uint64_t)model->row_count * 8 + (uint64_t)model->weight_count * 4;
	if (input->short_of || need != input->rest.len || !model->class_count || model->class_count > MODEL_CLASSES_MOST)
		return false;
	if (!sober(model->scale) || !sober(model->sharpness) || model->sharpness <= 0)
		return false;
	if (!classes_read(model, input, label_bytes) || !weights_read(model, input))
		return false;
	rows_index(model);
	return true;
}

static struct model *refuse(char *error, size_t error_size, const char *why)
{
	snprintf(error, error_size, "%s", why);
	return NULL;
}

struct model *model_read(struct span bytes, char *error, size_t error_size)
{
	struct input input = {bytes, false}, trailer;

	if (bytes.len < MODEL_HEADER_BYTES + 8 || memcmp(bytes.data, MODEL_MAGIC, 8) != 0)
		return refuse(error, error_size, "this is no model: make one with reeve train --out");
	input.rest = (struct span){bytes.data + 8, bytes.len - 16};
	uint32_t version = (uint32_t)take(&input, 4);
	if (version != MODEL_VERSION) {
		snprintf(error, error_size, "the model has format %u and this program reads format %d: train it again, or use the programs of one release",
			version, MODEL_VERSION);
		return NULL;
	}
	trailer = (struct input){{bytes.data + bytes.len - 8, 8}, false};
	if (take(&trailer, 8) != model_checksum((struct span){bytes.data, bytes.len - 8}))
		return refuse(error, error_size, "the model is damaged (its checksum is wrong): copy it again, or train it again");
	struct model *model = must_calloc(1, sizeof *model);
	if (body_read(model, &input))
		return model;
	model_free(model);
	return refuse(error, error_size, "the model's tables contradict each other: train it again");
}

struct model *model_load(const char *path, char *error, size_t error_size)
{
	FILE *file = fopen(path, "rb");
	struct buf bytes = {0};
	size_t got = 1;

	if (!file) {
		snprintf(error, error_size, "cannot open it: %s", strerror(errno));
		return NULL;
	}
	while (got && bytes.len <= MODEL_BYTES_MOST) {
		buf_reserve(&bytes, 1 << 16);
		got = fread(bytes.data + bytes.len, 1, 1 << 16, file);
		bytes.len += got;
	}
	bool failed = ferror(file) != 0 || bytes.len > MODEL_BYTES_MOST;
	fclose(file);
	struct model *model = failed ? refuse(error, error_size, "cannot read it, or it is larger than any model") : model_read(buf_span(&bytes), error, error_size);
	buf_free(&bytes);
	return model;
}

void model_free(struct model *model)
{
	if (!model)
		return;
	free(model->labels);
	free(model->bias);
	free(model->label_bytes);
	free(model->rows);
	free(model->places);
	free(model->weights);
	free(model);
}

size_t model_class_count(const struct model *model)
{
	return model->class_count;
}

struct span model_label(const struct model *model, size_t class)
{
	return model->labels[class];
}

int64_t model_examples(const struct model *model)
{
	return model->examples;
}

int64_t model_newest(const struct model *model)
{
	return model->newest;
}

static const struct row *row_find(const struct model *model, uint32_t feature)
{
	size_t at = feature & model->place_mask;

	while (model->places[at]) {
		const struct row *row = &model->rows[model->places[at] - 1];
		if (row->feature == feature)
			return row;
		at = (at + 1) & model->place_mask;
	}
	return NULL;
}

/* Softmax of the sharpened scores (Guo et al., On calibration of modern neural networks, ICML 2017: temperature scaling). */
static void scores_to_confidence(const struct model *model, float *scores)
{
	float most = -INFINITY, sum = 0;

	for (size_t i = 0; i < model->class_count; i++)
		most = scores[i] > most ? scores[i] : most;
	for (size_t i = 0; i < model->class_count; i++)
		sum += scores[i] = expf((scores[i] - most) * model->sharpness);
	for (size_t i = 0; i < model->class_count; i++)
		scores[i] /= sum;
}

bool model_weigh(const struct model *model, const struct span *texts, size_t text_count, float *ret_confidence)
{
	struct features features;
	size_t known = 0;

	features_read(&features, texts, text_count);
	memset(ret_confidence, 0, model->class_count * sizeof *ret_confidence);
	for (size_t i = 0; i < features.count; i++) {
		const struct row *row = row_find(model, features.hashes[i]);
		for (uint32_t j = row ? row->begin : 0; row && j < row->end; j++)
			ret_confidence[model->weights[j].class] += model->weights[j].value;
		known += row != NULL;
	}
	if (known * KNOWN_LEAST < features.count || !known)
		return false;
	/* The text's length is 1 whatever its size; features that training never saw count, so that a strange text makes unsure. */
	float unit = model->scale / sqrtf((float)features.count);
	for (size_t i = 0; i < model->class_count; i++)
		ret_confidence[i] = ret_confidence[i] * unit + model->bias[i];
	scores_to_confidence(model, ret_confidence);
	return true;
}

int model_classify(const struct model *model, const struct span *texts, size_t text_count, double *ret_confidence)
{
	float confidence[MODEL_CLASSES_MOST];
	size_t best = 0;

	*ret_confidence = 0;
	if (!model_weigh(model, texts, text_count, confidence))
		return -1;
	for (size_t i = 1; i < model->class_count; i++)
		best = confidence[i] > confidence[best] ? i : best;
	*ret_confidence = confidence[best];
	return (int)best;
}
