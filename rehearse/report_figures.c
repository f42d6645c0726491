/* The headline, the clocks and the stages of the work. Owns nothing. */
#include "rehearse/report.h"

#include <assert.h>
#include <stdlib.h>

/* What one stream comes to. */
struct totals {
	int64_t reports, closed, promised, late, on_time, open, open_overdue, notices, empty, unanswered, attention, changes;
};

static struct totals totals_of(const struct report *report, int stream)
{
	const struct tally *tally = report->streams[stream];
	struct totals totals = {.notices = (int64_t)tally->notice_count, .unanswered = tally->unanswered};

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *row = report_case(report, stream, i);
		if (!row->known)
			continue;
		totals.reports++;
		totals.changes += row->changes;
		totals.attention += row->attention;
		if (row->state != STATE_closed) {
			totals.open++;
			totals.open_overdue += case_overdue(row, tally->end);
			continue;
		}
		totals.closed++;
		totals.promised += row->due != 0;
		totals.late += row->late;
		totals.on_time += row->due && !row->late;
	}
	for (size_t i = 0; i < tally->notice_count; i++)
		totals.empty += tally->notices[i].empty;
	assert(totals.reports == totals.closed + totals.open);
	assert(totals.promised == totals.late + totals.on_time);
	return totals;
}

static void row_count(const struct report *report, struct sheet *sheet, const char *key, const char *what, int64_t recorded, int64_t before, int64_t after)
{
	cell_text(report->book, sheet, span_of(key));
	cell_text(report->book, sheet, span_of(what));
	cell_number(sheet, CELL_COUNT, recorded);
	cells_change(sheet, before, after);
}

static void row_share(const struct report *report, struct sheet *sheet, const char *key, const char *what, const struct totals *totals, size_t part, size_t all)
{
#define FIGURE(stream, offset) (*(const int64_t *)((const char *)&totals[stream] + (offset)))
	cell_text(report->book, sheet, span_of(key));
	cell_text(report->book, sheet, span_of(what));
	if (FIGURE(RECORDED, all))
		cell_real(sheet, CELL_SHARE, (double)FIGURE(RECORDED, part) / (double)FIGURE(RECORDED, all));
	else
		cell_none(sheet);
	cells_shares(sheet, FIGURE(BEFORE, part), FIGURE(BEFORE, all), FIGURE(AFTER, part), FIGURE(AFTER, all));
#undef FIGURE
}

static void headline(const struct report *report)
{
	static const struct sheet_column columns[] = {
		{"figure", NULL, false}, {"words", "", false}, {"recorded", "recorded", true}, {"before", "before", true}, {"after", "proposed", true}, {"change", "change", true}};
	struct sheet *sheet = book_sheet(report->book, "headline", "In short", NULL, columns, 6, 0);
	struct totals totals[STREAMS];

	for (int stream = 0; stream < STREAMS; stream++)
		totals[stream] = totals_of(report, stream);
#define COUNT(what, member) row_count(report, sheet, #member, what, totals[RECORDED].member, totals[BEFORE].member, totals[AFTER].member)
#define SHARE(what, part, all) row_share(report, sheet, #part "_share", what, totals, offsetof(struct totals, part), offsetof(struct totals, all))
	COUNT("reports", reports);
	COUNT("closed", closed);
	COUNT("  with a promise", promised);
	COUNT("  on time", on_time);
	COUNT("  late", late);
	SHARE("  late, of those with a promise", late, promised);
	COUNT("open at the end", open);
	COUNT("  past their promise", open_overdue);
	COUNT("notices to people", notices);
	COUNT("  nobody was there", empty);
	COUNT("  nobody answered", unanswered);
	COUNT("cases that wait for people to decide", attention);
	COUNT("changes of unit after the first", changes);
#undef COUNT
#undef SHARE
}

