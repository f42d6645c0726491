/* Learning a classifier from examples: texts, and the category that people gave them in the end.
 *
 * The same examples in the same order give the same bytes. Only programs that train link this part: it needs liblinear. */
#ifndef REEVE_LEARN_TRAIN_H
#define REEVE_LEARN_TRAIN_H

#include "learn/model.h"

#define EXAMPLE_TEXTS 2

struct example {
	struct span label;
	struct span texts[EXAMPLE_TEXTS]; /* e.g. title and text; empty ones are fine */
	int64_t at; /* when it was reported, milliseconds since 1970 */
};

#define TRAIN_EXAMPLES_MOST 50000 /* the newest are taken: a city changes, and memory has an end */
#define TRAIN_EXAMPLES_LEAST 10

/* What came of it. */
struct training {
	size_t examples, classes, features, weights;
	double sharpness;
};

/* Appends the model's file to ret_file. `examples` is put in order of time. False with one line in error: too few examples, one class
 * only, or too many classes. ret_training may be NULL. */
bool train_model(struct example *examples, size_t count, struct buf *ret_file, struct training *ret_training, char *error, size_t error_size);

/* Puts them in order of time; equal ones keep their order. */
void examples_sort(struct example *examples, size_t count);

/* How good a model is: learned from the examples before a time, asked about those from then on. */
struct measure {
	size_t learned, asked;
	size_t right;            /* the likeliest class is the label */
	size_t baseline;         /* right by always naming the class that was most frequent before */
	size_t sure, sure_right; /* as sure as `confidence` or surer, and right among those */
	double claimed;          /* mean confidence of the sure ones: what sure_right / sure should be */
};
bool train_measure(struct example *examples, size_t count, int64_t split_at, double confidence, struct measure *ret_measure, char *error, size_t error_size);
/* The time before which `share` (0 to 1) of the examples were reported. Puts them in order of time. */
int64_t train_split_at(struct example *examples, size_t count, double share);

#endif
