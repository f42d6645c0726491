/* clocks.yaml: limits, and which clock has which limit.
 *
 * Owns nothing. Invariants of what it makes: a limit always has a calendar; a limit in stages has the properties of its
 * last stage, so that whoever knows nothing of stages still sees the right due time; stages have no stages. */
#include "core/vocabulary.h"
#include "policy/compiler.h"
#include "policy/words.h"

#define CLOCKS_FILE "clocks.yaml"
#define AMOUNT_MOST INT64_C(100000000) /* thousandths */
#define STAGES_MOST 10 /* of one limit */

static const char *const unit_words[] = {"minutes", "hours", "days", "working_hours", "working_days", NULL};
static const char *const start_words[] = {"at_once", "next_opening", "office_day", NULL};
static const char *const roll_words[] = {"none", "next_working_day", NULL};

static void limit_amount(struct compiler *compiler, const struct yaml_value *item, struct limit *limit)
{
	struct span text;
	struct place place;
	int64_t amount;

	if (!value_need(compiler, CLOCKS_FILE, item, "amount", &text, &place))
		return;
	if (!thousandths_read(text, &amount) || amount > AMOUNT_MOST)
		finding_error(compiler->findings, place, "amount: expected a number from 0 to 100000, at most three decimal places");
	else if (amount % 1000 && (limit->unit == LIMIT_DAYS || limit->unit == LIMIT_WORKING_DAYS))
		finding_error(compiler->findings, place, "amount: days are whole; write a part of a day in hours or working_hours");
	else
		limit->amount = amount;
}

/* Working units, openings and working days to roll to are those of a calendar, which must then be named. */
static void limit_calendar(struct compiler *compiler, const struct yaml_value *item, struct limit *limit)
{
	struct span text;
	struct place place;

	limit->calendar = codes_find(&compiler->calendars, span_of("always"));
	if (value_text(compiler, CLOCKS_FILE, item, "calendar", &text, &place)) {
		int index = compiler_refer(compiler, place, &compiler->calendars, text, "calendar");
		limit->calendar = index < 0 ? limit->calendar : index;
		return;
	}
	if (limit->unit == LIMIT_WORKING_HOURS || limit->unit == LIMIT_WORKING_DAYS || limit->start != LIMIT_AT_ONCE || limit->roll != LIMIT_NO_ROLL)
		finding_error(compiler->findings, value_place(CLOCKS_FILE, item), "calendar: is missing: this limit goes by working time, so say whose");
}

static void limit_properties(struct compiler *compiler, const struct yaml_value *item, struct limit *limit)
{
	int unit = LIMIT_HOURS, start = LIMIT_AT_ONCE, roll = LIMIT_NO_ROLL;

	limit->line = compiler_line(compiler, CLOCKS_FILE, item->row);
	if (yaml_nothing(yaml_get(item, "unit")))
		finding_error(compiler->findings, value_place(CLOCKS_FILE, item), "unit: is missing: minutes, hours, days, working_hours or working_days");
	value_word(compiler, CLOCKS_FILE, item, "unit", unit_words, &unit);
	value_word(compiler, CLOCKS_FILE, item, "start", start_words, &start);
	value_word(compiler, CLOCKS_FILE, item, "roll", roll_words, &roll);
	limit->unit = (enum limit_unit)unit;
	limit->start = (enum limit_start)start;
	limit->roll = (enum limit_roll)roll;
	limit_amount(compiler, item, limit);
	limit_calendar(compiler, item, limit);
}

/* Two stages that count alike can be put in order without knowing when they begin. */
static bool stage_earlier(const struct limit *stage, const struct limit *before)
{
	return stage->unit == before->unit && stage->calendar == before->calendar && stage->start == before->start && stage->roll == before->roll &&
	       stage->amount < before->amount;
}

static void stage_compile(struct compiler *compiler, const struct yaml_value *item, struct limit *limit, size_t at)
{
	static const char *const known[] = {"name", "amount", "unit", "start", "roll", "calendar", NULL};
	struct limit *stage = &limit->stages[at];
	struct span name;
	struct place place;

	if (!value_keys(compiler, CLOCKS_FILE, item, known, "stage"))
		return;
	if (value_need(compiler, CLOCKS_FILE, item, "name", &name, &place)) {
		stage->name = arena_copy(compiler->arena, name);
		if (!name.len || name.len > CODE_BYTES_MOST)
			finding_error(compiler->findings, place, "name: expected 1 to %d bytes, such as repair", CODE_BYTES_MOST);
		for (size_t i = 0; i < at; i++)
			if (span_equal(limit->stages[i].name, stage->name))
				finding_error(compiler->findings, place, "a second stage of this name: each may stand in a limit once");
	}
	limit_properties(compiler, item, stage);
	if (at && stage_earlier(stage, &limit->stages[at - 1]))
		finding_error(compiler->findings, value_place(CLOCKS_FILE, item), "this stage is over before the one above it: all count from the same start, so put them in order");
}

