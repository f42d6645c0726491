/* Areas in which the catalogue names no unit for a category, so that its cases fall to the duty desk.
 *
 * The answer can only change at an area that a row names or where a unit of a row has its seat; so only these are asked,
 * and everything below them follows. A category that only groups others is no gap when one of them has units. One finding
 * for each topmost category with a gap. Owns its scratch lists. */
#include <stdlib.h>

#include "policy/review.h"

#define NAMES_MOST 3

/* An area that can differ from the turning area above it. */
struct turning {
	int area;
	int above; /* index in the list, -1: none */
	bool open; /* no unit of the catalogue for the category that is looked at */
};

struct turnings {
	struct turning *rows; /* an area stands behind those above it */
	size_t count;
};

static bool *areas_marked(const struct policy *policy)
{
	bool *marked = must_calloc(policy->area_count, sizeof *marked);

	for (size_t i = 0; i < policy->area_count; i++)
		marked[i] = policy->areas[i].parent < 0;
	for (size_t i = 0; i < policy->catalogue_count; i++) {
		const struct catalogue_row *row = &policy->catalogue[i];
		if (row->unit >= 0)
			marked[row->area >= 0 ? row->area : policy->units[row->unit].area] = true;
	}
	return marked;
}

static struct turnings turnings_make(const struct policy *policy)
{
	bool *marked = areas_marked(policy);
	int *place = must_calloc(policy->area_count, sizeof *place);
	struct turnings turnings = {.rows = must_calloc(policy->area_count, sizeof *turnings.rows)};

	/* By level: a parent lies at a higher one. */
	for (int level = 0; level < (int)policy->level_count; level++)
		for (size_t i = 0; i < policy->area_count; i++) {
			if (policy->areas[i].level != level || !marked[i])
				continue;
			int above = policy->areas[i].parent;
			while (above >= 0 && !marked[above])
				above = policy->areas[above].parent;
			place[i] = (int)turnings.count;
			turnings.rows[turnings.count++] = (struct turning){.area = (int)i, .above = above < 0 ? -1 : place[above]};
		}
	free(place);
	free(marked);
	return turnings;
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

static void gap_find(const struct policy *policy, struct turnings *turnings, int category, struct gap *gap)
{
	for (size_t i = 0; i < turnings->count; i++) {
		struct turning *row = &turnings->rows[i];
		bool above_open = row->above >= 0 && turnings->rows[row->above].open;
		row->open = !area_served(policy, category, row->area);
		gap->below |= !row->open && above_open;
		if (row->open && !above_open && gap->count++ < NAMES_MOST)
			buf_printf(&gap->names, "%s'%.*s'", gap->count > 1 ? ", " : "", SPAN_ARGS(policy->areas[row->area].code));
	}
}

/* Tells the gap when `tell`; returns whether there is one. */
static bool category_gap(struct review *review, struct turnings *turnings, int category, bool tell)
{
	const struct policy *policy = review->policy;
	struct gap gap = {0};

	if (!review_spend(review, 16 * turnings->count))
		return false;
	gap_find(policy, turnings, category, &gap);
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
	struct turnings turnings = turnings_make(policy);
	bool *bare = must_calloc(policy->category_count, sizeof *bare); /* it and everything below it has a gap */

	for (size_t i = 0; i < policy->category_count; i++)
		bare[i] = true;
	for (size_t i = 0; i < policy->category_count; i++)
		/* What nobody could classify is the desk's by intention. */
		if ((int)i == policy->fallback_category || !category_gap(review, &turnings, (int)i, false))
			for (int at = (int)i; at >= 0 && bare[at]; at = policy->categories[at].parent)
				bare[at] = false;
	for (size_t i = 0; i < policy->category_count; i++)
		if (bare[i] && (policy->categories[i].parent < 0 || !bare[policy->categories[i].parent]))
			category_gap(review, &turnings, (int)i, true);
	free(bare);
	free(turnings.rows);
}
