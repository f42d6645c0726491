/* The parts of a review; for review*.c only. */
#ifndef REEVE_POLICY_REVIEW_H
#define REEVE_POLICY_REVIEW_H

#include "policy/findings.h"

struct review {
	const struct policy *policy;
	struct findings *findings;
	int64_t now;
	int64_t left; /* comparisons; anybody may ask for a check, so it must end soon */
};

/* False when too much has been compared already: the rest is left out, which is told once at the end. */
static inline bool review_spend(struct review *review, size_t comparisons)
{
	review->left -= (int64_t)comparisons;
	return review->left >= 0;
}

/* The place that a policy's line ("clocks.yaml:12") names. The buffer keeps the file's name. */
struct place review_place(struct span line, char file[64]);
/* One warning at a policy's line. */
void review_warn(struct review *review, struct span line, const char *format, ...) __attribute__((format(printf, 3, 4)));

void review_shadows(struct review *review);  /* rules that can never match */
void review_coverage(struct review *review); /* areas without a unit for a category */


#endif
