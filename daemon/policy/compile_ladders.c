/* ladders.yaml: who is told when a clock is broken, or when something happens that people must hear of at once.
 *
 * Owns nothing. Invariants of what it makes: the rungs of a ladder climb in time and only the last repeats; at_once stands
 * exactly for the cause urgency. */
#include "core/vocabulary.h"
#include "policy/compiler.h"
#include "policy/words.h"

#define LADDERS_FILE "ladders.yaml"
#define RUNGS_MOST 50

/* In the order of enum ladder_cause. */
static const char *const cause_words[] = {"breach", "urgency", "returns", "reminders", "unsatisfied", "unassigned", "supervision", NULL};

static void rung_level(struct compiler *compiler, const struct yaml_value *item, struct rung *rung)
{
	struct span text;
	struct place place;

	if (value_need(compiler, LADDERS_FILE, item, "level", &text, &place)) {
		int level = compiler_refer(compiler, place, &compiler->levels, text, "level");
		rung->level = level < 0 ? 0 : level;
	}
}

static void rung_compile(struct compiler *compiler, const struct yaml_value *item, struct rung *rung, bool waits)
{
	static const char *const known[] = {"after", "role", "level", "acknowledge", "repeat", "hold", NULL};
	struct span text;
	struct place place;

	rung->after_percent = waits ? 100 : 0;
	if (!value_keys(compiler, LADDERS_FILE, item, known, "rung"))
		return;
	value_percent(compiler, LADDERS_FILE, item, "after", waits ? 100 : 0, 100000, &rung->after_percent);
	if (value_need(compiler, LADDERS_FILE, item, "role", &text, &place)) {
		rung->role = arena_copy(compiler->arena, text);
		if (!text.len || text.len > CODE_BYTES_MOST)
			finding_error(compiler->findings, place, "role: expected 1 to %d bytes, such as supervisor", CODE_BYTES_MOST);
	}
	rung_level(compiler, item, rung);
	value_duration(compiler, LADDERS_FILE, item, "acknowledge", &rung->acknowledge_ms);
	value_duration(compiler, LADDERS_FILE, item, "repeat", &rung->repeat_ms);
	value_duration(compiler, LADDERS_FILE, item, "hold", &rung->hold_ms);
	if (rung->hold_ms && !rung->acknowledge_ms)
		finding_error(compiler->findings, value_place(LADDERS_FILE, yaml_get(item, "hold")), "hold: a rung that asks nobody has no acknowledgement to expire; say acknowledge:");
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
		rung_compile(compiler, list->items[i], rung, ladder->cause == LADDER_BREACH);
		if (i && rung->after_percent < ladder->rungs[i - 1].after_percent)
			finding_error(compiler->findings, value_place(LADDERS_FILE, list->items[i]), "this rung comes before the one above it: put the rungs in order of after:");
		if (rung->repeat_ms && i + 1 < list->count)
			finding_error(compiler->findings, value_place(LADDERS_FILE, list->items[i]), "repeat: only the last rung repeats; the others climb");
	}
}

/* cause: urgency and at_once: true say the same; either alone is enough. */
static void ladder_cause(struct compiler *compiler, const struct yaml_value *item, struct ladder *ladder)
{
	int cause = LADDER_BREACH;
	bool named = value_word(compiler, LADDERS_FILE, item, "cause", cause_words, &cause);

	value_flag(compiler, LADDERS_FILE, item, "at_once", &ladder->at_once);
	if (named && !yaml_nothing(yaml_get(item, "at_once")) && ladder->at_once != (cause == LADDER_URGENCY))
		finding_error(compiler->findings, value_place(LADDERS_FILE, yaml_get(item, "at_once")), "at_once: true is another word for cause: urgency; the two contradict each other here");
	ladder->cause = named ? (enum ladder_cause)cause : ladder->at_once ? LADDER_URGENCY : LADDER_BREACH;
	ladder->at_once = ladder->cause == LADDER_URGENCY;
}

static void ladder_compile(struct compiler *compiler, const struct yaml_value *item, struct ladder *ladder, int index)
{
	static const char *const known[] = {"name", "clock", "category", "area", "urgency", "cause", "at_once", "rungs", NULL};
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
	ladder_cause(compiler, item, ladder);
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
