/* Figures as text: tables for people, CSV for spreadsheets, JSON for programs. All three show the same numbers; shares in JSON have
 * both numbers beside the rate, and times are milliseconds, so that a program can check every one of them. */
#include "clients/cli/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clients/cli/moment.h"
#include "clients/cli/table.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define COLUMNS_MOST 32

void span_write(struct buf *buf, int64_t ms)
{
	if (ms < MINUTE_MS)
		buf_printf(buf, "%" PRId64 " s", (ms + 500) / 1000);
	else if (ms < HOUR_MS)
		buf_printf(buf, "%" PRId64 " min", (ms + MINUTE_MS / 2) / MINUTE_MS);
	else if (ms < 2 * DAY_MS)
		buf_printf(buf, "%.1f h", (double)ms / (double)HOUR_MS);
	else
		buf_printf(buf, "%.1f d", (double)ms / (double)DAY_MS);
}

static void number_write(struct buf *buf, int64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRId64, number);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_add_text(buf, ",");
		buf_add(buf, digits + i, 1);
	}
}

void figure_write(struct buf *buf, const struct group *group, enum figure figure, bool p90)
{
	struct figure_value value = group_value(group, figure);
	int64_t share = share_of(value.part, value.whole);

	if (!value.known)
		buf_add_text(buf, "-");
	else if (figure_rows[figure].shape == SHAPE_SHARE)
		buf_printf(buf, "%" PRId64 ".%" PRId64 " %%", (share + 5) / 10 / 10, (share + 5) / 10 % 10);
	else if (figure_rows[figure].shape == SHAPE_TIME)
		span_write(buf, p90 ? value.p90_ms : value.median_ms);
	else
		number_write(buf, value.part);
}

/* ---- tables ---- */

static void row_add(struct table *table, const struct report *report, const struct report_section *section, const struct group *group, bool total)
{
	struct buf cell = {0};

	if (total || !group->rank)
		table_add_text(table, "");
	else
		table_add_number(table, (int64_t)group->rank);
	table_add(table, total ? span_of("all") : report_code(report, group->name));
	table_add(table, total ? span_of("") : report_name(report, group->name));
	for (size_t i = 0; i < section->count; i++) {
		buf_clear(&cell);
		figure_write(&cell, group, section->figures[i], false);
		if (figure_rows[section->figures[i]].shape == SHAPE_TIME && group_value(group, section->figures[i]).known) {
			buf_add_text(&cell, " / ");
			figure_write(&cell, group, section->figures[i], true);
		}
		table_add(table, buf_span(&cell));
	}
	buf_free(&cell);
}

static void section_print(const struct report *report, const struct report_section *section, FILE *out)
{
	struct table_column columns[COLUMNS_MOST] = {{"#", true, 0}, {report_by_name(report->by), false, 36}, {"name", false, 30}};

	for (size_t i = 0; i < section->count; i++)
		columns[3 + i] = (struct table_column){figure_rows[section->figures[i]].label, true, 0};
	struct table *table = table_new(columns, 3 + section->count);
	for (size_t i = 0; i < report->grouping->count; i++)
		row_add(table, report, section, &report->grouping->groups[i], false);
	row_add(table, report, section, &report->grouping->total, true);
	fprintf(out, "\n%s\n", section->title);
	table_print(table, out, report->cli->color && out == stdout);
	table_free(table);
}

void report_table(const struct report *report, FILE *out)
{
	char from[MOMENT_TEXT], to[MOMENT_TEXT];

	moment_write(report->from, report->zone, from);
	moment_write(report->until / 1000 * 1000, report->zone, to);
	fprintf(out, "From %s to %s by %s, best first by %s\n", from, to, report_by_name(report->by), figure_rows[report->rank].name);
	for (size_t i = 0; i < report_section_count; i++)
		section_print(report, &report_sections[i], out);
}

/* ---- CSV ---- */

void csv_cell(struct buf *buf, struct span text)
{
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++)
		quoted |= memchr(",\"\r\n", text.data[i], 4) != NULL;
	if (!quoted) {
		buf_add_span(buf, text);
		return;
	}
	buf_add_text(buf, "\"");
	for (size_t i = 0; i < text.len; i++) {
		buf_add(buf, text.data + i, 1);
		if (text.data[i] == '"')
			buf_add_text(buf, "\"");
	}
	buf_add_text(buf, "\"");
}

static void csv_figure(struct buf *buf, const struct group *group, enum figure figure)
{
	struct figure_value value = group_value(group, figure);
	int64_t share = share_of(value.part, value.whole);

	if (figure_rows[figure].shape == SHAPE_TIME && value.known)
		buf_printf(buf, ",%" PRId64 ",%" PRId64, value.median_ms, value.p90_ms);
	else if (figure_rows[figure].shape == SHAPE_TIME)
		buf_add_text(buf, ",,");
	else if (!value.known)
		buf_add_text(buf, ",");
	else if (figure_rows[figure].shape == SHAPE_SHARE)
		buf_printf(buf, ",%" PRId64 ".%04" PRId64, share / 10000, share % 10000);
	else
		buf_printf(buf, ",%" PRId64, value.part);
}

static void csv_row(struct buf *buf, const struct report *report, const struct group *group, bool total)
{
	csv_cell(buf, total ? span_of("all") : group->name);
	buf_add_text(buf, ",");
	csv_cell(buf, total ? span_of("") : report_name(report, group->name));
	buf_add_text(buf, ",");
	if (group->rank)
		buf_printf(buf, "%zu", group->rank);
	for (int figure = 0; figure < FIGURE_COUNT; figure++)
		csv_figure(buf, group, (enum figure)figure);
	buf_add_text(buf, "\n");
}

