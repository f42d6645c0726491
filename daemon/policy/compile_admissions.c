/* admissions.csv: what a department may put on others. Authority follows duty, money follows the task: a record without an
 * authority or a funding reference is a mistake, not an open question.
 *
 * Owns nothing. Invariants of what it makes: from_ms < to_ms; the last day of a record is still covered by it. */
#include <string.h>

#include "policy/sheet.h"
#include "policy/words.h"

enum { RECORD, DEPARTMENT, ITEM, CATEGORY, AREA, AUTHORITY, FUNDING, FROM, TO, COLUMNS };
static const struct sheet_column columns[] = {
	{"record", true}, {"department", true}, {"item", true}, {"category", false}, {"area", false}, {"authority", true}, {"funding", true}, {"from", false}, {"to", false},
};

/* Local midnight of a date, or of the day after it; `open` when the field says nothing. */
static int64_t midnight(struct compiler *compiler, const struct sheet *sheet, size_t row, int column, int64_t days, int64_t open)
{
	struct span text = sheet_text(sheet, row, column);
	int64_t date;

	if (!text.len)
		return open;
	if (date_read(text, &date))
		return zone_instant(compiler->policy->time_zone, (date + days) * ZONE_DAY_MS);
	finding_error(compiler->findings, sheet_place(sheet, row, column), "expected a date that exists, written 2026-10-01");
	return open;
}

static struct span text_needed(struct compiler *compiler, const struct sheet *sheet, size_t row, int column)
{
	struct span text = sheet_keep(sheet, row, column);

	if (!text.len)
		finding_error(compiler->findings, sheet_place(sheet, row, column), "%s: is missing: an admission record without it admits nothing", columns[column].name);
	return text;
}

static void admission_read(struct compiler *compiler, const struct sheet *sheet, size_t at, struct codes *records)
{
	struct admission_row *row = &compiler->policy->admissions[at];

	row->line = sheet_line(sheet, at);
	row->record = text_needed(compiler, sheet, at, RECORD);
	if (row->record.len && codes_add(records, row->record, (int)at) >= 0)
		finding_error(compiler->findings, sheet_place(sheet, at, RECORD), "a second record '%.*s': each may stand here once", (int)row->record.len, row->record.data);
	row->item = text_needed(compiler, sheet, at, ITEM);
	row->authority = text_needed(compiler, sheet, at, AUTHORITY);
	row->funding = text_needed(compiler, sheet, at, FUNDING);
	row->unit = sheet_refer(sheet, at, DEPARTMENT, &compiler->units, "unit");
	if (sheet_any(sheet, at, DEPARTMENT))
		finding_error(compiler->findings, sheet_place(sheet, at, DEPARTMENT), "whose task is it? Name the department's unit");
	row->category = sheet_refer(sheet, at, CATEGORY, &compiler->categories, "category");
	row->area = sheet_refer(sheet, at, AREA, &compiler->areas, "area");
	row->from_ms = midnight(compiler, sheet, at, FROM, 0, INT64_MIN);
	row->to_ms = midnight(compiler, sheet, at, TO, 1, INT64_MAX);
	if (row->from_ms >= row->to_ms)
		finding_error(compiler->findings, sheet_place(sheet, at, TO), "this record ends before it begins");
}

void compile_admissions(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct codes records = {0};
	struct sheet sheet;

	if (sheet_open(&sheet, compiler, "admissions.csv", false, columns, COLUMNS)) {
		policy->admission_count = sheet_rows(&sheet);
		policy->admissions = arena_alloc(compiler->arena, policy->admission_count, sizeof *policy->admissions);
		for (size_t i = 0; i < policy->admission_count; i++)
			admission_read(compiler, &sheet, i, &records);
	}
	codes_free(&records);
	sheet_close(&sheet);
}
