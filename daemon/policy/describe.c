/* A policy as rows of text, for comparing: each with its file, a key that tells it from the others, and its values.
 *
 * Owns two buffers while it runs. Invariants: equal policies give equal rows in one order; indexes never appear, only
 * names, so that a row that moved is still the same; every key is different (a repeated one gets a number). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/vocabulary.h"
#include "policy/compare.h"


static const char *const unit_words[] = {"minutes", "hours", "days", "working_hours", "working_days"};
static const char *const start_words[] = {"at_once", "next_opening", "office_day"};
static const char *const cause_words[] = {"breach", "urgency", "returns", "reminders", "unsatisfied", "unassigned", "supervision"};

struct describer {
	const struct policy *policy;
	describe_each *each;
	void *context;
	const char *file;
	struct buf key, values;
};

static void row_begin(struct describer *describer, const char *file)
{
	describer->file = file;
	describer->key.len = describer->values.len = 0;
}

static void row_end(struct describer *describer)
{
	describer->each(describer->context, describer->file, buf_span(&describer->key), buf_span(&describer->values));
}

static void value_add(struct describer *describer, const char *label, struct span value)
{
	if (value.len)
		buf_printf(&describer->values, "%s: %.*s\n", label, SPAN_ARGS(value));
}

static void value_add_number(struct describer *describer, const char *label, int64_t value)
{
	if (value)
		buf_printf(&describer->values, "%s: %" PRId64 "\n", label, value);
}

/* The largest unit that holds it whole. */
static void value_add_duration(struct describer *describer, const char *label, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {{86400000, "days"}, {3600000, "hours"}, {60000, "minutes"}, {1000, "seconds"}, {1, "ms"}};
	size_t i = 0;

	while (ms % units[i].ms)
		i++;
	if (ms)
		buf_printf(&describer->values, "%s: %" PRId64 " %s\n", label, ms / units[i].ms, units[i].name);
}

static struct span area_code(const struct policy *policy, int area)
{
	return area < 0 ? (struct span){"", 0} : policy->areas[area].code;
}

static struct span category_code(const struct policy *policy, int category)
{
	return category < 0 ? (struct span){"", 0} : policy->categories[category].code;
}

static struct span unit_code(const struct policy *policy, int unit)
{
	return unit < 0 ? (struct span){"", 0} : policy->units[unit].code;
}

static struct span calendar_name(const struct policy *policy, int calendar)
{
	return calendar < 0 ? (struct span){"", 0} : policy->calendars[calendar].name;
}

static struct span limit_name(const struct policy *policy, int limit)
{
	return limit < 0 ? span_of("none") : policy->limits[limit].name;
}

static void key_scope(struct describer *describer, int category, int area, int urgency)
{
	if (category >= 0)
		buf_printf(&describer->key, " %.*s", SPAN_ARGS(category_code(describer->policy, category)));
	if (area >= 0)
		buf_printf(&describer->key, " in %.*s", SPAN_ARGS(area_code(describer->policy, area)));
	if (urgency)
		buf_printf(&describer->key, " urgency %d", urgency);
}

static void switches_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;
	struct buf *values = &describer->values;

	row_begin(describer, "policy.yaml");
	buf_printf(&describer->key, "settings");
	value_add(describer, "name", policy->name);
	value_add(describer, "title", policy->title);
	value_add(describer, "zone", policy->zone);
	buf_printf(values, "levels:");
	for (size_t i = 0; i < policy->level_count; i++)
		buf_printf(values, " %.*s", SPAN_ARGS(policy->levels[i]));
	buf_printf(values, "\n");
	value_add(describer, "default_area", area_code(policy, policy->default_area));
	value_add(describer, "fallback_category", category_code(policy, policy->fallback_category));
	value_add_duration(describer, "reopen_window", policy->reopen_window_ms);
	if (policy->retention_ms)
		value_add_duration(describer, "retention", policy->retention_ms);
	value_add_number(describer, "similar radius", policy->similar_radius_m);
	value_add_duration(describer, "similar within", policy->similar_window_ms);
	value_add_number(describer, "warn", policy->warn_percent);
	for (int task = TASK_none + 1; task < TASK_LIMIT; task++)
		value_add_duration(describer, task_words[task], policy->patience_ms[task]);
	buf_printf(values, "returns cap: %d\nextensions cap: %d\n", policy->returns_cap, policy->extensions_cap);
	value_add(describer, "extensions limit", limit_name(policy, policy->extension_limit));
	value_add(describer, "extensions move the promise", span_of(policy->extension_moves_promise ? "true" : ""));
	value_add_duration(describer, "suspension longest", policy->suspension_longest_ms);
	value_add_number(describer, "call_attempts", policy->call_attempts);
	if (policy->classifier_confidence > 0)
		buf_printf(values, "classifier confidence: %.3f\n", policy->classifier_confidence);
	value_add_number(describer, "reminders urgent_after", policy->reminders_urgent_after);
	value_add_number(describer, "reminders escalate_after", policy->reminders_escalate_after);
	row_end(describer);
}

