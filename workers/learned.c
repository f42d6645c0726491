/* Asks the classifier. Owns nothing, reads nothing but model, policy and task; the same three give the same guess. The classes of a model
 * are codes of categories as they were when it was trained: those that a newer policy dropped are passed over, and their share of the confidence is not
 * given to others, so that a model which is out of date grows unsure instead of wrong. */
#include "workers/learned.h"

bool learned_wanted(const struct model *model, const struct policy *policy)
{
	return model && policy->classifier_confidence > 0;
}

struct guess learned_guess(const struct model *model, const struct policy *policy, const struct record *task)
{
	float confidence[MODEL_CLASSES_MOST];
	struct span texts[] = {record_get(task, title, ((struct span){0})), record_get(task, text, ((struct span){0}))};
	struct guess best = {.category = -1};

	if (!model_weigh(model, texts, 2, confidence))
		return best;
	for (size_t i = 0; i < model_class_count(model); i++) {
		if ((double)confidence[i] <= best.confidence)
			continue;
		int category = policy_category(policy, model_label(model, i));
		if (category >= 0)
			best = (struct guess){category, (double)confidence[i]};
	}
	return best;
}
