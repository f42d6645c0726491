/* Which of the open reports nearby may be the same thing. They are only offered to people; nothing is merged by itself. */
#ifndef REEVE_WORKERS_SIMILAR_H
#define REEVE_WORKERS_SIMILAR_H

#include "core/policy.h"

#define SIMILAR_MOST 3
#define SIMILAR_LEAST_SCORE 0.75 /* see docs/decisions/0007-classifier-by-liblinear.md for what it was measured on */

struct similar_case {
	int64_t case_id;
	double score; /* 0 to 1 */
	int64_t distance_m;
};

/* The best candidates of the task's list `similar`, best first: within the policy's radius or at the same address, within its window,
 * with at least SIMILAR_LEAST_SCORE. Returns how many. */
size_t similar_choose(const struct policy *policy, const struct record *task, int category, struct similar_case ret_best[SIMILAR_MOST]);
/* Half for the category, three tenths for the place, two for the time. `candidate`: case, category, distance_m, same_address, age_ms.
 * addressed: the report has an address in words, so that a candidate without that one is known to have another. 0 when it lies outside of radius
 * or window. */
double similar_score(const struct policy *policy, int category, bool addressed, const struct record *candidate);

#endif