static void steps_describe(struct describer *describer, const char *what, const struct step_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		row_begin(describer, "policy.yaml");
		buf_printf(&describer->key, "%s", what);
		key_scope(describer, rows[i].category, -1, 0);
		if (rows[i].channel.len)
			buf_printf(&describer->key, " channel %.*s", SPAN_ARGS(rows[i].channel));
		if (rows[i].kind)
			buf_printf(&describer->key, " kind %s", kind_words[rows[i].kind]);
		row_end(describer);
	}
}

static void words_describe(struct describer *describer, const char *label, const struct span *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(&describer->values, "%s%.*s", i ? "|" : label, SPAN_ARGS(words[i]));
	if (count)
		buf_printf(&describer->values, "\n");
}

static void dangers_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->danger_word_count; i++) {
		row_begin(describer, "policy.yaml");
		buf_printf(&describer->key, "danger word %.*s", SPAN_ARGS(policy->danger_words[i].word));
		value_add_number(describer, "urgency", policy->danger_words[i].urgency);
		value_add(describer, "category", category_code(policy, policy->danger_words[i].category));
		row_end(describer);
	}
	for (size_t i = 0; i < policy->source_count; i++) {
		row_begin(describer, "policy.yaml");
		buf_printf(&describer->key, "source %.*s", SPAN_ARGS(policy->sources[i].name));
		value_add_duration(describer, "quiet_after", policy->sources[i].quiet_ms);
		value_add(describer, "calendar", calendar_name(policy, policy->sources[i].calendar));
		row_end(describer);
	}
	for (size_t i = 0; i < policy->emergency_count; i++) {
		row_begin(describer, "policy.yaml");
		buf_printf(&describer->key, "emergency number %.*s", SPAN_ARGS(policy->emergencies[i].number));
		value_add(describer, "name", policy->emergencies[i].name);
		words_describe(describer, "words: ", policy->emergencies[i].words, policy->emergencies[i].word_count);
		row_end(describer);
	}
}

static void areas_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->area_count; i++) {
		const struct area *area = &policy->areas[i];
		row_begin(describer, "areas.csv");
		buf_add(&describer->key, area->code.data, area->code.len);
		value_add(describer, "name", area->name);
		value_add(describer, "name_en", area->name_en);
		value_add(describer, "parent", area_code(policy, area->parent));
		value_add(describer, "level", policy->levels[area->level]);
		value_add(describer, "duty_desk", unit_code(policy, area->duty_desk));
		if (!isnan(area->latitude) && !isnan(area->longitude))
			buf_printf(&describer->values, "centre: %.6f %.6f\n", area->latitude, area->longitude);
		row_end(describer);
	}
}

static void categories_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->category_count; i++) {
		const struct category *category = &policy->categories[i];
		row_begin(describer, "categories.csv");
		buf_add(&describer->key, category->code.data, category->code.len);
		value_add(describer, "name", category->name);
		value_add(describer, "name_en", category->name_en);
		value_add(describer, "parent", category_code(policy, category->parent));
		value_add(describer, "kind", span_of(kind_words[category->kind]));
		value_add_number(describer, "urgency", category->urgency);
		words_describe(describer, "words: ", category->words, category->word_count);
		row_end(describer);
	}
}

