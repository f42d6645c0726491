/* liblinear's multi-class support vector machine (Crammer, Singer, On the algorithmic implementation of multiclass kernel-based vector
 * machines, JMLR 2, 2001; Keerthi et al., A sequential dual method for large scale multi-class linear SVMs, KDD 2008), with the library's own
 * C = 1: docs/decisions/0007-classifier-by-liblinear.md has what it was measured against.
 *
 * Owns the library's problem and model while it runs. liblinear draws numbers with rand(), so the seed is set before each run: the same
 * vectors give the same weights. Stands alone in its file because the library's names (struct model, train, predict) are not parted from ours. */
#include "learn/solve.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>

static void say_nothing(const char *text)
{
	(void)text;
}

/* The nodes of one example and of the bias, which is a feature that every example has. Returns behind them. */
static struct feature_node *nodes_fill(const struct vectors *vectors, size_t example, struct feature_node *nodes)
{
	size_t begin = example ? vectors->ends[example - 1] : 0, end = vectors->ends[example];
	double value = end > begin ? 1 / sqrt((double)(end - begin)) : 0;

	for (size_t i = begin; i < end; i++)
		if (vectors->features[i] != UINT32_MAX)
			*nodes++ = (struct feature_node){(int)vectors->features[i] + 1, value};
	*nodes++ = (struct feature_node){(int)vectors->feature_count + 1, 1};
	*nodes++ = (struct feature_node){-1, 0};
	return nodes;
}

/* liblinear numbers classes in the order in which it meets them: brought back to ours. */
static float *weights_of(const struct vectors *vectors, const struct model *model)
{
	size_t rows = vectors->feature_count + 1, columns = (size_t)model->nr_class;
	float *weights = must_calloc(rows * vectors->class_count, sizeof *weights);

	for (size_t row = 0; row < rows; row++)
		for (size_t i = 0; i < columns; i++)
			weights[row * vectors->class_count + (size_t)model->label[i]] = (float)model->w[row * columns + i];
	return weights;
}

float *solve(const struct vectors *vectors)
{
	size_t node_count = (vectors->count ? vectors->ends[vectors->count - 1] : 0) + 2 * vectors->count;
	struct feature_node *nodes = must_calloc(node_count + 1, sizeof *nodes), *next = nodes;
	struct problem problem = {.l = (int)vectors->count, .n = (int)vectors->feature_count + 1, .bias = -1};
	struct parameter parameter = {.solver_type = MCSVM_CS, .C = 1, .eps = 0.1};

	problem.y = must_calloc(vectors->count + 1, sizeof *problem.y);
	problem.x = must_calloc(vectors->count + 1, sizeof *problem.x);
	for (size_t i = 0; i < vectors->count; i++) {
		problem.y[i] = vectors->classes[i];
		problem.x[i] = next;
		next = nodes_fill(vectors, i, next);
	}
	set_print_string_function(say_nothing);
	srand(1);
	struct model *model = train(&problem, &parameter);
	float *weights = weights_of(vectors, model);
	free_and_destroy_model(&model);
	free(problem.x);
	free(problem.y);
	free(nodes);
	return weights;
}