void report_csv(const struct report *report, FILE *out)
{
	struct buf buf = {0};

	buf_printf(&buf, "%s,name,rank", report_by_name(report->by));
	for (int figure = 0; figure < FIGURE_COUNT; figure++)
		buf_printf(&buf, figure_rows[figure].shape == SHAPE_TIME ? ",%s_median_ms,%s_p90_ms" : ",%s", figure_rows[figure].name, figure_rows[figure].name);
	buf_add_text(&buf, "\n");
	for (size_t i = 0; i < report->grouping->count; i++)
		csv_row(&buf, report, &report->grouping->groups[i], false);
	csv_row(&buf, report, &report->grouping->total, true);
	fwrite(buf.data, 1, buf.len, out);
	buf_free(&buf);
}

/* ---- JSON ---- */

void json_string(struct buf *buf, struct span text)
{
	buf_add_text(buf, "\"");
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte == '"' || byte == '\\')
			buf_printf(buf, "\\%c", byte);
		else if (byte < 0x20 || byte == '<') /* safe inside of a page, too */
			buf_printf(buf, "\\u%04x", byte);
		else
			buf_add(buf, text.data + i, 1);
	}
	buf_add_text(buf, "\"");
}

void json_moment(struct buf *buf, int64_t ms)
{
	char text[MOMENT_TEXT];

	moment_write(ms, "UTC", text);
	buf_printf(buf, "\"%s\"", text);
}

static void json_figure(struct buf *buf, const struct group *group, enum figure figure)
{
	struct figure_value value = group_value(group, figure);
	int64_t share = share_of(value.part, value.whole);

	buf_printf(buf, "\"%s\":", figure_rows[figure].name);
	switch (figure_rows[figure].shape) {
	case SHAPE_SHARE:
		buf_printf(buf, "{\"part\":%" PRId64 ",\"whole\":%" PRId64, value.part, value.whole);
		if (value.known)
			buf_printf(buf, ",\"rate\":%" PRId64 ".%04" PRId64, share / 10000, share % 10000);
		buf_add_text(buf, "}");
		break;
	case SHAPE_TIME:
		buf_printf(buf, "{\"count\":%" PRId64, value.part);
		if (value.known)
			buf_printf(buf, ",\"median_ms\":%" PRId64 ",\"p90_ms\":%" PRId64, value.median_ms, value.p90_ms);
		buf_add_text(buf, "}");
		break;
	default:
		buf_printf(buf, "%" PRId64, value.part);
	}
}

static void json_group(struct buf *buf, const struct group *group)
{
	buf_add_text(buf, "{");
	for (int figure = 0; figure < FIGURE_COUNT; figure++) {
		buf_add_text(buf, figure ? "," : "");
		json_figure(buf, group, (enum figure)figure);
	}
	buf_add_text(buf, "}");
}

static void json_weeks(struct buf *buf, const struct report *report)
{
	static const enum figure shown[] = {FIGURE_opened, FIGURE_closed, FIGURE_due, FIGURE_on_time, FIGURE_late};
	int64_t sums[5][WEEKS_MOST];

	for (size_t i = 0; i < 5; i++)
		figures_bins(report->figures, shown[i], report->bounds, report->bound_count, sums[i]);
	for (size_t week = 0; week + 1 < report->bound_count; week++) {
		buf_add_text(buf, week ? ",{\"from\":" : "{\"from\":");
		json_moment(buf, report->bounds[week]);
		for (size_t i = 0; i < 5; i++)
			buf_printf(buf, ",\"%s\":%" PRId64, figure_rows[shown[i]].name, sums[i][week]);
		buf_add_text(buf, "}");
	}
}

void report_json(const struct report *report, FILE *out)
{
	struct buf buf = {0};

	buf_add_text(&buf, "{\"from\":");
	json_moment(&buf, report->from);
	buf_add_text(&buf, ",\"to\":");
	json_moment(&buf, report->until);
	buf_printf(&buf, ",\"complete\":%s,\"seq\":%" PRId64 ",\"unknown\":%" PRId64 ",\"by\":\"%s\",\"depth\":%zu,\"rank\":\"%s\",\"zone\":",
		report->until == report->to ? "true" : "false", report->seq, figures_unknown(report->figures), report_by_name(report->by), report->depth,
		figure_rows[report->rank].name);
	json_string(&buf, span_of(report->zone ? report->zone : ""));
	buf_add_text(&buf, ",\"total\":");
	json_group(&buf, &report->grouping->total);
	buf_add_text(&buf, ",\"groups\":[");
	for (size_t i = 0; i < report->grouping->count; i++) {
		const struct group *group = &report->grouping->groups[i];
		buf_add_text(&buf, i ? ",{\"group\":" : "{\"group\":");
		json_string(&buf, group->name);
		buf_add_text(&buf, ",\"name\":");
		json_string(&buf, report_name(report, group->name));
		buf_printf(&buf, ",\"position\":%zu,\"figures\":", group->rank);
		json_group(&buf, group);
		buf_add_text(&buf, "}");
	}
	buf_add_text(&buf, "],\"weeks\":[");
	json_weeks(&buf, report);
	buf_add_text(&buf, "]}\n");
	fwrite(buf.data, 1, buf.len, out);
	buf_free(&buf);
}