static void units_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->unit_count; i++) {
		const struct unit *unit = &policy->units[i];
		row_begin(describer, "units.csv");
		buf_add(&describer->key, unit->code.data, unit->code.len);
		value_add(describer, "name", unit->name);
		value_add(describer, "name_en", unit->name_en);
		value_add(describer, "kind", unit->kind);
		value_add(describer, "area", area_code(policy, unit->area));
		value_add(describer, "calendar", calendar_name(policy, unit->calendar));
		value_add_number(describer, "capacity", unit->capacity);
		row_end(describer);
	}
}

static void catalogue_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->catalogue_count; i++) {
		const struct catalogue_row *row = &policy->catalogue[i];
		row_begin(describer, "catalogue.csv");
		buf_printf(&describer->key, "row for");
		key_scope(describer, row->category, row->area, row->urgency);
		value_add(describer, "unit", unit_code(policy, row->unit));
		if (row->promise != -1)
			value_add(describer, "promise", limit_name(policy, row->promise));
		for (size_t j = 0; j < row->assist_count; j++)
			buf_printf(&describer->values, "%s%.*s%s", j ? "|" : "assist: ", SPAN_ARGS(unit_code(policy, row->assist[j])), j + 1 == row->assist_count ? "\n" : "");
		row_end(describer);
	}
}

static void date_describe(struct describer *describer, const char *label, int64_t at)
{
	int64_t date, year = 1970, month = 12;

	if (at == INT64_MIN || at == INT64_MAX) /* open */
		return;
	date = zone_date(describer->policy->time_zone, at);
	while (date_of(year + 1, 1, 1) <= date)
		year++;
	while (date_of(year, month, 1) > date)
		month--;
	buf_printf(&describer->values, "%s: %04d-%02d-%02d\n", label, (int)year, (int)month, (int)(date - date_of(year, month, 1) + 1));
}

static void admissions_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->admission_count; i++) {
		const struct admission_row *row = &policy->admissions[i];
		row_begin(describer, "admissions.csv");
		buf_printf(&describer->key, "record %.*s", SPAN_ARGS(row->record));
		value_add(describer, "department", unit_code(policy, row->unit));
		value_add(describer, "item", row->item);
		value_add(describer, "category", category_code(policy, row->category));
		value_add(describer, "area", area_code(policy, row->area));
		value_add(describer, "authority", row->authority);
		value_add(describer, "funding", row->funding);
		date_describe(describer, "from", row->from_ms);
		date_describe(describer, "to", row->to_ms == INT64_MAX ? INT64_MAX : row->to_ms - 1);
		row_end(describer);
	}
}

static void duties_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->duty_count; i++) {
		const struct duty *duty = &policy->duties[i];
		row_begin(describer, "duties.csv");
		buf_printf(&describer->key, "%.*s in %.*s", SPAN_ARGS(duty->role), SPAN_ARGS(area_code(policy, duty->area)));
		value_add(describer, "name", duty->name);
		value_add(describer, "calendar", calendar_name(policy, duty->calendar));
		row_end(describer);
	}
}

/* Fifty thousand intervals as one number: it is only compared. */
static uint64_t hours_digest(const struct calendar *calendar)
{
	uint64_t digest = UINT64_C(14695981039346656037); /* FNV-1a, by 64-bit words */

	for (size_t i = 0; i < calendar->interval_count; i++) {
		digest = (digest ^ (uint64_t)calendar->intervals[i].from) * UINT64_C(1099511628211);
		digest = (digest ^ (uint64_t)calendar->intervals[i].to) * UINT64_C(1099511628211);
	}
	return digest;
}

static void calendars_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->calendar_count; i++) {
		const struct calendar *calendar = &policy->calendars[i];
		row_begin(describer, "calendars.yaml");
		buf_printf(&describer->key, "calendar %.*s", SPAN_ARGS(calendar->name));
		if (calendar->always)
			value_add(describer, "always", span_of("true"));
		else
			buf_printf(&describer->values, "hours: %zu open, digest %016" PRIx64 "\n", calendar->interval_count, hours_digest(calendar));
		if (calendar->known_until)
			date_describe(describer, "known_until", zone_instant(policy->time_zone, calendar->known_until * ZONE_DAY_MS));
		row_end(describer);
	}
}

