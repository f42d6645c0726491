/* The solver under the training: finds the weights that part the classes. The only place that knows liblinear. */
#ifndef REEVE_LEARN_SOLVE_H
#define REEVE_LEARN_SOLVE_H

#include "base/span.h"

/* Examples as vectors of length 1: which features stand in each, by number from 0. */
struct vectors {
	size_t count, class_count, feature_count;
	size_t *ends;       /* of each example, in `features` */
	uint32_t *features; /* of each example ascending; UINT32_MAX: not in the vocabulary, it only counts for the length */
	uint32_t *classes;  /* of each example */
};

/* Weights, feature by feature, class by class, the biases in a row of their own at the end: (feature_count + 1) * class_count. Free them. */
float *solve(const struct vectors *vectors);

#endif
