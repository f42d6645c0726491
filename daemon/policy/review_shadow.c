/* Rules that can never match, because one that is always asked before them takes everything they would.
 *
 * Only a single rule that covers another is found, not several that cover it together: that is what happens by mistake,
 * and it can be told in a sentence. Owns nothing; adds warnings. */
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

	for (size_t i = 0; i < at; i++)
		if (policy->clocks[i].clock == row->clock && scope_covers(policy, clock_scope(&policy->clocks[i]), clock_scope(row))) {
			review_warn(review, row->line, "this row can never match: %.*s takes all of it and comes first", SPAN_ARGS(policy->clocks[i].line));
			return;
		}
	const struct catalogue_row *catalogue = row->clock == CLOCK_promise ? promise_before(policy, row) : NULL;
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

	for (size_t i = 0; i < at; i++)
		if (ladder_covers(policy, &policy->ladders[i], ladder)) {
			review_warn(review, ladder->line, "ladder '%.*s' can never match: '%.*s' (%.*s) takes all of it and comes first", SPAN_ARGS(ladder->name),
				SPAN_ARGS(policy->ladders[i].name), SPAN_ARGS(policy->ladders[i].line));
			return;
		}
	if (ladder->cause == LADDER_BREACH && ladder->clock != CLOCK_none && !clock_runs(policy, ladder->clock))
		review_warn(review, ladder->line, "ladder '%.*s' can never match: no row of clocks.yaml or of the catalogue gives its clock a limit", SPAN_ARGS(ladder->name));
}

static bool row_same(const struct policy *policy, const struct catalogue_row *a, const struct catalogue_row *b)
{
	return a->category == b->category && a->urgency == b->urgency && (a->area == b->area || (area_whole(policy, a->area) && area_whole(policy, b->area)));
}

/* `first` is asked before `second`, both holding for the same cases. */
static bool row_first(const struct catalogue_row *first, const struct catalogue_row *second)
{
	return first->area != second->area ? first->area >= 0 : first < second;
}

static void catalogue_review(struct review *review, const struct catalogue_row *row)
{
	const struct policy *policy = review->policy;
	const struct catalogue_row *promise = NULL, *unit = NULL;

	for (size_t i = 0; i < policy->catalogue_count; i++) {
		const struct catalogue_row *other = &policy->catalogue[i];
		if (other == row || !row_same(policy, other, row) || !row_first(other, row))
			continue;
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

static void danger_words_review(struct review *review)
{
	const struct policy *policy = review->policy;

	for (size_t i = 0; i < policy->danger_word_count; i++)
		for (size_t j = 0; j < i; j++)
			if (span_equal(policy->danger_words[i].word, policy->danger_words[j].word)) {
				finding_warning(review->findings, (struct place){.file = "policy.yaml"}, "the danger word '%.*s' stands twice: keep one", SPAN_ARGS(policy->danger_words[i].word));
				break;
			}
}

void review_shadows(struct review *review)
{
	for (size_t i = 0; i < review->policy->catalogue_count; i++)
		catalogue_review(review, &review->policy->catalogue[i]);
	for (size_t i = 0; i < review->policy->clock_count; i++)
		clock_review(review, i);
	for (size_t i = 0; i < review->policy->ladder_count; i++)
		ladder_review(review, i);
	danger_words_review(review);
}