static void limit_describe(struct describer *describer, const char *label, const struct limit *limit)
{
	const struct policy *policy = describer->policy;

	buf_printf(&describer->values, "%s: %" PRId64, label, limit->amount / 1000);
	if (limit->amount % 1000)
		buf_printf(&describer->values, ".%03d", (int)(limit->amount % 1000));
	buf_printf(&describer->values, " %s", unit_words[limit->unit]);
	if (limit->start != LIMIT_AT_ONCE)
		buf_printf(&describer->values, ", start %s", start_words[limit->start]);
	if (limit->roll != LIMIT_NO_ROLL)
		buf_printf(&describer->values, ", roll next_working_day");
	if (!policy->calendars[limit->calendar].always)
		buf_printf(&describer->values, ", calendar %.*s", SPAN_ARGS(calendar_name(policy, limit->calendar)));
	buf_printf(&describer->values, "\n");
}

static void limits_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;
	char label[96];

	for (size_t i = 0; i < policy->limit_count; i++) {
		const struct limit *limit = &policy->limits[i];
		row_begin(describer, "clocks.yaml");
		buf_printf(&describer->key, "limit %.*s", SPAN_ARGS(limit->name));
		if (!limit->stage_count)
			limit_describe(describer, "amount", limit);
		for (size_t j = 0; j < limit->stage_count; j++) {
			snprintf(label, sizeof label, "stage %.*s", SPAN_ARGS(limit->stages[j].name));
			limit_describe(describer, label, &limit->stages[j]);
		}
		row_end(describer);
	}
}

static void clocks_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->clock_count; i++) {
		const struct clock_row *row = &policy->clocks[i];
		row_begin(describer, "clocks.yaml");
		buf_printf(&describer->key, "clock %s", clock_words[row->clock]);
		key_scope(describer, row->category, row->area, row->urgency);
		value_add(describer, "limit", limit_name(policy, row->limit));
		row_end(describer);
	}
}

static void rung_describe(struct describer *describer, size_t number, const struct rung *rung)
{
	char label[32];
	struct describer part = *describer;

	part.values = (struct buf){0};
	value_add_duration(&part, "acknowledge", rung->acknowledge_ms);
	value_add_duration(&part, "repeat", rung->repeat_ms);
	value_add_duration(&part, "hold", rung->hold_ms);
	for (size_t i = 0; i < part.values.len; i++)
		if (part.values.data[i] == '\n')
			part.values.data[i] = ' ';
	snprintf(label, sizeof label, "rung %zu", number);
	buf_printf(&describer->values, "%s: %d %% %.*s@%.*s %.*s\n", label, rung->after_percent, SPAN_ARGS(rung->role), SPAN_ARGS(describer->policy->levels[rung->level]),
		(int)part.values.len, part.values.len ? part.values.data : "");
	buf_free(&part.values);
}

static void ladders_describe(struct describer *describer)
{
	const struct policy *policy = describer->policy;

	for (size_t i = 0; i < policy->ladder_count; i++) {
		const struct ladder *ladder = &policy->ladders[i];
		row_begin(describer, "ladders.yaml");
		buf_printf(&describer->key, "ladder %.*s", SPAN_ARGS(ladder->name));
		value_add(describer, "cause", span_of(cause_words[ladder->cause]));
		value_add(describer, "clock", span_of(clock_words[ladder->clock]));
		value_add(describer, "category", category_code(policy, ladder->category));
		value_add(describer, "area", area_code(policy, ladder->area));
		value_add_number(describer, "urgency", ladder->urgency);
		for (size_t j = 0; j < ladder->rung_count; j++)
			rung_describe(describer, j + 1, &ladder->rungs[j]);
		row_end(describer);
	}
}

void policy_describe(const struct policy *policy, describe_each *each, void *context)
{
	struct describer describer = {.policy = policy, .each = each, .context = context};

	switches_describe(&describer);
	steps_describe(&describer, "checking", policy->checking, policy->checking_count);
	steps_describe(&describer, "calling_back", policy->calling_back, policy->calling_back_count);
	dangers_describe(&describer);
	areas_describe(&describer);
	categories_describe(&describer);
	units_describe(&describer);
	catalogue_describe(&describer);
	admissions_describe(&describer);
	duties_describe(&describer);
	calendars_describe(&describer);
	limits_describe(&describer);
	clocks_describe(&describer);
	ladders_describe(&describer);
	buf_free(&describer.values);
	buf_free(&describer.key);
}
