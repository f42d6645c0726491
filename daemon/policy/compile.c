/* From files to a policy: policy.yaml here, the other files in compile_*.c, each part in the order they need each other.
 *
 * Owns the policy while it is made; hands it over only when nothing is wrong. Invariants: the same files give the same
 * policy (the machine's time zone data aside); every index in it is valid or -1; nothing in it points into the files. */
#include <stdlib.h>
#include <string.h>

#include "core/vocabulary.h"
#include "policy/compiler.h"
#include "policy/words.h"
#include "policy/zone.h"

#define FILE_NAME "policy.yaml"
#define LEVELS_MOST 16
#define DAY_MS INT64_C(86400000)
#define RETENTION_DAYS_MOST 36500

static const char *const file_names[] = {
	"policy.yaml", "areas.csv", "categories.csv", "units.csv", "catalogue.csv", "admissions.csv", "duties.csv", "calendars.yaml", "clocks.yaml", "ladders.yaml", NULL,
};

static bool file_known(struct span name)
{
	for (size_t i = 0; file_names[i]; i++)
		if (span_is(name, file_names[i]))
			return true;
	return false;
}

/* A file with a name of its own may lie beside a policy; one with nearly the name of ours is a slip. */
static void files_check(struct compiler *compiler)
{
	for (size_t i = 0; i < compiler->file_count; i++) {
		struct span name = compiler->files[i].name;
		const char *near = file_known(name) ? NULL : words_near(file_names, name);
		char *shown = utf8_flaw(name) < 0 ? span_dup(name) : span_dup(span_of("(name is not UTF-8)"));
		for (size_t j = 0; j < i; j++)
			if (span_equal(name, compiler->files[j].name))
				finding_error(compiler->findings, (struct place){.file = shown}, "this file is given twice");
		if (near)
			finding_warning(compiler->findings, (struct place){.file = shown}, "this file is not read; did you mean %s?", near);
		free(shown);
	}
}

static void levels_compile(struct compiler *compiler, const struct yaml_value *root)
{
	struct policy *policy = compiler->policy;
	const struct yaml_value *list = value_list(compiler, FILE_NAME, root, "levels");

	if (!list || list->count == 0 || list->count > LEVELS_MOST) {
		finding_error(compiler->findings, value_place(FILE_NAME, list ? list : root), "levels: expected 1 to %d names, root first, such as [city, district, street]", LEVELS_MOST);
		return;
	}
	policy->levels = arena_alloc(compiler->arena, list->count, sizeof *policy->levels);
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_value *item = list->items[i];
		struct span name = item->kind == YAML_KIND_TEXT ? words_trim(item->text) : (struct span){"", 0};
		if (name.len > LEVEL_BYTES_MOST)
			finding_error(compiler->findings, value_place(FILE_NAME, item), "a level's name has at most %d bytes", LEVEL_BYTES_MOST);
		policy->levels[i] = arena_copy(compiler->arena, name);
		compiler_name(compiler, value_place(FILE_NAME, item), &compiler->levels, policy->levels[i], (int)i, "level");
	}
	policy->level_count = list->count;
}

static void zone_compile(struct compiler *compiler, const struct yaml_value *root)
{
	struct span text;
	struct place place;
	char error[256];

	if (!value_need(compiler, FILE_NAME, root, "zone", &text, &place))
		return;
	compiler->policy->zone = arena_copy(compiler->arena, text);
	compiler->policy->time_zone = zone_load(text, compiler->arena, error, sizeof error);
	if (!compiler->policy->time_zone)
		finding_error(compiler->findings, place, "zone: %s", error);
}

static void similar_compile(struct compiler *compiler, const struct yaml_value *root)
{
	static const char *const known[] = {"radius", "within", NULL};
	const struct yaml_value *similar = yaml_get(root, "similar");
	struct span text;
	struct place place;

	if (yaml_nothing(similar) || !value_keys(compiler, FILE_NAME, similar, known, "similar"))
		return;
	if (value_text(compiler, FILE_NAME, similar, "radius", &text, &place) && !distance_read(text, &compiler->policy->similar_radius_m))
		finding_error(compiler->findings, place, "radius: expected whole metres such as 150 m");
	value_duration(compiler, FILE_NAME, similar, "within", &compiler->policy->similar_window_ms);
}

