/* The load on units, and which cases go to other units. Owns nothing. Invariant: cases by unit and cases that never had one add
 * up to all; what units took and gave back is what they hold at the end. */
#include "rehearse/report.h"

#include <assert.h>
#include <stdlib.h>

struct unit_load {
	uint32_t unit;
	int64_t taken[STREAMS]; /* times a case came to it */
	int64_t cases[STREAMS]; /* cases that were with it last */
	int64_t late[STREAMS];
	int64_t peak[STREAMS], open[STREAMS];
	int64_t since[STREAMS]; /* of the last change */
	double area[STREAMS];   /* open cases times milliseconds */
};

static void loads_fold(const struct report *report, int stream, struct unit_load *units)
{
	const struct tally *tally = report->streams[stream];

	for (size_t i = 0; i < tally->load_count; i++) {
		const struct load_tally *row = &tally->loads[i];
		struct unit_load *unit = &units[row->unit];
		unit->area[stream] += (double)unit->open[stream] * (double)(row->at - unit->since[stream]);
		unit->since[stream] = row->at;
		unit->open[stream] += row->by;
		unit->taken[stream] += row->by > 0;
		assert(unit->open[stream] >= 0);
		if (unit->open[stream] > unit->peak[stream])
			unit->peak[stream] = unit->open[stream];
	}
}

static void cases_fold(const struct report *report, int stream, struct unit_load *units)
{
	int64_t held = 0, holding = 0, cases = 0, sum = 0;

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *row = report_case(report, stream, i);
		if (!row->known)
			continue;
		cases++;
		holding += row->holder != 0;
		units[row->unit].cases[stream]++;
		units[row->unit].late[stream] += case_overdue(row, report->streams[stream]->end);
	}
	for (uint32_t i = 0; i <= report->names->count; i++) {
		held += units[i].open[stream];
		sum += units[i].cases[stream];
	}
	assert(sum == cases);
	assert(held == holding);
}

static int64_t distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

static int unit_order(const void *left, const void *right)
{
	const struct unit_load *a = left, *b = right;
	int64_t moved_a = distance(a->cases[BEFORE], a->cases[AFTER]), moved_b = distance(b->cases[BEFORE], b->cases[AFTER]);
	int64_t late_a = distance(a->late[BEFORE], a->late[AFTER]), late_b = distance(b->late[BEFORE], b->late[AFTER]);

	if (moved_a != moved_b)
		return moved_a > moved_b ? -1 : 1;
	if (late_a != late_b)
		return late_a > late_b ? -1 : 1;
	if (a->cases[BEFORE] != b->cases[BEFORE])
		return a->cases[BEFORE] > b->cases[BEFORE] ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static void unit_row(const struct report *report, struct sheet *sheet, const struct unit_load *unit)
{
	if (unit->unit)
		cells_name(report, sheet, unit->unit, unit_name(report, unit->unit));
	else
		cells_name(report, sheet, 0, span_of("(with no unit)"));
	cells_change(sheet, unit->cases[BEFORE], unit->cases[AFTER]);
	cells_change(sheet, unit->peak[BEFORE], unit->peak[AFTER]);
	for (int stream = BEFORE; stream < STREAMS; stream++) {
		const struct tally *tally = report->streams[stream];
		double span = (double)(tally->end - report->after->history->first_at);
		double area = unit->area[stream] + (double)unit->open[stream] * (double)(tally->end - unit->since[stream]);
		cell_real(sheet, CELL_MEAN, span > 0 && unit->since[stream] ? area / span : 0);
	}
	cells_change(sheet, unit->late[BEFORE], unit->late[AFTER]);
}

static void loads(const struct report *report)
{
	static const struct sheet_column columns[] = {{"unit", NULL, false}, {"name", "unit", false}, {"cases_before", "cases", true}, {"cases_after", "proposed", true},
		{"cases_change", "change", true}, {"peak_before", "most open", true}, {"peak_after", "proposed", true}, {"peak_change", "change", true},
		{"mean_before", "mean open", true}, {"mean_after", "proposed", true}, {"late_before", "late or overdue", true}, {"late_after", "proposed", true},
		{"late_change", "change", true}};
	struct sheet *sheet = book_sheet(report->book, "units", "Load per unit", "Cases: those that were with it last. Where most changes, first.", columns, 13, 20);
	struct unit_load *units = must_calloc(report->names->count + 1, sizeof *units);

	for (uint32_t i = 0; i <= report->names->count; i++)
		units[i].unit = i;
	for (int stream = BEFORE; stream < STREAMS; stream++) {
		loads_fold(report, stream, units);
		cases_fold(report, stream, units);
	}
	qsort(units, report->names->count + 1, sizeof *units, unit_order);
	for (uint32_t i = 0; i <= report->names->count; i++)
		if (units[i].cases[BEFORE] || units[i].cases[AFTER] || units[i].taken[BEFORE] || units[i].taken[AFTER])
			unit_row(report, sheet, &units[i]);
	free(units);
}

/* --- who changed hands --- */

struct flow {
	uint32_t from, to;
	int64_t count;
	int late; /* more late or overdue */
};

static int flow_by_units(const void *left, const void *right)
{
	const struct flow *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

static int flow_by_count(const void *left, const void *right)
{
	const struct flow *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return flow_by_units(left, right);
}

static struct flow *flows_gather(const struct report *report, size_t *ret_count)
{
	struct flow *flows = must_calloc((size_t)report->cases + 1, sizeof *flows);
	size_t moved = 0, count = 0;

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *before = report_case(report, BEFORE, i), *after = report_case(report, AFTER, i);
		if (!before->known || !after->known || before->unit == after->unit)
			continue;
		flows[moved++] = (struct flow){before->unit, after->unit, 1,
			case_overdue(after, report->streams[AFTER]->end) - case_overdue(before, report->streams[BEFORE]->end)};
	}
	qsort(flows, moved, sizeof *flows, flow_by_units);
	for (size_t i = 0; i < moved; i++) {
		if (count && flow_by_units(&flows[count - 1], &flows[i]) == 0) {
			flows[count - 1].count++;
			flows[count - 1].late += flows[i].late;
		} else {
			flows[count++] = flows[i];
		}
	}
	qsort(flows, count, sizeof *flows, flow_by_count);
	*ret_count = count;
	return flows;
}

static void hands(const struct report *report)
{
	static const struct sheet_column columns[] = {{"from", NULL, false}, {"from_name", "from", false}, {"to", NULL, false}, {"to_name", "to", false},
		{"cases", "cases", true}, {"late_change", "more or fewer late", true}};
	struct sheet *sheet = book_sheet(report->book, "hands", "Cases that go to another unit", NULL, columns, 6, 20);
	size_t count;
	struct flow *flows = flows_gather(report, &count);

	for (size_t i = 0; i < count; i++) {
		cells_name(report, sheet, flows[i].from, unit_name(report, flows[i].from));
		cells_name(report, sheet, flows[i].to, unit_name(report, flows[i].to));
		cell_number(sheet, CELL_COUNT, flows[i].count);
		cell_number(sheet, CELL_CHANGE, flows[i].late);
	}
	free(flows);
}

void report_units(const struct report *report)
{
	loads(report);
	hands(report);
}