static void stages_compile(struct compiler *compiler, const struct yaml_value *item, struct limit *limit)
{
	static const char *const own[] = {"amount", "unit", "start", "roll", "calendar"};
	const struct yaml_value *list = value_list(compiler, CLOCKS_FILE, item, "stages");

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (!yaml_nothing(yaml_get(item, own[i])))
			finding_error(compiler->findings, value_place(CLOCKS_FILE, yaml_get(item, own[i])), "%s: a limit in stages is its last stage; say this there", own[i]);
	limit->calendar = codes_find(&compiler->calendars, span_of("always"));
	if (!list || list->count == 0 || list->count > STAGES_MOST) {
		finding_error(compiler->findings, value_place(CLOCKS_FILE, list ? list : item), "stages: expected 1 to %d of them", STAGES_MOST);
		return;
	}
	limit->stages = arena_alloc(compiler->arena, list->count, sizeof *limit->stages);
	limit->stage_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		stage_compile(compiler, list->items[i], limit, i);
	const struct limit *last = &limit->stages[list->count - 1];
	limit->amount = last->amount;
	limit->unit = last->unit;
	limit->start = last->start;
	limit->roll = last->roll;
	limit->calendar = last->calendar;
}

static void limit_compile(struct compiler *compiler, const struct yaml_value *item, struct limit *limit, int index)
{
	static const char *const known[] = {"name", "amount", "unit", "start", "roll", "calendar", "stages", NULL};
	struct span name;
	struct place place;

	if (!value_keys(compiler, CLOCKS_FILE, item, known, "limit"))
		return;
	limit->line = compiler_line(compiler, CLOCKS_FILE, item->row);
	if (value_need(compiler, CLOCKS_FILE, item, "name", &name, &place)) {
		limit->name = arena_copy(compiler->arena, name);
		compiler_name(compiler, place, &compiler->limits, limit->name, index, "limit");
	}
	if (yaml_nothing(yaml_get(item, "stages")))
		limit_properties(compiler, item, limit);
	else
		stages_compile(compiler, item, limit);
}

void compile_limits(struct compiler *compiler, const struct yaml_value *clocks)
{
	static const char *const known[] = {"limits", "clocks", NULL};
	struct policy *policy = compiler->policy;

	if (!clocks || !value_keys(compiler, CLOCKS_FILE, clocks, known, "clock file"))
		return;
	const struct yaml_value *list = value_list(compiler, CLOCKS_FILE, clocks, "limits");
	policy->limit_count = list ? list->count : 0;
	policy->limits = arena_alloc(compiler->arena, policy->limit_count, sizeof *policy->limits);
	for (size_t i = 0; i < policy->limit_count; i++)
		limit_compile(compiler, list->items[i], &policy->limits[i], (int)i);
}

static void clock_compile(struct compiler *compiler, const struct yaml_value *item, struct clock_row *row)
{
	static const char *const known[] = {"clock", "category", "area", "urgency", "limit", NULL};
	struct span text;
	struct place place;

	*row = (struct clock_row){.category = -1, .area = -1, .limit = -1};
	if (!value_keys(compiler, CLOCKS_FILE, item, known, "clock"))
		return;
	row->line = compiler_line(compiler, CLOCKS_FILE, item->row);
	if (yaml_nothing(yaml_get(item, "clock")))
		finding_error(compiler->findings, value_place(CLOCKS_FILE, item), "clock: is missing: promise, or the name of a stage");
	value_word(compiler, CLOCKS_FILE, item, "clock", clock_words, &row->clock);
	value_scope(compiler, CLOCKS_FILE, item, &row->category, &row->area, &row->urgency);
	if (value_need(compiler, CLOCKS_FILE, item, "limit", &text, &place) && !span_is(text, "none"))
		row->limit = compiler_refer(compiler, place, &compiler->limits, text, "limit");
}

void compile_clocks(struct compiler *compiler, const struct yaml_value *clocks)
{
	struct policy *policy = compiler->policy;
	const struct yaml_value *list = clocks ? value_list(compiler, CLOCKS_FILE, clocks, "clocks") : NULL;

	policy->clock_count = list ? list->count : 0;
	policy->clocks = arena_alloc(compiler->arena, policy->clock_count, sizeof *policy->clocks);
	for (size_t i = 0; i < policy->clock_count; i++)
		clock_compile(compiler, list->items[i], &policy->clocks[i]);
}