static void classifier_compile(struct compiler *compiler, const struct yaml_value *root)
{
	static const char *const known[] = {"confidence", NULL};
	const struct yaml_value *classifier = yaml_get(root, "classifier");
	double *confidence = &compiler->policy->classifier_confidence;
	struct span text;
	struct place place;

	if (yaml_nothing(classifier) || !value_keys(compiler, FILE_NAME, classifier, known, "classifier"))
		return;
	if (value_need(compiler, FILE_NAME, classifier, "confidence", &text, &place) && (!degrees_read(text, 1, confidence) || *confidence < 0))
		finding_error(compiler->findings, place, "confidence: expected a number from 0 (no classifier) to 1, such as 0.6");
}

static void patience_compile(struct compiler *compiler, const struct yaml_value *root)
{
	const struct yaml_value *patience = yaml_get(root, "patience");

	for (int task = TASK_none + 1; task < TASK_LIMIT; task++)
		compiler->policy->patience_ms[task] = 120000;
	if (yaml_nothing(patience) || !value_keys(compiler, FILE_NAME, patience, task_words + 1, "patience"))
		return;
	for (int task = TASK_none + 1; task < TASK_LIMIT; task++)
		value_duration(compiler, FILE_NAME, patience, task_words[task], &compiler->policy->patience_ms[task]);
}

static void name_compile(struct compiler *compiler, const struct yaml_value *root, const char *key, struct span *ret_text, size_t most)
{
	struct span text;
	struct place place;

	if (!value_need(compiler, FILE_NAME, root, key, &text, &place))
		return;
	*ret_text = arena_copy(compiler->arena, text);
	if (!text.len || text.len > most)
		finding_error(compiler->findings, place, "%s: expected 1 to %zu bytes", key, most);
}

/* What was pruned cannot be taken up again whole: so a case stays as long as it can be reopened. */
static void retention_compile(struct compiler *compiler, const struct yaml_value *root)
{
	struct policy *policy = compiler->policy;
	size_t before = compiler->findings->errors;
	struct span text;
	struct place place;

	value_duration(compiler, FILE_NAME, root, "retention", &policy->retention_ms);
	if (compiler->findings->errors > before || !value_text(compiler, FILE_NAME, root, "retention", &text, &place))
		return;
	if (policy->retention_ms < DAY_MS || policy->retention_ms > RETENTION_DAYS_MOST * DAY_MS)
		finding_error(compiler->findings, place, "retention: expected 1 day to %d days; leave it out to keep everything for ever", RETENTION_DAYS_MOST);
	else if (policy->retention_ms < policy->reopen_window_ms)
		finding_error(compiler->findings, place, "retention: it is shorter than reopen_window, so a case could be reopened whose records are gone; raise it");
}

void compile_switches(struct compiler *compiler, const struct yaml_value *root)
{
	static const char *const known[] = {
		"name", "title", "zone", "levels", "default_area", "fallback_category", "reopen_window", "retention", "similar", "warn", "patience", "danger_words", "classifier",
		"returns", "extensions", "suspension", "checking", "calling_back", "call_attempts", "reminders", "sources", "emergency_numbers", NULL,
	};
	struct policy *policy = compiler->policy;

	policy->reopen_window_ms = 14 * DAY_MS;
	policy->similar_radius_m = 150;
	policy->similar_window_ms = 7 * DAY_MS;
	policy->warn_percent = 80;
	policy->returns_cap = 2;
	policy->extensions_cap = 1;
	policy->extension_limit = -1;
	policy->suspension_longest_ms = 90 * DAY_MS;
	policy->call_attempts = 3;
	if (!root)
		return;
	value_keys(compiler, FILE_NAME, root, known, "policy");
	name_compile(compiler, root, "name", &policy->name, CODE_BYTES_MOST);
	policy->title = policy->name;
	if (!yaml_nothing(yaml_get(root, "title")))
		name_compile(compiler, root, "title", &policy->title, 200);
	zone_compile(compiler, root);
	levels_compile(compiler, root);
	value_duration(compiler, FILE_NAME, root, "reopen_window", &policy->reopen_window_ms);
	retention_compile(compiler, root);
	similar_compile(compiler, root);
	value_percent(compiler, FILE_NAME, root, "warn", 1, 99, &policy->warn_percent);
	patience_compile(compiler, root);
	classifier_compile(compiler, root);
}

