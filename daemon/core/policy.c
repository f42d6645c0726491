/* Asking a policy. Owns nothing, changes nothing, allocates nothing: these lookups run for every report.
 *
 * Precedence of the catalogue: deepest category, then deepest area, then urgency named, then the order of the file.
 * catalogue_walk visits rows in exactly that order, so the first that speaks wins; it never looks at a row of
 * another category or area. Clock rows and ladders are lists in which the first match wins. */
#include "core/policy_index.h"

int policy_area(const struct policy *policy, struct span code)
{
	return code_find(policy->index->areas, code);
}

int policy_category(const struct policy *policy, struct span code)
{
	return code_find(policy->index->categories, code);
}

int policy_unit(const struct policy *policy, struct span code)
{
	return code_find(policy->index->units, code);
}

int policy_limit(const struct policy *policy, struct span name)
{
	return code_find(policy->index->limits, name);
}

int policy_ladder_named(const struct policy *policy, struct span name)
{
	return code_find(policy->index->ladders, name);
}

int policy_level(const struct policy *policy, struct span name)
{
	for (size_t i = 0; i < policy->level_count; i++)
		if (span_equal(policy->levels[i], name))
			return (int)i;
	return -1;
}

static bool place_within(const struct tree_place *places, int inner, int outer)
{
	if (outer < 0)
		return true;
	if (inner < 0)
		return false;
	return places[outer].enter <= places[inner].enter && places[inner].enter < places[outer].leave;
}

bool policy_area_within(const struct policy *policy, int inner, int outer)
{
	return place_within(policy->index->area_places, inner, outer);
}

bool policy_category_within(const struct policy *policy, int inner, int outer)
{
	return place_within(policy->index->category_places, inner, outer);
}

int policy_area_at_level(const struct policy *policy, int area, int level)
{
	while (area >= 0 && policy->areas[area].level > level && policy->areas[area].parent >= 0)
		area = policy->areas[area].parent;
	return area;
}

/* Where a walk over the matching catalogue rows stands: most specific first. */
struct catalogue_walk {
	const struct policy *policy;
	int category, area, urgency; /* of the case */
	int category_now, area_now;  /* -1 is the last one tried */
	size_t at, end;              /* rows of this category and area still to look at */
	bool over;
};

/* The first row of a category's slot whose area is not below the wanted one. */
static size_t slot_find(const struct catalogue_row *const *rows, size_t low, size_t high, int area)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rows[middle]->area < area)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Sets the walk on the rows of its present category and area. */
static void walk_enter(struct catalogue_walk *walk)
{
	const struct policy_index *index = walk->policy->index;
	size_t slot = (size_t)(walk->category_now + 1);

	walk->end = index->row_slots[slot + 1];
	walk->at = slot_find(index->rows, index->row_slots[slot], walk->end, walk->area_now);
}

static struct catalogue_walk walk_begin(const struct policy *policy, int category, int area, int urgency)
{
	struct catalogue_walk walk = {
		.policy = policy, .category = category, .area = area, .urgency = urgency,
		.category_now = category, .area_now = area,
	};

	walk_enter(&walk);
	return walk;
}

/* On to the next wider area, or to the next wider category with the case's own area. */
static void walk_widen(struct catalogue_walk *walk)
{
	if (walk->area_now >= 0) {
		walk->area_now = walk->policy->areas[walk->area_now].parent;
	} else if (walk->category_now >= 0) {
		walk->category_now = walk->policy->categories[walk->category_now].parent;
		walk->area_now = walk->area;
	} else {
		walk->over = true;
		return;
	}
	walk_enter(walk);
}

static const struct catalogue_row *catalogue_walk(struct catalogue_walk *walk)
{
	while (!walk->over) {
		while (walk->at < walk->end) {
			const struct catalogue_row *row = walk->policy->index->rows[walk->at];
			if (row->area != walk->area_now)
				break;
			walk->at++;
			if (!row->urgency || row->urgency == walk->urgency)
				return row;
		}
		walk_widen(walk);
	}
	return NULL;
}

int policy_stage_limit(const struct policy *policy, int clock, int category, int area, int urgency, struct span *ret_line)
{
	const struct policy_index *index = policy->index;

	if (clock < 0 || clock >= CLOCK_LIMIT)
		return -1;
	for (size_t i = index->clock_slots[clock]; i < index->clock_slots[clock + 1]; i++) {
		const struct clock_row *row = index->clocks[i];
		if ((row->urgency && row->urgency != urgency) || !policy_area_within(policy, area, row->area) ||
		    !policy_category_within(policy, category, row->category))
			continue;
		if (ret_line)
			*ret_line = row->line;
		return row->limit;
	}
	return -1;
}

