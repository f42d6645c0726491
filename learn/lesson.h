/* From examples to weights to a file: the steps of training. Inside of learn/. */
#ifndef REEVE_LEARN_LESSON_H
#define REEVE_LEARN_LESSON_H

#include "learn/solve.h"
#include "learn/train.h"

struct lesson {
	const struct example *examples;
	struct span *labels;  /* each once, in order */
	uint32_t *vocabulary; /* the features' hashes, in order */
	struct vectors vectors;
	float *weights;       /* as solve() gives them */
};

/* Labels, vocabulary, vectors, weights. Free with lesson_free. */
void lesson_learn(struct lesson *lesson, const struct example *examples, size_t count);
void lesson_free(struct lesson *lesson);
/* How many different labels there are. */
size_t lesson_labels(const struct example *examples, size_t count);
/* Appends the file that learn/model.h describes. Returns how many weights it has. */
size_t lesson_write(const struct lesson *lesson, double sharpness, struct buf *ret_file);

#endif