static void danger_word_compile(struct compiler *compiler, const struct yaml_value *item, struct danger_word *word)
{
	static const char *const known[] = {"word", "urgency", "category", NULL};
	struct span text;
	struct place place;

	*word = (struct danger_word){.urgency = 1, .category = -1};
	if (!value_keys(compiler, FILE_NAME, item, known, "danger word"))
		return;
	if (value_need(compiler, FILE_NAME, item, "word", &text, &place)) {
		word->word = arena_copy(compiler->arena, text);
		if (!text.len)
			finding_error(compiler->findings, place, "word: an empty one would match everything");
	}
	value_urgency(compiler, FILE_NAME, item, "urgency", &word->urgency);
	if (value_text(compiler, FILE_NAME, item, "category", &text, &place) && text.len)
		word->category = compiler_refer(compiler, place, &compiler->categories, text, "category");
}

void compile_defaults(struct compiler *compiler, const struct yaml_value *root)
{
	struct policy *policy = compiler->policy;
	struct span text;
	struct place place;

	if (!root)
		return;
	if (value_text(compiler, FILE_NAME, root, "default_area", &text, &place)) {
		int area = compiler_refer(compiler, place, &compiler->areas, text, "area");
		policy->default_area = area < 0 ? policy->default_area : area;
	}
	if (value_need(compiler, FILE_NAME, root, "fallback_category", &text, &place))
		policy->fallback_category = compiler_refer(compiler, place, &compiler->categories, text, "category");
	const struct yaml_value *list = value_list(compiler, FILE_NAME, root, "danger_words");
	policy->danger_word_count = list ? list->count : 0;
	policy->danger_words = arena_alloc(compiler->arena, policy->danger_word_count, sizeof *policy->danger_words);
	for (size_t i = 0; i < policy->danger_word_count; i++)
		danger_word_compile(compiler, list->items[i], &policy->danger_words[i]);
}

static void compile_all(struct compiler *compiler)
{
	struct yaml_file *switches_file, *clocks_file;

	files_check(compiler);
	const struct yaml_value *switches = compiler_yaml(compiler, FILE_NAME, true, &switches_file);
	compile_switches(compiler, switches);
	compile_calendars(compiler);
	const struct yaml_value *clocks = compiler_yaml(compiler, "clocks.yaml", false, &clocks_file);
	compile_limits(compiler, clocks);
	compile_areas_and_units(compiler);
	compile_categories(compiler);
	compile_catalogue(compiler);
	compile_clocks(compiler, clocks);
	compile_ladders(compiler);
	compile_duties(compiler);
	compile_defaults(compiler, switches);
	compile_steps(compiler, switches);
	compile_admissions(compiler);
	yaml_close(clocks_file);
	yaml_close(switches_file);
}

static void compiler_end(struct compiler *compiler)
{
	struct codes *tables[] = {
		&compiler->levels, &compiler->areas, &compiler->categories, &compiler->units, &compiler->calendars, &compiler->limits, &compiler->ladders,
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		codes_free(tables[i]);
}

struct policy *policy_compile(const struct policy_file *files, size_t file_count, struct findings *findings)
{
	struct policy *policy = must_calloc(1, sizeof *policy);
	struct compiler compiler = {.files = files, .file_count = file_count, .findings = findings, .policy = policy};

	*findings = (struct findings){0};
	policy->arena = compiler.arena = arena_new();
	compile_all(&compiler);
	if (findings->errors == 0) {
		policy_index(policy);
	} else {
		policy_free(policy);
		policy = NULL;
	}
	compiler_end(&compiler);
	return policy;
}
