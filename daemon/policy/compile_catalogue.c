/* categories.csv and catalogue.csv: what residents report, who takes it and what is promised.
 * Owns nothing. Invariants of what it makes: categories without cycles, each with a kind and an urgency of its own or
 * inherited (help and 3 at the root). */
#include <string.h>

#include "core/vocabulary.h"
#include "policy/sheet.h"
#include "policy/words.h"

#define WORDS_MOST 200 /* of one category */
#define ASSIST_MOST 16 /* of one catalogue row */

enum { CATEGORY_CODE, CATEGORY_PARENT, CATEGORY_NAME, CATEGORY_NAME_EN, CATEGORY_KIND, CATEGORY_URGENCY, CATEGORY_WORDS, CATEGORY_COLUMNS };
static const struct sheet_column category_columns[] = {
	{"code", true}, {"parent", true}, {"name", true}, {"name_en", false}, {"kind", false}, {"urgency", false}, {"words", false},
};

enum { ROW_CATEGORY, ROW_AREA, ROW_URGENCY, ROW_UNIT, ROW_PROMISE, ROW_ASSIST, ROW_COLUMNS };
static const struct sheet_column row_columns[] = {{"category", true}, {"area", false}, {"urgency", false}, {"unit", true}, {"promise", false}, {"assist", false}};

static void words_split(struct compiler *compiler, const struct sheet *sheet, size_t row, struct category *category)
{
	struct span words[WORDS_MOST], rest = sheet_keep(sheet, row, CATEGORY_WORDS);

	while (rest.len) {
		const char *bar = memchr(rest.data, '|', rest.len);
		struct span word = {rest.data, bar ? (size_t)(bar - rest.data) : rest.len};
		size_t step = bar ? word.len + 1 : word.len;
		rest = (struct span){rest.data + step, rest.len - step};
		word = words_trim(word);
		if (!word.len)
			continue;
		if (category->word_count == WORDS_MOST) {
			finding_error(compiler->findings, sheet_place(sheet, row, CATEGORY_WORDS), "more than %d words", WORDS_MOST);
			break;
		}
		words[category->word_count++] = word;
	}
	category->words = arena_alloc(compiler->arena, category->word_count, sizeof *words);
	if (category->word_count)
		memcpy(category->words, words, category->word_count * sizeof *words);
}

static int category_kind(struct compiler *compiler, const struct sheet *sheet, size_t row)
{
	struct span text = sheet_text(sheet, row, CATEGORY_KIND);

	if (!text.len)
		return KIND_none;
	int kind = vocabulary_find(kind_words, text);
	if (kind)
		return kind;
	const char *near = words_near(kind_words + 1, text);
	finding_error(compiler->findings, sheet_place(sheet, row, CATEGORY_KIND),
		"no such kind%s%s%s; there are consultation, help, complaint, violation, suggestion, thanks and incident", near ? "; did you mean '" : "", near ? near : "",
		near ? "'?" : "");
	return KIND_none;
}

static void category_read(struct compiler *compiler, const struct sheet *sheet, size_t row, struct category *category)
{
	compiler->policy->category_lines[row] = sheet_place(sheet, row, CATEGORY_CODE).row;
	category->code = sheet_keep(sheet, row, CATEGORY_CODE);
	category->name = sheet_keep(sheet, row, CATEGORY_NAME);
	category->name_en = sheet_keep(sheet, row, CATEGORY_NAME_EN);
	category->parent = -1;
	compiler_name(compiler, sheet_place(sheet, row, CATEGORY_CODE), &compiler->categories, category->code, (int)row, "category");
	category->kind = category_kind(compiler, sheet, row);
	category->urgency = sheet_urgency(sheet, row, CATEGORY_URGENCY, 0);
	words_split(compiler, sheet, row, category);
}

static bool category_circular(const struct policy *policy, int category)
{
	size_t steps = 0;

	for (; category >= 0; category = policy->categories[category].parent)
		if (steps++ > policy->category_count)
			return true;
	return false;
}

static void category_inherit(struct policy *policy, struct category *category)
{
	const struct category *above;

	for (above = category; !category->kind && above->parent >= 0;) {
		above = &policy->categories[above->parent];
		category->kind = above->kind;
	}
	for (above = category; !category->urgency && above->parent >= 0;) {
		above = &policy->categories[above->parent];
		category->urgency = above->urgency;
	}
	category->kind = category->kind ? category->kind : KIND_help;
	category->urgency = category->urgency ? category->urgency : 3;
}

