/* Promises that the rules shorten or lengthen: how many by how much, and by which limits. Owns nothing. Only cases that both streams
 * have are compared. */
#include "rehearse/report.h"

#include <assert.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

struct bin {
	const char *words;
	int64_t most; /* shift in milliseconds, inclusive */
};

/* The last one takes the rest. */
static const struct bin bins[] = {
	{"earlier by more than 10 days", -10 * DAY_MS - 1},
	{"earlier by 3 to 10 days", -3 * DAY_MS - 1},
	{"earlier by 1 to 3 days", -DAY_MS - 1},
	{"earlier by up to 1 day", -1},
	{"the same", 0},
	{"later by up to 1 day", DAY_MS},
	{"later by 1 to 3 days", 3 * DAY_MS},
	{"later by 3 to 10 days", 10 * DAY_MS},
	{"later by more than 10 days", INT64_MAX},
};
#define BINS (sizeof bins / sizeof *bins)

enum { NEVER = BINS, TAKEN, GIVEN, PROMISE_ROWS };

static size_t row_of(const struct case_tally *before, const struct case_tally *after)
{
	size_t bin = 0;

	if (!before->due || !after->due)
		return before->due ? TAKEN : after->due ? GIVEN : NEVER;
	while (after->due - before->due > bins[bin].most)
		bin++;
	return bin;
}

static void shifts(const struct report *report)
{
	static const struct sheet_column columns[] = {{"promise", "due", false}, {"cases", "cases", true}, {"share", "share", true},
		{"late_before", "late or overdue before", true}, {"late_after", "proposed", true}, {"change", "change", true}};
	static const char *const others[] = {"no promise, before or after", "promise taken away", "promise given"};
	struct sheet *sheet = book_sheet(report->book, "promises", "Promises: due earlier or later than before", NULL, columns, 6, 0);
	int64_t counts[PROMISE_ROWS] = {0}, late[2][PROMISE_ROWS] = {{0}}, all = 0, sum = 0;

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *before = report_case(report, BEFORE, i), *after = report_case(report, AFTER, i);
		if (!before->known || !after->known)
			continue;
		size_t row = row_of(before, after);
		all++;
		counts[row]++;
		late[0][row] += case_overdue(before, report->streams[BEFORE]->end);
		late[1][row] += case_overdue(after, report->streams[AFTER]->end);
	}
	for (size_t row = 0; row < PROMISE_ROWS; row++) {
		sum += counts[row];
		if (!counts[row])
			continue;
		cell_text(report->book, sheet, span_of(row < BINS ? bins[row].words : others[row - BINS]));
		cell_number(sheet, CELL_COUNT, counts[row]);
		cell_real(sheet, CELL_SHARE, (double)counts[row] / (double)all);
		cells_change(sheet, late[0][row], late[1][row]);
	}
	assert(sum == all);
}

/* A case whose promise differs. */
struct shifted {
	uint32_t category, before, after; /* names of category and limits */
	int64_t shift;
	bool comparable;                  /* both have a due time */
	int late;                         /* -1: no longer late, 1: late now */
};

static int shifted_order(const void *left, const void *right)
{
	const struct shifted *a = left, *b = right;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	if (a->before != b->before)
		return a->before < b->before ? -1 : 1;
	if (a->after != b->after)
		return a->after < b->after ? -1 : 1;
	return a->shift < b->shift ? -1 : a->shift > b->shift;
}

static struct shifted *shifted_cases(const struct report *report, size_t *ret_count)
{
	struct shifted *rows = must_calloc((size_t)report->cases + 1, sizeof *rows);
	size_t count = 0;

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *before = report_case(report, BEFORE, i), *after = report_case(report, AFTER, i);
		if (!before->known || !after->known || before->due == after->due)
			continue;
		rows[count++] = (struct shifted){
			.category = after->category, .before = before->limit, .after = after->limit,
			.shift = before->due && after->due ? after->due - before->due : 0,
			.comparable = before->due && after->due,
			.late = case_overdue(after, report->streams[AFTER]->end) - case_overdue(before, report->streams[BEFORE]->end),
		};
	}
	qsort(rows, count, sizeof *rows, shifted_order);
	*ret_count = count;
	return rows;
}

/* Rows [from, to) are of one category and pair of limits. */
struct run {
	size_t from, to;
	const struct shifted *rows;
};

static int run_order(const void *left, const void *right)
{
	const struct run *a = left, *b = right;

	if (a->to - a->from != b->to - b->from)
		return a->to - a->from > b->to - b->from ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

static void run_row(const struct report *report, struct sheet *sheet, const struct run *run)
{
	const struct shifted *first = &run->rows[run->from];
	int64_t late = 0;

	for (size_t i = run->from; i < run->to; i++)
		late += run->rows[i].late;
	cells_name(report, sheet, first->category, category_name(report, first->category));
	cell_text(report->book, sheet, first->before ? names_text(report->names, first->before) : span_of("(none)"));
	cell_text(report->book, sheet, first->after ? names_text(report->names, first->after) : span_of("(none)"));
	cell_number(sheet, CELL_COUNT, (int64_t)(run->to - run->from));
	if (first->comparable)
		cell_number(sheet, CELL_SHIFT, run->rows[run->from + (run->to - run->from - 1) / 2].shift);
	else
		cell_none(sheet);
	cell_few(sheet, run->to - run->from < FEW);
	cell_number(sheet, CELL_CHANGE, late);
}

static void limits(const struct report *report)
{
	static const struct sheet_column columns[] = {{"category", NULL, false}, {"name", "category", false}, {"limit_before", "limit before", false},
		{"limit_after", "proposed", false}, {"cases", "cases", true}, {"median_shift_ms", "median shift", true}, {"late_change", "more or fewer late", true}};
	struct sheet *sheet = book_sheet(report->book, "limits", "Promises that differ, by category and limit", NULL, columns, 7, 20);
	size_t count, run_count = 0;
	struct shifted *rows = shifted_cases(report, &count);
	struct run *runs = must_calloc(count + 1, sizeof *runs);

	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && rows[to].category == rows[from].category && rows[to].before == rows[from].before && rows[to].after == rows[from].after;)
			to++;
		runs[run_count++] = (struct run){from, to, rows};
	}
	qsort(runs, run_count, sizeof *runs, run_order);
	for (size_t i = 0; i < run_count; i++)
		run_row(report, sheet, &runs[i]);
	free(runs);
	free(rows);
}

void report_promises(const struct report *report)
{
	shifts(report);
	limits(report);
}
