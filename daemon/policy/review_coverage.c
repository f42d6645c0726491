/* Areas in which the catalogue names no unit for a category, so that its cases fall to the duty desk.
 *
 * The answer can only change at an area that a row names or where a unit of a row has its seat; so only these are asked,
 * and everything below them follows. A category that only groups others is no gap when one of them has units. One finding
 * for each topmost category with a gap. Owns its scratch lists. */
#include <stdlib.h>

#include "policy/review.h"

#define NAMES_MOST 3

/* Areas that can differ from their parent. */
static bool *areas_turning(const struct policy *policy)
{
	bool *turning = must_calloc(policy->area_count, sizeof *turning);

	for (size_t i = 0; i < policy->area_count; i++)
		turning[i] = policy->areas[i].parent < 0;
	for (size_t i = 0; i < policy->catalogue_count; i++) {
		const struct catalogue_row *row = &policy->catalogue[i];
		if (row->unit < 0)
			continue;
		turning[row->area >= 0 ? row->area : policy->units[row->unit].area] = true;
	}
	return turning;
}

static bool area_served(const struct policy *policy, int category, int area)
{
	int unit;

	/* Without urgency: a row for one urgency only leaves the others alone. */
	return policy_units_for(policy, category, area, 0, &unit, NULL, 1) > 0;
}

struct gap {
	struct buf names;
	size_t count;
	bool below; /* some area below one that is not served has a unit */
};

static void gap_find(const struct policy *policy, const bool *turning, int category, struct gap *gap, bool *open)
{
	for (size_t i = 0; i < policy->area_count; i++)
		open[i] = turning[i] && !area_served(policy, category, (int)i);
	for (size_t i = 0; i < policy->area_count; i++) {
		if (!turning[i])
			continue;
		int above = policy->areas[i].parent;
		while (above >= 0 && !turning[above])
			above = policy->areas[above].parent;
		if (!open[i]) {
			gap->below |= above >= 0 && open[above];
			continue;
		}
		if (above >= 0 && open[above])
			continue;
		if (gap->count++ < NAMES_MOST)
			buf_printf(&gap->names, "%s'%.*s'", gap->count > 1 ? ", " : "", SPAN_ARGS(policy->areas[i].code));
	}
}

/* Tells the gap when `tell`; returns whether there is one. */
static bool category_gap(struct review *review, const bool *turning, int category, bool *open, bool tell)
{
	const struct policy *policy = review->policy;
	struct gap gap = {0};

	gap_find(policy, turning, category, &gap, open);
	if (gap.count > NAMES_MOST)
		buf_printf(&gap.names, " and %zu more", gap.count - NAMES_MOST);
	if (gap.count && tell)
		finding_warning(review->findings, (struct place){.file = "categories.csv", .row = policy->category_lines ? policy->category_lines[category] : 0, .column = policy->category_lines != NULL},
			"the catalogue has no unit for category '%.*s' in %.*s%s: such cases fall to the duty desk", SPAN_ARGS(policy->categories[category].code),
			SPAN_ARGS(buf_span(&gap.names)), gap.below ? " (but in some areas below)" : "");
	buf_free(&gap.names);
	return gap.count > 0;
}

void review_coverage(struct review *review)
{
	const struct policy *policy = review->policy;
	bool *turning = areas_turning(policy), *open = must_calloc(policy->area_count, sizeof *open);
	bool *bare = must_calloc(policy->category_count, sizeof *bare); /* it and everything below it has a gap */

	for (size_t i = 0; i < policy->category_count; i++)
		bare[i] = true;
	for (size_t i = 0; i < policy->category_count; i++)
		/* What nobody could classify is the desk's by intention. */
		if ((int)i == policy->fallback_category || !category_gap(review, turning, (int)i, open, false))
			for (int at = (int)i; at >= 0; at = policy->categories[at].parent)
				bare[at] = false;
	for (size_t i = 0; i < policy->category_count; i++)
		if (bare[i] && (policy->categories[i].parent < 0 || !bare[policy->categories[i].parent]))
			category_gap(review, turning, (int)i, open, true);
	free(bare);
	free(open);
	free(turning);
}