static void clocks(const struct report *report)
{
	static const struct sheet_column columns[] = {{"clock", "clock", false}, {"reached", "reached", false}, {"recorded", "recorded", true},
		{"before", "before", true}, {"after", "proposed", true}, {"change", "change", true}};
	struct sheet *sheet = book_sheet(report->book, "clocks", "Clocks that reached their thresholds", NULL, columns, 6, 0);

	for (int clock = 1; clock < CLOCK_LIMIT; clock++)
		for (int breached = 0; breached < 2; breached++) {
			int64_t counts[STREAMS];
			for (int stream = 0; stream < STREAMS; stream++)
				counts[stream] = (breached ? report->streams[stream]->breached : report->streams[stream]->warned)[clock];
			if (!counts[RECORDED] && !counts[BEFORE] && !counts[AFTER])
				continue;
			cell_text(report->book, sheet, span_of(clock_name(clock)));
			cell_text(report->book, sheet, span_of(breached ? "over" : "warning"));
			cell_number(sheet, CELL_COUNT, counts[RECORDED]);
			cells_change(sheet, counts[BEFORE], counts[AFTER]);
		}
}

static int span_order(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

struct stage_times {
	int64_t *lasted;
	size_t count;
	int64_t waiting; /* in it at the end */
};

static struct stage_times stage_times(const struct report *report, int stream, int state)
{
	const struct tally *tally = report->streams[stream];
	struct stage_times times = {.lasted = must_calloc(tally->visit_count + 1, sizeof *times.lasted)};

	for (size_t i = 0; i < tally->visit_count; i++)
		if (tally->visits[i].state == state)
			times.lasted[times.count++] = tally->visits[i].lasted_ms;
	for (int64_t i = 1; i <= report->cases; i++)
		times.waiting += report_case(report, stream, i)->state == state;
	qsort(times.lasted, times.count, sizeof *times.lasted, span_order);
	return times;
}

/* The smallest value that so many percent do not exceed (nearest rank). */
static void cell_quantile(struct sheet *sheet, const struct stage_times *times, size_t percent)
{
	size_t rank = (times->count * percent + 99) / 100;

	if (!times->count)
		cell_none(sheet);
	else
		cell_number(sheet, CELL_SPAN, times->lasted[rank ? rank - 1 : 0]);
	cell_few(sheet, times->count && times->count < FEW);
}

static void stages(const struct report *report)
{
	static const struct sheet_column columns[] = {{"state", "state", false}, {"left_before", "left", true}, {"median_before_ms", "median", true},
		{"p90_before_ms", "p90", true}, {"waiting_before", "in it at the end", true}, {"left_after", "proposed: left", true}, {"median_after_ms", "median", true},
		{"p90_after_ms", "p90", true}, {"waiting_after", "in it at the end", true}};
	struct sheet *sheet = book_sheet(report->book, "stages", "Work by stage: time in each state",
		"People's acts keep their recorded times, so only stages that the rules or the workers end can become shorter or longer.", columns, 9, 0);

	for (int state = STATE_received; state < STATE_closed; state++) {
		struct stage_times times[STREAMS];
		for (int stream = BEFORE; stream < STREAMS; stream++)
			times[stream] = stage_times(report, stream, state);
		if (times[BEFORE].count || times[AFTER].count || times[BEFORE].waiting || times[AFTER].waiting) {
			cell_text(report->book, sheet, span_of(state_name(state)));
			for (int stream = BEFORE; stream < STREAMS; stream++) {
				cell_number(sheet, CELL_COUNT, (int64_t)times[stream].count);
				cell_quantile(sheet, &times[stream], 50);
				cell_quantile(sheet, &times[stream], 90);
				cell_number(sheet, CELL_COUNT, times[stream].waiting);
			}
		}
		free(times[BEFORE].lasted);
		free(times[AFTER].lasted);
	}
}

void report_figures(const struct report *report)
{
	headline(report);
	clocks(report);
	stages(report);
}