int policy_promise(const struct policy *policy, int category, int area, int urgency, struct span *ret_line)
{
	struct catalogue_walk walk = walk_begin(policy, category, area, urgency);
	const struct catalogue_row *row;

	while ((row = catalogue_walk(&walk))) {
		if (row->promise == -1)
			continue;
		if (ret_line)
			*ret_line = row->line;
		return row->promise == CATALOGUE_NO_PROMISE ? -1 : row->promise;
	}
	return policy_stage_limit(policy, CLOCK_promise, category, area, urgency, ret_line);
}

static bool unit_listed(const int *units, size_t count, int unit)
{
	for (size_t i = 0; i < count; i++)
		if (units[i] == unit)
			return true;
	return false;
}

size_t policy_units_for(const struct policy *policy, int category, int area, int urgency, int *ret_units, struct span *ret_lines, size_t room)
{
	struct catalogue_walk walk = walk_begin(policy, category, area, urgency);
	const struct catalogue_row *row;
	size_t count = 0;

	while (count < room && (row = catalogue_walk(&walk))) {
		if (row->unit < 0 || unit_listed(ret_units, count, row->unit))
			continue;
		if (row->area < 0 && !policy_area_within(policy, area, policy->units[row->unit].area))
			continue;
		if (ret_lines)
			ret_lines[count] = row->line;
		ret_units[count++] = row->unit;
	}
	return count;
}

const struct catalogue_row *policy_lead_row(const struct policy *policy, int category, int area, int urgency, int unit)
{
	struct catalogue_walk walk = walk_begin(policy, category, area, urgency);
	const struct catalogue_row *row;

	while ((row = catalogue_walk(&walk))) {
		if (row->unit < 0 || (unit >= 0 && row->unit != unit))
			continue;
		if (row->area >= 0 || policy_area_within(policy, area, policy->units[row->unit].area))
			return row;
	}
	return NULL;
}

const struct ladder *policy_ladder_for(const struct policy *policy, enum ladder_cause cause, int clock, int category, int area, int urgency)
{
	for (size_t i = 0; i < policy->ladder_count; i++) {
		const struct ladder *ladder = &policy->ladders[i];
		if (ladder->cause == cause && (ladder->clock == CLOCK_none || ladder->clock == clock) &&
		    (!ladder->urgency || ladder->urgency == urgency) && policy_area_within(policy, area, ladder->area) &&
		    policy_category_within(policy, category, ladder->category))
			return ladder;
	}
	return NULL;
}

const struct ladder *policy_ladder(const struct policy *policy, int clock, int category, int area, int urgency, bool at_once)
{
	return policy_ladder_for(policy, at_once ? LADDER_URGENCY : LADDER_BREACH, clock, category, area, urgency);
}

bool policy_somebody(const struct policy *policy, int area, struct span role, int64_t at)
{
	const struct policy_index *index = policy->index;

	if (area < 0 || (size_t)area >= policy->area_count)
		return false;
	for (size_t i = index->duty_slots[area]; i < index->duty_slots[area + 1]; i++) {
		const struct duty *duty = index->duties[i];
		if (span_equal(duty->role, role) && (duty->calendar < 0 || calendar_counts(&policy->calendars[duty->calendar], at)))
			return true;
	}
	return false;
}

static bool step_on(const struct policy *policy, const struct step_row *rows, size_t count, int category, struct span channel, int kind)
{
	for (size_t i = 0; i < count; i++)
		if ((!rows[i].kind || rows[i].kind == kind) && (!rows[i].channel.len || span_equal(rows[i].channel, channel)) &&
		    policy_category_within(policy, category, rows[i].category))
			return true;
	return false;
}

bool policy_checks(const struct policy *policy, int category, struct span channel, int kind)
{
	return step_on(policy, policy->checking, policy->checking_count, category, channel, kind);
}

bool policy_calls_back(const struct policy *policy, int category, struct span channel, int kind)
{
	return step_on(policy, policy->calling_back, policy->calling_back_count, category, channel, kind);
}

int policy_source(const struct policy *policy, struct span name)
{
	for (size_t i = 0; i < policy->source_count; i++)
		if (span_equal(policy->sources[i].name, name))
			return (int)i;
	return -1;
}

int policy_emergency(const struct policy *policy, struct span number)
{
	for (size_t i = 0; i < policy->emergency_count; i++)
		if (span_equal(policy->emergencies[i].number, number))
			return (int)i;
	return -1;
}

int policy_admission(const struct policy *policy, int unit, int category, int area, int64_t at)
{
	for (size_t i = 0; i < policy->admission_count; i++) {
		const struct admission_row *row = &policy->admissions[i];
		if (row->unit == unit && row->from_ms <= at && at < row->to_ms && policy_area_within(policy, area, row->area) &&
		    policy_category_within(policy, category, row->category))
			return (int)i;
	}
	return -1;
}