static void categories_join(struct compiler *compiler, const struct sheet *sheet)
{
	struct policy *policy = compiler->policy;
	bool fine = true;

	for (size_t i = 0; i < policy->category_count; i++)
		policy->categories[i].parent = sheet_refer(sheet, i, CATEGORY_PARENT, &compiler->categories, "category");
	for (size_t i = 0; i < policy->category_count; i++)
		if (category_circular(policy, (int)i)) {
			finding_error(compiler->findings, sheet_place(sheet, i, CATEGORY_PARENT), "the parents of '%.*s' go round in a circle",
				(int)policy->categories[i].code.len, policy->categories[i].code.data);
			fine = false;
		}
	for (size_t i = 0; fine && i < policy->category_count; i++)
		category_inherit(policy, &policy->categories[i]);
}

void compile_categories(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct sheet sheet;

	if (sheet_open(&sheet, compiler, "categories.csv", true, category_columns, CATEGORY_COLUMNS)) {
		policy->category_count = sheet_rows(&sheet);
		policy->categories = arena_alloc(compiler->arena, policy->category_count, sizeof *policy->categories);
		policy->category_lines = arena_alloc(compiler->arena, policy->category_count, sizeof *policy->category_lines);
		for (size_t i = 0; i < policy->category_count; i++)
			category_read(compiler, &sheet, i, &policy->categories[i]);
		categories_join(compiler, &sheet);
		if (policy->category_count == 0)
			finding_error(compiler->findings, (struct place){.file = sheet.file}, "no categories: at least the one for what nobody can classify");
	}
	sheet_close(&sheet);
}

/* Units that help, separated by bars. */
static void row_assist(struct compiler *compiler, const struct sheet *sheet, size_t at, struct catalogue_row *row)
{
	struct span rest = sheet_text(sheet, at, ROW_ASSIST);
	struct place place = sheet_place(sheet, at, ROW_ASSIST);
	int units[ASSIST_MOST];

	while (rest.len) {
		const char *bar = memchr(rest.data, '|', rest.len);
		struct span code = words_trim((struct span){rest.data, bar ? (size_t)(bar - rest.data) : rest.len});
		size_t step = bar ? (size_t)(bar - rest.data) + 1 : rest.len;
		rest = (struct span){rest.data + step, rest.len - step};
		int unit = code.len ? compiler_refer(compiler, place, &compiler->units, code, "unit") : -1;
		if (unit < 0)
			continue;
		if (unit == row->unit) {
			finding_error(compiler->findings, place, "the lead does not assist itself: name other units");
		} else if (row->assist_count == ASSIST_MOST) {
			finding_error(compiler->findings, place, "more than %d assisting units", ASSIST_MOST);
			break;
		} else {
			units[row->assist_count++] = unit;
		}
	}
	row->assist = arena_alloc(compiler->arena, row->assist_count, sizeof *row->assist);
	if (row->assist_count)
		memcpy(row->assist, units, row->assist_count * sizeof *units);
	if (row->assist_count && row->unit < 0)
		finding_error(compiler->findings, place, "assisting units without a lead: say in this row whom they help");
}

static void row_read(struct compiler *compiler, const struct sheet *sheet, size_t at, struct catalogue_row *row)
{
	row->line = sheet_line(sheet, at);
	row->category = sheet_refer(sheet, at, ROW_CATEGORY, &compiler->categories, "category");
	row->area = sheet_refer(sheet, at, ROW_AREA, &compiler->areas, "area");
	row->urgency = sheet_urgency(sheet, at, ROW_URGENCY, 0);
	row->unit = sheet_refer(sheet, at, ROW_UNIT, &compiler->units, "unit");
	if (span_is(sheet_text(sheet, at, ROW_PROMISE), "none"))
		row->promise = CATALOGUE_NO_PROMISE;
	else
		row->promise = sheet_refer(sheet, at, ROW_PROMISE, &compiler->limits, "limit");
	row_assist(compiler, sheet, at, row);
	if (sheet_any(sheet, at, ROW_UNIT) && sheet_any(sheet, at, ROW_PROMISE))
		finding_warning(compiler->findings, sheet_place(sheet, at, ROW_UNIT), "this row says nothing: it names neither a unit nor a promise");
}

void compile_catalogue(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct sheet sheet;

	if (sheet_open(&sheet, compiler, "catalogue.csv", false, row_columns, ROW_COLUMNS)) {
		policy->catalogue_count = sheet_rows(&sheet);
		policy->catalogue = arena_alloc(compiler->arena, policy->catalogue_count, sizeof *policy->catalogue);
		for (size_t i = 0; i < policy->catalogue_count; i++)
			row_read(compiler, &sheet, i, &policy->catalogue[i]);
	}
	sheet_close(&sheet);
}
