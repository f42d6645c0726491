/* policy.yaml: the life's switches. How often a unit may send a case back, ask for more time or lay it by; which cases are
 * checked and called back; what reminders do; whose silence is watched; who takes what no hotline may keep.
 *
 * Owns nothing. Runs when areas, categories, calendars and limits are known. Defaults stand in compile_switches. */
#include "core/vocabulary.h"
#include "policy/compiler.h"
#include "policy/words.h"

#define FILE_NAME "policy.yaml"
#define COUNT_MOST 1000
#define SOURCE_BYTES_MOST 32 /* schema/fields.def: source */
#define ROWS_MOST 500

/* A whole number from least to COUNT_MOST. */
static void value_count(struct compiler *compiler, const struct yaml_value *map, const char *key, int64_t least, int *ret_count)
{
	struct span text;
	struct place place;
	int64_t count;

	if (!value_text(compiler, FILE_NAME, map, key, &text, &place))
		return;
	if (number_read(text, &count) && count >= least && count <= COUNT_MOST)
		*ret_count = (int)count;
	else
		finding_error(compiler->findings, place, "%s: expected a whole number from %lld to %d", key, (long long)least, COUNT_MOST);
}

/* The map of a key; NULL when it says nothing or (with a finding) is none. */
static const struct yaml_value *switch_map(struct compiler *compiler, const struct yaml_value *root, const char *key, const char *const *known)
{
	const struct yaml_value *map = yaml_get(root, key);

	if (yaml_nothing(map) || !value_keys(compiler, FILE_NAME, map, known, key))
		return NULL;
	return map;
}

static void requests_compile(struct compiler *compiler, const struct yaml_value *root)
{
	static const char *const returns_known[] = {"cap", NULL};
	static const char *const extensions_known[] = {"cap", "limit", "promise", NULL};
	static const char *const suspension_known[] = {"longest", NULL};
	struct policy *policy = compiler->policy;
	struct span text;
	struct place place;

	const struct yaml_value *returns = switch_map(compiler, root, "returns", returns_known);
	value_count(compiler, returns, "cap", 0, &policy->returns_cap);
	const struct yaml_value *extensions = switch_map(compiler, root, "extensions", extensions_known);
	value_count(compiler, extensions, "cap", 0, &policy->extensions_cap);
	value_flag(compiler, FILE_NAME, extensions, "promise", &policy->extension_moves_promise);
	if (value_text(compiler, FILE_NAME, extensions, "limit", &text, &place) && !span_is(text, "none"))
		policy->extension_limit = compiler_refer(compiler, place, &compiler->limits, text, "limit");
	else if (extensions && policy->extensions_cap)
		finding_warning(compiler->findings, value_place(FILE_NAME, extensions), "extensions: without a limit: every extension is refused; say how much longer one gives");
	const struct yaml_value *suspension = switch_map(compiler, root, "suspension", suspension_known);
	value_duration(compiler, FILE_NAME, suspension, "longest", &policy->suspension_longest_ms);
}

static void step_compile(struct compiler *compiler, const struct yaml_value *item, struct step_row *row)
{
	static const char *const known[] = {"category", "channel", "kind", "all", NULL};
	struct span text;
	bool all = false;
	int urgency;

	*row = (struct step_row){.category = -1};
	if (!value_keys(compiler, FILE_NAME, item, known, "case that is checked or called back"))
		return;
	row->line = compiler_line(compiler, FILE_NAME, item->row);
	value_scope(compiler, FILE_NAME, item, &row->category, &(int){-1}, &urgency);
	if (value_text(compiler, FILE_NAME, item, "channel", &text, NULL))
		row->channel = arena_copy(compiler->arena, text);
	value_word(compiler, FILE_NAME, item, "kind", kind_words, &row->kind);
	value_flag(compiler, FILE_NAME, item, "all", &all);
	if (!all && row->category < 0 && !row->channel.len && !row->kind)
		finding_error(compiler->findings, value_place(FILE_NAME, item), "which cases? Name a category, a channel or a kind, or write {all: true}");
}

/* A list of at most ROWS_MOST; NULL when it says nothing or (with a finding) cannot be read. */
static const struct yaml_value *short_list(struct compiler *compiler, const struct yaml_value *root, const char *key)
{
	const struct yaml_value *list = value_list(compiler, FILE_NAME, root, key);

	if (!list || list->count <= ROWS_MOST)
		return list;
	finding_error(compiler->findings, value_place(FILE_NAME, list), "%s: more than %d of them", key, ROWS_MOST);
	return NULL;
}

static size_t steps_compile(struct compiler *compiler, const struct yaml_value *root, const char *key, struct step_row **ret_rows)
{
	const struct yaml_value *list = short_list(compiler, root, key);

	if (!list)
		return 0;
	*ret_rows = arena_alloc(compiler->arena, list->count, sizeof **ret_rows);
	for (size_t i = 0; i < list->count; i++)
		step_compile(compiler, list->items[i], &(*ret_rows)[i]);
	return list->count;
}

