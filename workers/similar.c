/* Scores open reports nearby against the one being triaged.
 *
 * Owns nothing and decides nothing for good: it ranks what the daemon's grid of open cases offered. A candidate that shares neither
 * address nor radius, or is older than the window, scores 0. The weights are chosen so that place and time alone (0.5)
 * stay below the least score: a neighbour's other trouble is not the same thing. The same category at another address has to be near and recent.
 * Invariant: the order is total (score, distance, case number), so the same task gives the same answer everywhere. */
#include "workers/similar.h"

#include "schema/codec.h"

#define WEIGHT_CATEGORY 0.5
#define WEIGHT_FAMILY 0.3 /* one category lies within the other */
#define WEIGHT_PLACE 0.3
#define WEIGHT_TIME 0.2

static double category_score(const struct policy *policy, int category, const struct record *candidate)
{
	int other = record_has(candidate, category) ? policy_category(policy, candidate->category) : -1;

	if (other < 0 || category < 0)
		return 0;
	if (other == category)
		return WEIGHT_CATEGORY;
	bool family = policy_category_within(policy, other, category) || policy_category_within(policy, category, other);
	return family ? WEIGHT_FAMILY : 0;
}

double similar_score(const struct policy *policy, int category, bool addressed, const struct record *candidate)
{
	bool same_address = record_get(candidate, same_address, false);
	int64_t distance = record_get(candidate, distance_m, INT64_MAX);
	int64_t age = record_get(candidate, age_ms, 0);
	double place = 1;

	if (age < 0 || policy->similar_window_ms <= 0 || age > policy->similar_window_ms)
		return 0;
	if (!same_address) {
		if (policy->similar_radius_m <= 0 || distance > policy->similar_radius_m)
			return 0;
		/* To the metre the same place and yet another address: a geocoder's stand-in for places that it does not know. */
		place = distance ? 1 - (double)distance / (double)policy->similar_radius_m : addressed ? 0 : 1;
	}
	double time = 1 - (double)age / (double)policy->similar_window_ms;
	return category_score(policy, category, candidate) + WEIGHT_PLACE * place + WEIGHT_TIME * time;
}

static bool better(const struct similar_case *a, const struct similar_case *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	if (a->distance_m != b->distance_m)
		return a->distance_m < b->distance_m;
	return a->case_id < b->case_id;
}

static size_t insert(struct similar_case best[SIMILAR_MOST], size_t count, struct similar_case candidate)
{
	size_t at = count;

	while (at && better(&candidate, &best[at - 1]))
		at--;
	if (at == SIMILAR_MOST)
		return count;
	if (count < SIMILAR_MOST)
		count++;
	memmove(&best[at + 1], &best[at], (count - at - 1) * sizeof *best);
	best[at] = candidate;
	return count;
}

size_t similar_choose(const struct policy *policy, const struct record *task, int category, struct similar_case ret_best[SIMILAR_MOST])
{
	struct span rest, map;
	struct record candidate;
	struct flaw flaw;
	bool addressed = record_has(task, address) && task->address.len;
	size_t count = 0;

	if (!record_has(task, similar))
		return 0;
	list_open(task->similar, &rest);
	while (frame_next(&rest, &map)) {
		if (codec_read_lenient(map, &candidate, &flaw) || !record_has(&candidate, case_id))
			continue;
		if (record_has(task, case_id) && candidate.case_id == task->case_id)
			continue;
		double score = similar_score(policy, category, addressed, &candidate);
		if (score >= SIMILAR_LEAST_SCORE)
			count = insert(ret_best, count, (struct similar_case){candidate.case_id, score, record_get(&candidate, distance_m, INT64_MAX)});
	}
	return count;
}
