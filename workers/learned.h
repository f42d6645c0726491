/* What a trained classifier makes of a report, in the policy's categories. */
#ifndef REEVE_WORKERS_LEARNED_H
#define REEVE_WORKERS_LEARNED_H

#include "core/policy.h"
#include "learn/model.h"

struct guess {
	int category; /* -1: it has no idea, or none that the policy knows */
	double confidence;
};

/* From title and text alone. A class that the policy has no category for is passed over. */
struct guess learned_guess(const struct model *model, const struct policy *policy, const struct record *task);
/* The classifier is asked under this policy at all. */
bool learned_wanted(const struct model *model, const struct policy *policy);

#endif
