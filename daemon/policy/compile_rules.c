/* clocks.yaml and ladders.yaml: limits, which clock has which limit, and who is told when one is broken.
 * Owns nothing. Invariants of what it makes: a limit always has a calendar; the rungs of a ladder climb in time. */
#include "core/vocabulary.h"
#include "policy/compiler.h"
#include "policy/words.h"

#define CLOCKS_FILE "clocks.yaml"
#define LADDERS_FILE "ladders.yaml"
#define AMOUNT_MOST INT64_C(100000000) /* thousandths */
#define RUNGS_MOST 50

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

static void limit_compile(struct compiler *compiler, const struct yaml_value *item, struct limit *limit, int index)
{
	static const char *const known[] = {"name", "amount", "unit", "start", "roll", "calendar", NULL};
	struct span name;
	struct place place;
	int unit = LIMIT_HOURS, start = LIMIT_AT_ONCE, roll = LIMIT_NO_ROLL;

	if (!value_keys(compiler, CLOCKS_FILE, item, known, "limit"))
		return;
	limit->line = compiler_line(compiler, CLOCKS_FILE, item->row);
	if (value_need(compiler, CLOCKS_FILE, item, "name", &name, &place)) {
		limit->name = arena_copy(compiler->arena, name);
		compiler_name(compiler, place, &compiler->limits, limit->name, index, "limit");
	}
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

static void rung_level(struct compiler *compiler, const struct yaml_value *item, struct rung *rung)
{
	struct span text;
	struct place place;

	if (value_need(compiler, LADDERS_FILE, item, "level", &text, &place)) {
		int level = compiler_refer(compiler, place, &compiler->levels, text, "level");
		rung->level = level < 0 ? 0 : level;
	}
}

static void rung_compile(struct compiler *compiler, const struct yaml_value *item, struct rung *rung, bool at_once)
{
	static const char *const known[] = {"after", "role", "level", "acknowledge", "repeat", NULL};
	struct span text;
	struct place place;

	rung->after_percent = at_once ? 0 : 100;
	if (!value_keys(compiler, LADDERS_FILE, item, known, "rung"))
		return;
	value_percent(compiler, LADDERS_FILE, item, "after", at_once ? 0 : 100, 100000, &rung->after_percent);
	if (value_need(compiler, LADDERS_FILE, item, "role", &text, &place)) {
		rung->role = arena_copy(compiler->arena, text);
		if (!text.len || text.len > CODE_BYTES_MOST)
			finding_error(compiler->findings, place, "role: expected 1 to %d bytes, such as supervisor", CODE_BYTES_MOST);
	}
	rung_level(compiler, item, rung);
	value_duration(compiler, LADDERS_FILE, item, "acknowledge", &rung->acknowledge_ms);
	value_duration(compiler, LADDERS_FILE, item, "repeat", &rung->repeat_ms);
}

static void rungs_compile(struct compiler *compiler, const struct yaml_value *item, struct ladder *ladder)
{
	const struct yaml_value *list = value_list(compiler, LADDERS_FILE, item, "rungs");

	if (!list || list->count == 0 || list->count > RUNGS_MOST) {
		finding_error(compiler->findings, value_place(LADDERS_FILE, list ? list : item), "rungs: a ladder needs 1 to %d of them", RUNGS_MOST);
		return;
	}
	ladder->rung_count = list->count;
	ladder->rungs = arena_alloc(compiler->arena, list->count, sizeof *ladder->rungs);
	for (size_t i = 0; i < list->count; i++) {
		struct rung *rung = &ladder->rungs[i];
		rung_compile(compiler, list->items[i], rung, ladder->at_once);
		if (i && rung->after_percent < ladder->rungs[i - 1].after_percent)
			finding_error(compiler->findings, value_place(LADDERS_FILE, list->items[i]), "this rung comes before the one above it: put the rungs in order of after:");
		if (rung->repeat_ms && i + 1 < list->count)
			finding_error(compiler->findings, value_place(LADDERS_FILE, list->items[i]), "repeat: only the last rung repeats; the others climb");
	}
}

static void ladder_compile(struct compiler *compiler, const struct yaml_value *item, struct ladder *ladder, int index)
{
	static const char *const known[] = {"name", "clock", "category", "area", "urgency", "at_once", "rungs", NULL};
	struct span name;
	struct place place;

	*ladder = (struct ladder){.category = -1, .area = -1};
	if (!value_keys(compiler, LADDERS_FILE, item, known, "ladder"))
		return;
	ladder->line = compiler_line(compiler, LADDERS_FILE, item->row);
	if (value_need(compiler, LADDERS_FILE, item, "name", &name, &place)) {
		ladder->name = arena_copy(compiler->arena, name);
		compiler_name(compiler, place, &compiler->ladders, ladder->name, index, "ladder");
	}
	if (!value_text(compiler, LADDERS_FILE, item, "clock", &name, NULL) || !span_is(name, "*"))
		value_word(compiler, LADDERS_FILE, item, "clock", clock_words, &ladder->clock);
	value_scope(compiler, LADDERS_FILE, item, &ladder->category, &ladder->area, &ladder->urgency);
	value_flag(compiler, LADDERS_FILE, item, "at_once", &ladder->at_once);
	ladder->cause = ladder->at_once ? LADDER_URGENCY : LADDER_BREACH;
	rungs_compile(compiler, item, ladder);
}

void compile_ladders(struct compiler *compiler)
{
	static const char *const known[] = {"ladders", NULL};
	struct policy *policy = compiler->policy;
	struct yaml_file *file;
	const struct yaml_value *root = compiler_yaml(compiler, LADDERS_FILE, false, &file);
	const struct yaml_value *list = NULL;

	if (root && value_keys(compiler, LADDERS_FILE, root, known, "ladder file"))
		list = value_list(compiler, LADDERS_FILE, root, "ladders");
	policy->ladder_count = list ? list->count : 0;
	policy->ladders = arena_alloc(compiler->arena, policy->ladder_count, sizeof *policy->ladders);
	for (size_t i = 0; i < policy->ladder_count; i++)
		ladder_compile(compiler, list->items[i], &policy->ladders[i], (int)i);
	yaml_close(file);
}