static void source_compile(struct compiler *compiler, const struct yaml_value *item, size_t at)
{
	static const char *const known[] = {"name", "quiet_after", "calendar", NULL};
	struct source_row *row = &compiler->policy->sources[at];
	struct span text;
	struct place place;

	row->calendar = -1;
	if (!value_keys(compiler, FILE_NAME, item, known, "source"))
		return;
	row->line = compiler_line(compiler, FILE_NAME, item->row);
	if (value_need(compiler, FILE_NAME, item, "name", &text, &place)) {
		row->name = arena_copy(compiler->arena, text);
		if (!text.len || text.len > SOURCE_BYTES_MOST)
			finding_error(compiler->findings, place, "name: expected 1 to %d bytes, as the source calls itself in its reports", SOURCE_BYTES_MOST);
		for (size_t i = 0; i < at; i++)
			if (span_equal(compiler->policy->sources[i].name, row->name))
				finding_error(compiler->findings, place, "a second source '%.*s': each may stand here once", (int)text.len, text.data);
	}
	value_duration(compiler, FILE_NAME, item, "quiet_after", &row->quiet_ms);
	if (row->quiet_ms <= 0)
		finding_error(compiler->findings, value_place(FILE_NAME, item), "quiet_after: how long may this source be silent? Write for example 2 hours");
	if (value_text(compiler, FILE_NAME, item, "calendar", &text, &place))
		row->calendar = compiler_refer(compiler, place, &compiler->calendars, text, "calendar");
}

static void sources_compile(struct compiler *compiler, const struct yaml_value *root)
{
	const struct yaml_value *list = short_list(compiler, root, "sources");
	struct policy *policy = compiler->policy;

	if (!list)
		return;
	policy->source_count = list->count;
	policy->sources = arena_alloc(compiler->arena, list->count, sizeof *policy->sources);
	for (size_t i = 0; i < list->count; i++)
		source_compile(compiler, list->items[i], i);
}

static void emergency_words(struct compiler *compiler, const struct yaml_value *item, struct emergency_row *row)
{
	const struct yaml_value *words = value_list(compiler, FILE_NAME, item, "words");

	if (!words)
		return;
	row->words = arena_alloc(compiler->arena, words->count, sizeof *row->words);
	for (size_t i = 0; i < words->count; i++) {
		struct span word = words->items[i]->kind == YAML_KIND_TEXT ? words_trim(words->items[i]->text) : (struct span){"", 0};
		if (word.len)
			row->words[row->word_count++] = arena_copy(compiler->arena, word);
		else
			finding_error(compiler->findings, value_place(FILE_NAME, words->items[i]), "words: expected a word; an empty one would match everything");
	}
}

static void emergency_compile(struct compiler *compiler, const struct yaml_value *item, size_t at)
{
	static const char *const known[] = {"number", "name", "words", NULL};
	struct emergency_row *row = &compiler->policy->emergencies[at];
	struct span text;
	struct place place;

	if (!value_keys(compiler, FILE_NAME, item, known, "emergency number"))
		return;
	row->line = compiler_line(compiler, FILE_NAME, item->row);
	if (value_need(compiler, FILE_NAME, item, "number", &text, &place)) {
		row->number = arena_copy(compiler->arena, text);
		if (!text.len || text.len > CODE_BYTES_MOST)
			finding_error(compiler->findings, place, "number: expected 1 to %d bytes, such as \"119\"", CODE_BYTES_MOST);
		for (size_t i = 0; i < at; i++)
			if (span_equal(compiler->policy->emergencies[i].number, row->number))
				finding_error(compiler->findings, place, "a second emergency number '%.*s': each may stand here once", (int)text.len, text.data);
	}
	if (value_text(compiler, FILE_NAME, item, "name", &text, NULL))
		row->name = arena_copy(compiler->arena, text);
	emergency_words(compiler, item, row);
}

static void emergencies_compile(struct compiler *compiler, const struct yaml_value *root)
{
	const struct yaml_value *list = short_list(compiler, root, "emergency_numbers");
	struct policy *policy = compiler->policy;

	if (!list)
		return;
	policy->emergency_count = list->count;
	policy->emergencies = arena_alloc(compiler->arena, list->count, sizeof *policy->emergencies);
	for (size_t i = 0; i < list->count; i++)
		emergency_compile(compiler, list->items[i], i);
}

void compile_steps(struct compiler *compiler, const struct yaml_value *root)
{
	static const char *const known[] = {"urgent_after", "escalate_after", NULL};
	struct policy *policy = compiler->policy;

	if (!root)
		return;
	requests_compile(compiler, root);
	policy->checking_count = steps_compile(compiler, root, "checking", &policy->checking);
	policy->calling_back_count = steps_compile(compiler, root, "calling_back", &policy->calling_back);
	value_count(compiler, root, "call_attempts", 1, &policy->call_attempts);
	const struct yaml_value *reminders = switch_map(compiler, root, "reminders", known);
	value_count(compiler, reminders, "urgent_after", 0, &policy->reminders_urgent_after);
	value_count(compiler, reminders, "escalate_after", 0, &policy->reminders_escalate_after);
	sources_compile(compiler, root);
	emergencies_compile(compiler, root);
}
