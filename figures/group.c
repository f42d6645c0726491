/* Facts summed by unit, area, category or first-contact unit, their quantiles, and the ranking of the groups.
 *
 * Quantiles are of the nearest rank: an actual time of an actual case, never one between two. Shares are compared as fractions, so
 * a ranking does not depend on rounding; groups that are equal have the same rank. */
#include "figures/inside.h"

#include <stdlib.h>

struct samples {
	int64_t *times;
	size_t count, room;
};

struct span fact_group(const struct figures *figures, const struct fact *fact, enum figures_by by, size_t depth)
{
	uint32_t names[] = {[BY_UNIT] = fact->unit, [BY_AREA] = fact->area, [BY_CATEGORY] = fact->category, [BY_FIRST_CONTACT] = fact->first_contact};
	struct span name = figures_name(figures, names[by]);

	for (size_t i = 0; depth && i < name.len; i++) {
		if (name.data[i] == '/' && --depth == 0)
			name.len = i;
	}
	return name;
}

static int group_order(const void *a, const void *b)
{
	return span_compare(((const struct group *)a)->name, ((const struct group *)b)->name);
}

/* The distinct names, in order. */
static void groups_find(const struct figures *figures, enum figures_by by, size_t depth, struct grouping *grouping)
{
	struct group *groups = must_calloc(figures->name_count + 1, sizeof *groups);
	bool *seen = must_calloc(figures->name_count + 1, sizeof *seen);
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < figures->fact_count; i++) {
		const struct fact *fact = &figures->facts[i];
		uint32_t names[] = {[BY_UNIT] = fact->unit, [BY_AREA] = fact->area, [BY_CATEGORY] = fact->category, [BY_FIRST_CONTACT] = fact->first_contact};
		if (seen[names[by]])
			continue;
		seen[names[by]] = true;
		groups[count++].name = fact_group(figures, fact, by, depth);
	}
	free(seen);
	qsort(groups, count, sizeof *groups, group_order);
	for (size_t i = 0; i < count; i++)
		if (!kept || !span_equal(groups[kept - 1].name, groups[i].name))
			groups[kept++] = groups[i];
	grouping->groups = groups;
	grouping->count = kept;
}

static size_t group_index(const struct grouping *grouping, struct span name)
{
	struct group key = {.name = name};

	return (size_t)((struct group *)bsearch(&key, grouping->groups, grouping->count, sizeof key, group_order) - grouping->groups);
}

static void sample_add(struct samples *samples, int64_t time)
{
	if (samples->count == samples->room) {
		samples->room = samples->room ? samples->room * 2 : 16;
		samples->times = must_realloc(samples->times, samples->room * sizeof *samples->times);
	}
	samples->times[samples->count++] = time;
}

static int time_order(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

/* Sorts, reads both quantiles, and forgets the samples. */
static void samples_take(struct samples *samples, int64_t *ret_median, int64_t *ret_p90)
{
	if (samples->count) {
		qsort(samples->times, samples->count, sizeof *samples->times, time_order);
		*ret_median = samples->times[(samples->count + 1) / 2 - 1];
		*ret_p90 = samples->times[(samples->count * 9 + 9) / 10 - 1];
	}
	free(samples->times);
}

static void fact_sum(struct group *group, struct samples *samples, const struct fact *fact)
{
	group->count[fact->figure]++;
	group->met[fact->figure] += fact->met;
	if (figure_rows[fact->figure].shape == SHAPE_TIME)
		sample_add(&samples[fact->figure], fact->span_ms);
}

struct grouping *figures_group(const struct figures *figures, enum figures_by by, size_t depth)
{
	struct grouping *grouping = must_calloc(1, sizeof *grouping);
	struct samples *samples;

	groups_find(figures, by, depth, grouping);
	samples = must_calloc((grouping->count + 1) * FIGURE_COUNT, sizeof *samples);
	for (size_t i = 0; i < figures->fact_count; i++) {
		const struct fact *fact = &figures->facts[i];
		size_t index = group_index(grouping, fact_group(figures, fact, by, depth));
		fact_sum(&grouping->groups[index], samples + (index + 1) * FIGURE_COUNT, fact);
		fact_sum(&grouping->total, samples, fact);
	}
	for (size_t i = 0; i <= grouping->count; i++) {
		struct group *group = i ? &grouping->groups[i - 1] : &grouping->total;
		for (int figure = 0; figure < FIGURE_COUNT; figure++)
			samples_take(&samples[i * FIGURE_COUNT + (size_t)figure], &group->median_ms[figure], &group->p90_ms[figure]);
	}
	free(samples);
	return grouping;
}

void grouping_free(struct grouping *grouping)
{
	if (!grouping)
		return;
	free(grouping->groups);
	free(grouping);
}

struct figure_value group_value(const struct group *group, enum figure figure)
{
	const struct figure_row *row = &figure_rows[figure];
	int64_t count = group->count[row->of], met = group->met[row->of];

	switch (row->shape) {
	case SHAPE_TIME:
		return (struct figure_value){.known = count > 0, .part = count, .median_ms = group->median_ms[figure], .p90_ms = group->p90_ms[figure]};
	case SHAPE_SHARE:
		return (struct figure_value){.known = count > 0, .part = met, .whole = count};
	case SHAPE_MET:
		return (struct figure_value){.known = true, .part = met};
	case SHAPE_MISSED:
		return (struct figure_value){.known = true, .part = count - met};
	case SHAPE_SUM:
		return (struct figure_value){.known = true, .part = count + group->count[row->other]};
	case SHAPE_COUNT:
		break;
	}
	return (struct figure_value){.known = true, .part = count};
}

/* Less than 0: a is the better one. */
static int value_order(const struct group *a, const struct group *b, enum figure figure)
{
	struct figure_value one = group_value(a, figure), other = group_value(b, figure);
	enum figure_shape shape = figure_rows[figure].shape;
	int64_t left = one.part, right = other.part;

	if (!one.known || !other.known)
		return (int)other.known - (int)one.known;
	if (shape == SHAPE_TIME) {
		left = one.median_ms;
		right = other.median_ms;
	} else if (shape == SHAPE_SHARE) {
		left = one.part * other.whole;
		right = other.part * one.whole;
	}
	return (figure_rows[figure].better < 0 ? 1 : -1) * ((left > right) - (left < right));
}

static int rank_order(const void *a, const void *b, void *figure)
{
	int order = value_order(a, b, *(const enum figure *)figure);

	return order ? order : group_order(a, b);
}

void grouping_rank(struct grouping *grouping, enum figure figure)
{
	qsort_r(grouping->groups, grouping->count, sizeof *grouping->groups, rank_order, &figure);
	for (size_t i = 0; i < grouping->count; i++) {
		struct group *group = &grouping->groups[i];
		if (!group_value(group, figure).known)
			group->rank = 0;
		else
			group->rank = i && value_order(group - 1, group, figure) == 0 ? group[-1].rank : i + 1;
	}
}
