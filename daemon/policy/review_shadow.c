/* Rules that can never match, because one that is always asked before them takes everything they would.
 *
 * Only a single rule that covers another is found, not several that cover it together: that is what happens by mistake,
 * and it can be told in a sentence. Owns nothing; adds warnings. */
#include <stdlib.h>

#include "policy/codes.h"
#include "policy/review.h"

/* What a rule matches: -1 and 0 are any. */
struct scope {
	int category, area, urgency;
};

/* A row for any area, and one for the root, hold for the same cases. */
static bool area_whole(const struct policy *policy, int area)
{
	return area < 0 || policy->areas[area].parent < 0;
}

static bool scope_covers(const struct policy *policy, struct scope outer, struct scope inner)
{
	return policy_category_within(policy, inner.category, outer.category) && (area_whole(policy, outer.area) || policy_area_within(policy, inner.area, outer.area)) &&
	       (!outer.urgency || outer.urgency == inner.urgency);
}

static struct scope clock_scope(const struct clock_row *row)
{
	return (struct scope){row->category, row->area, row->urgency};
}

/* A catalogue row that always speaks of the promise before this clock row for promises is asked. */
static const struct catalogue_row *promise_before(const struct policy *policy, const struct clock_row *row)
{
	for (size_t i = 0; i < policy->catalogue_count; i++) {
		const struct catalogue_row *other = &policy->catalogue[i];
		if (other->promise != -1 && scope_covers(policy, (struct scope){other->category, other->area, other->urgency}, clock_scope(row)))
			return other;
	}
	return NULL;
}

static void clock_review(struct review *review, size_t at)
{
	const struct policy *policy = review->policy;
	const struct clock_row *row = &policy->clocks[at];

	for (size_t i = 0; i < at && review_spend(review, 1); i++)
		if (policy->clocks[i].clock == row->clock && scope_covers(policy, clock_scope(&policy->clocks[i]), clock_scope(row))) {
			review_warn(review, row->line, "this row can never match: %.*s takes all of it and comes first", SPAN_ARGS(policy->clocks[i].line));
			return;
		}
	const struct catalogue_row *catalogue = row->clock == CLOCK_promise && review_spend(review, policy->catalogue_count) ? promise_before(policy, row) : NULL;
	if (catalogue)
		review_warn(review, row->line, "this row can never match: the catalogue is asked before, and %.*s speaks of the promise for all of it", SPAN_ARGS(catalogue->line));
}

static bool ladder_covers(const struct policy *policy, const struct ladder *first, const struct ladder *second)
{
	return first->cause == second->cause && (first->clock == CLOCK_none || first->clock == second->clock) &&
	       scope_covers(policy, (struct scope){first->category, first->area, first->urgency}, (struct scope){second->category, second->area, second->urgency});
}

/* A clock that no row gives a limit to. */
static bool clock_runs(const struct policy *policy, int clock)
{
	for (size_t i = 0; i < policy->clock_count; i++)
		if (policy->clocks[i].clock == clock && policy->clocks[i].limit >= 0)
			return true;
	for (size_t i = 0; clock == CLOCK_promise && i < policy->catalogue_count; i++)
		if (policy->catalogue[i].promise >= 0)
			return true;
	return false;
}

static void ladder_review(struct review *review, size_t at)
{
	const struct policy *policy = review->policy;
	const struct ladder *ladder = &policy->ladders[at];

	for (size_t i = 0; i < at && review_spend(review, 1); i++)
		if (ladder_covers(policy, &policy->ladders[i], ladder)) {
			review_warn(review, ladder->line, "ladder '%.*s' can never match: '%.*s' (%.*s) takes all of it and comes first", SPAN_ARGS(ladder->name),
				SPAN_ARGS(policy->ladders[i].name), SPAN_ARGS(policy->ladders[i].line));
			return;
		}
	if (ladder->cause == LADDER_BREACH && ladder->clock != CLOCK_none && !clock_runs(policy, ladder->clock))
		review_warn(review, ladder->line, "ladder '%.*s' can never match: no row of clocks.yaml or of the catalogue gives its clock a limit", SPAN_ARGS(ladder->name));
}

static int row_area(const struct policy *policy, const struct catalogue_row *row)
{
	return area_whole(policy, row->area) ? -1 : row->area;
}

/* A row with the area that it holds for: -1 for the root too. */
struct asked {
	const struct catalogue_row *row;
	int area;
};

/* Rows that hold for the same cases stand together, in the order in which they are asked: a row that names the root comes before one for
 * any area, then as written. */
static int asked_order(const void *left, const void *right)
{
	const struct asked *a = left, *b = right;

	if (a->row->category != b->row->category)
		return a->row->category < b->row->category ? -1 : 1;
	if (a->area != b->area)
		return a->area < b->area ? -1 : 1;
	if (a->row->urgency != b->row->urgency)
		return a->row->urgency < b->row->urgency ? -1 : 1;
	if ((a->row->area < 0) != (b->row->area < 0))
		return a->row->area < 0 ? 1 : -1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static bool asked_same(const struct asked *a, const struct asked *b)
{
	return a->row->category == b->row->category && a->area == b->area && a->row->urgency == b->row->urgency;
}

/* rows[at] against those of its group, from rows[first] on. */
static void catalogue_row_review(struct review *review, const struct asked *rows, size_t first, size_t at)
{
	const struct catalogue_row *row = rows[at].row, *promise = NULL, *unit = NULL;

	for (size_t i = first; i < at && review_spend(review, 1); i++) {
		const struct catalogue_row *other = rows[i].row;
		if (!promise && other->promise != -1 && row->promise != -1)
			promise = other;
		if (!unit && row->unit >= 0 && other->unit == row->unit)
			unit = other;
	}
	if ((promise || row->promise == -1) && (unit || row->unit < 0) && (promise || unit))
		review_warn(review, row->line, "this row can never match: %.*s says it already for the same cases", SPAN_ARGS((unit ? unit : promise)->line));
	else if (promise && promise->promise != row->promise)
		review_warn(review, row->line, "the promise of this row is never made: %.*s makes another for the same cases and comes first", SPAN_ARGS(promise->line));
}

static void catalogue_review(struct review *review)
{
	const struct policy *policy = review->policy;
	struct asked *rows = must_calloc(policy->catalogue_count, sizeof *rows);

	for (size_t i = 0; i < policy->catalogue_count; i++)
		rows[i] = (struct asked){&policy->catalogue[i], row_area(policy, &policy->catalogue[i])};
	if (policy->catalogue_count)
		qsort(rows, policy->catalogue_count, sizeof *rows, asked_order);
	for (size_t i = 1, first = 0; i < policy->catalogue_count; i++) {
		if (asked_same(&rows[first], &rows[i]))
			catalogue_row_review(review, rows, first, i);
		else
			first = i;
	}
	free(rows);
}

static void danger_words_review(struct review *review)
{
	const struct policy *policy = review->policy;
	struct codes words = {0};

	for (size_t i = 0; i < policy->danger_word_count; i++)
		if (codes_add(&words, policy->danger_words[i].word, (int)i) >= 0)
			finding_warning(review->findings, (struct place){.file = "policy.yaml"}, "the danger word '%.*s' stands twice: keep one", SPAN_ARGS(policy->danger_words[i].word));
	codes_free(&words);
}

void review_shadows(struct review *review)
{
	catalogue_review(review);
	for (size_t i = 0; i < review->policy->clock_count; i++)
		clock_review(review, i);
	for (size_t i = 0; i < review->policy->ladder_count; i++)
		ladder_review(review, i);
	danger_words_review(review);
}
