/* Single cases: what people did and could not do again, and the cases that change most. Owns nothing. */
#include "rehearse/report.h"

#include <stdlib.h>

#define CASES_SHOWN 10
#define DAY_MS INT64_C(86400000)

static void undone_reason(struct buf *words, const struct undone_row *row)
{
	buf_clear(words);
	switch (row->why) {
	case UNDONE_REFUSED:
		buf_add_text(words, error_text(row->error));
		break;
	case UNDONE_NO_CASE:
		buf_add_text(words, "its report could not be taken");
		break;
	case UNDONE_CHANGED:
		buf_printf(words, "done without it: %s", error_text(row->error));
		break;
	case UNDONE_UNKNOWN:
		buf_printf(words, "no command is known behind %s", event_name(row->event) ? event_name(row->event) : "it");
		break;
	}
}

static void undone_rows(const struct report *report, struct sheet *sheet, const char *rules, const struct undone *undone)
{
	struct buf words = {0};

	for (size_t i = 0; i < undone->count; i++) {
		const struct undone_row *row = &undone->rows[i];
		undone_reason(&words, row);
		cell_text(report->book, sheet, span_of(rules));
		cell_text(report->book, sheet, span_of(row->command ? command_name(row->command) : "?"));
		cell_number(sheet, CELL_FLAG, row->why == UNDONE_CHANGED);
		cell_number(sheet, CELL_COUNT, row->count);
		cell_text(report->book, sheet, row->why == UNDONE_REFUSED || row->why == UNDONE_CHANGED ? span_of(error_name(row->error)) : span_of("no_case"));
		cell_text(report->book, sheet, buf_span(&words));
		if (row->example)
			cell_number(sheet, CELL_CASE, row->example);
		else
			cell_none(sheet);
	}
	buf_free(&words);
}

static void undone(const struct report *report)
{
	static const struct sheet_column columns[] = {{"rules", "rules", false}, {"command", "command", false}, {"changed", NULL, false}, {"count", "times", true},
		{"error", "why", false}, {"reason", "in words", false}, {"example", "for example", false}};
	struct sheet *sheet = book_sheet(report->book, "not_repeated", "What people did and could not do again", NULL, columns, 7, 20);

	if (report->streams[BEFORE] != report->streams[RECORDED])
		undone_rows(report, sheet, "before", &report->before->undone);
	undone_rows(report, sheet, "proposed", &report->after->undone);
}

/* --- the cases that change most --- */

struct changed {
	int64_t number;
	int64_t weight;
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/* Late or not weighs most, then the unit, then notices, then days of the promise. */
static int64_t weight_of(const struct report *report, const struct case_tally *before, const struct case_tally *after)
{
	int64_t weight = 0;

	if (case_overdue(before, report->streams[BEFORE]->end) != case_overdue(after, report->streams[AFTER]->end))
		weight += 1000;
	if (before->state != after->state)
		weight += 1000;
	if (before->unit != after->unit)
		weight += 300;
	weight += 20 * least(distance(before->notices, after->notices), 50);
	if (!before->due != !after->due)
		weight += 200;
	else
		weight += least(distance(before->due, after->due) / DAY_MS, 365);
	return weight;
}

static int changed_order(const void *left, const void *right)
{
	const struct changed *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void cell_due(struct sheet *sheet, const struct case_tally *row)
{
	if (row->due)
		cell_number(sheet, CELL_TIME, row->due);
	else
		cell_none(sheet);
}

static void changed_row(const struct report *report, struct sheet *sheet, int64_t number)
{
	const struct case_tally *rows[STREAMS] = {NULL, report_case(report, BEFORE, number), report_case(report, AFTER, number)};

	cell_number(sheet, CELL_CASE, number);
	cells_name(report, sheet, rows[AFTER]->category, category_name(report, rows[AFTER]->category));
	cells_name(report, sheet, rows[AFTER]->area, area_name(report, rows[AFTER]->area));
	for (int stream = BEFORE; stream < STREAMS; stream++)
		cell_due(sheet, rows[stream]);
	for (int stream = BEFORE; stream < STREAMS; stream++)
		cell_number(sheet, CELL_FLAG, case_overdue(rows[stream], report->streams[stream]->end));
	for (int stream = BEFORE; stream < STREAMS; stream++)
		cell_number(sheet, CELL_COUNT, rows[stream]->notices);
	for (int stream = BEFORE; stream < STREAMS; stream++)
		cell_text(report->book, sheet, names_text(report->names, rows[stream]->unit));
}

static void changed_most(const struct report *report)
{
	static const struct sheet_column columns[] = {{"case", "case", false}, {"category", NULL, false}, {"category_name", "category", false}, {"area", NULL, false},
		{"area_name", "area", false}, {"due_before", "due", false}, {"due_after", "proposed", false}, {"late_before", "late", false}, {"late_after", "proposed", false},
		{"notices_before", "notices", true}, {"notices_after", "proposed", true}, {"unit_before", "unit", false}, {"unit_after", "proposed", false}};
	struct sheet *sheet = book_sheet(report->book, "cases", "The cases that change most", NULL, columns, 13, 0);
	struct changed *rows = must_calloc((size_t)report->cases + 1, sizeof *rows);
	size_t count = 0;

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *before = report_case(report, BEFORE, i), *after = report_case(report, AFTER, i);
		int64_t weight = before->known && after->known ? weight_of(report, before, after) : 0;
		if (weight)
			rows[count++] = (struct changed){i, weight};
	}
	qsort(rows, count, sizeof *rows, changed_order);
	for (size_t i = 0; i < count && i < CASES_SHOWN; i++)
		changed_row(report, sheet, rows[i].number);
	free(rows);
}

void report_cases(const struct report *report)
{
	undone(report);
	changed_most(report);
}
