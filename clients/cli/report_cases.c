/* `reeve report --cases FIGURE[:GROUP]`: the facts behind one figure, each with its case. A count lists what it counts; a share lists
 * its whole and says of each fact whether it kept what the share is about; a sum lists both. Order: case, then time. */
#include "clients/cli/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/case_number.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"

#define COLUMNS 8

static int fact_order(const void *a, const void *b)
{
	const struct fact *one = *(const struct fact *const *)a, *other = *(const struct fact *const *)b;

	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return one->at != other->at ? (one->at < other->at ? -1 : 1) : (int)one->figure - (int)other->figure;
}

/* The group itself, what is below it, or an area by its own code alone. */
static bool group_matches(const struct report *report, struct span group, struct span wanted)
{
	if (span_equal(group, wanted) || (!group.len && span_is(wanted, "-")))
		return true;
	if (span_starts(group, wanted) && group.data[wanted.len] == '/')
		return true;
	return report->by == BY_AREA && group.len > wanted.len && group.data[group.len - wanted.len - 1] == '/' &&
		memcmp(group.data + group.len - wanted.len, wanted.data, wanted.len) == 0;
}

static void cell_write(struct buf *cell, const struct report *report, const struct fact *fact, size_t column, const char *zone)
{
	char text[MOMENT_TEXT];
	uint32_t names[] = {fact->unit, fact->area, fact->category};

	buf_clear(cell);
	switch (column) {
	case 0:
		case_number_write(fact->number, text);
		buf_add_text(cell, fact->number ? text : "");
		break;
	case 1:
		buf_add_text(cell, figure_rows[fact->figure].name);
		break;
	case 2:
		moment_write(fact->at, zone, text);
		buf_add_text(cell, text);
		break;
	case 3:
		buf_add_text(cell, fact->met ? "yes" : "no");
		break;
	case 4:
		if (figure_rows[fact->figure].shape == SHAPE_TIME)
			buf_printf(cell, "%" PRId64, fact->span_ms);
		break;
	default:
		buf_add_span(cell, figures_name(report->figures, names[column - 5]));
	}
}

static const struct table_column columns[COLUMNS] = {{"CASE", false, 0}, {"FIGURE", false, 0}, {"AT", false, 0}, {"MET", false, 0}, {"TOOK_MS", true, 0},
	{"UNIT", false, 36}, {"AREA", false, 30}, {"CATEGORY", false, 30}};

static void facts_table(const struct report *report, const struct fact *const *facts, size_t count, FILE *out)
{
	struct table *table = table_new(columns, COLUMNS);
	struct buf cell = {0};

	for (size_t i = 0; i < count; i++)
		for (size_t column = 0; column < COLUMNS; column++) {
			cell_write(&cell, report, facts[i], column, report->zone);
			table_add(table, buf_span(&cell));
		}
	table_print(table, out, report->cli->color && out == stdout);
	table_free(table);
	buf_free(&cell);
}

static void facts_csv(const struct report *report, const struct fact *const *facts, size_t count, FILE *out)
{
	struct buf cell = {0}, row = {0};

	fputs("case,figure,at,met,took_ms,unit,area,category\n", out);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&row);
		for (size_t column = 0; column < COLUMNS; column++) {
			cell_write(&cell, report, facts[i], column, report->zone);
			buf_add_text(&row, column ? "," : "");
			csv_cell(&row, buf_span(&cell));
		}
		buf_add_text(&row, "\n");
		fwrite(row.data, 1, row.len, out);
	}
	buf_free(&cell);
	buf_free(&row);
}

static void facts_json(const struct report *report, const struct fact *const *facts, size_t count, FILE *out)
{
	static const char *const keys[COLUMNS] = {"case", "figure", "at", "met", "took_ms", "unit", "area", "category"};
	struct buf cell = {0}, row = {0};

	for (size_t i = 0; i < count; i++) {
		buf_clear(&row);
		for (size_t column = 0; column < COLUMNS; column++) {
			cell_write(&cell, report, facts[i], column, "UTC");
			if (!cell.len)
				continue;
			buf_printf(&row, "%s\"%s\":", row.len ? "," : "{", keys[column]);
			if (column == 3)
				buf_add_text(&row, facts[i]->met ? "true" : "false");
			else if (column == 4)
				buf_add_span(&row, buf_span(&cell));
			else
				json_string(&row, buf_span(&cell));
		}
		buf_add_text(&row, "}\n");
		fwrite(row.data, 1, row.len, out);
	}
	buf_free(&cell);
	buf_free(&row);
}

int report_cases(const struct report *report, const char *wanted, const char *format, FILE *out)
{
	const char *colon = strchr(wanted, ':');
	struct span name = {wanted, colon ? (size_t)(colon - wanted) : strlen(wanted)};
	enum figure figure = figure_find(name);
	const struct fact *all, **facts;
	size_t total = figures_facts(report->figures, &all), count = 0;

	if (figure == FIGURE_COUNT)
		return cli_usage(report->cli, "--cases %s: no figure is called so; reeve(1) lists them", wanted);
	facts = must_calloc(total + 1, sizeof *facts);
	for (size_t i = 0; i < total; i++) {
		struct span group = fact_group(report->figures, &all[i], report->by, report->depth);
		if (fact_counts(&all[i], figure) && (!colon || group_matches(report, group, span_of(colon + 1))))
			facts[count++] = &all[i];
	}
	qsort(facts, count, sizeof *facts, fact_order);
	if (strcmp(format, "csv") == 0)
		facts_csv(report, facts, count, out);
	else if (strcmp(format, "json") == 0)
		facts_json(report, facts, count, out);
	else
		facts_table(report, facts, count, out);
	free(facts);
	return DONE;
}
