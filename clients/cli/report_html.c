/* The figures as one page that needs nothing else: style, script and charts stand in it. Owns the order of the page and its tables.
 *
 * All text that comes from a policy or an event is escaped here; a caller's name, phone and contact are in no figure. */
#include "clients/cli/chart.h"

#include <inttypes.h>

#include "clients/cli/moment.h"
#include "clients/cli/page/page.h"
#include "clients/cli/table.h"

void html_text(struct buf *page, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.data[i]) {
		case '&':
			buf_add_text(page, "&amp;");
			break;
		case '<':
			buf_add_text(page, "&lt;");
			break;
		case '>':
			buf_add_text(page, "&gt;");
			break;
		case '"':
			buf_add_text(page, "&quot;");
			break;
		default:
			buf_add(page, text.data + i, 1);
		}
	}
}

void html_label(struct buf *page, struct span text, size_t places)
{
	if (text_width(text) <= places) {
		html_text(page, text);
		return;
	}
	text.len = text_fit(text, places - 1);
	html_text(page, text);
	buf_add_text(page, "…");
}

static void head_write(struct buf *page, const struct report *report)
{
	char from[MOMENT_TEXT], to[MOMENT_TEXT], last[MOMENT_TEXT];

	moment_write(report->from, report->zone, from);
	moment_write(report->until / 1000 * 1000, report->zone, to);
	moment_write(report->until - 1, report->zone, last);
	buf_printf(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>Figures from %.10s to %.10s</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>Figures from %.10s to %.10s</h1>\n"
		"<p class=\"about\">By %s, best first by %s. %.16s to %.16s, %s%s; events up to number %" PRId64 ".</p>\n", from, last, page_css, from, last,
		report_by_name(report->by), figure_rows[report->rank].label, from, to, report->zone ? report->zone : "local time",
		report->until == report->to ? "" : ", the period is not over yet", report->seq);
}

static void tile_write(struct buf *page, const struct group *group, enum figure figure, const char *of)
{
	const struct figure_row *row = &figure_rows[figure];
	struct figure_value value = group_value(group, figure);
	struct buf text = {0};

	figure_write(&text, group, figure, false);
	buf_printf(page, "<li><span class=\"name\">%s <span lang=\"zh\">%s</span></span><span class=\"value\">%.*s</span><span class=\"of\">", row->label, row->chinese,
		(int)text.len, text.data);
	if (row->shape == SHAPE_SHARE)
		buf_printf(page, "%" PRId64 " of %" PRId64 " %s", value.part, value.whole, of);
	else
		buf_add_text(page, of);
	buf_add_text(page, "</span></li>\n");
	buf_free(&text);
}

static void tiles_write(struct buf *page, const struct group *total)
{
	buf_add_text(page, "<ul class=\"tiles\">\n");
	tile_write(page, total, FIGURE_response_rate, "signatures due");
	tile_write(page, total, FIGURE_resolution_rate, "settled");
	tile_write(page, total, FIGURE_satisfaction_rate, "who answered");
	tile_write(page, total, FIGURE_on_time_rate, "promises due");
	tile_write(page, total, FIGURE_opened, "cases");
	tile_write(page, total, FIGURE_closed, "cases");
	tile_write(page, total, FIGURE_open, "at the end");
	tile_write(page, total, FIGURE_passing, "returns and transfers");
	buf_add_text(page, "</ul>\n");
}

/* What a cell is sorted by. */
static void cell_open(struct buf *page, const struct group *group, enum figure figure)
{
	struct figure_value value = group_value(group, figure);

	if (!value.known)
		buf_add_text(page, "<td data-v=\"\">");
	else if (figure_rows[figure].shape == SHAPE_SHARE)
		buf_printf(page, "<td data-v=\"%.9f\">", (double)value.part / (double)value.whole);
	else
		buf_printf(page, "<td data-v=\"%" PRId64 "\">", figure_rows[figure].shape == SHAPE_TIME ? value.median_ms : value.part);
}

static void row_write(struct buf *page, const struct report *report, const struct report_section *section, const struct group *group, bool total)
{
	buf_printf(page, total ? "<tr class=\"all\">" : "<tr>");
	if (group->rank && !total)
		buf_printf(page, "<td data-v=\"%zu\">%zu</td><td class=\"left\">", group->rank, group->rank);
	else
		buf_add_text(page, "<td data-v=\"\"></td><td class=\"left\">");
	html_text(page, total ? span_of("all") : report_code(report, group->name));
	buf_add_text(page, "</td><td class=\"left\">");
	html_text(page, total ? span_of("") : report_name(report, group->name));
	buf_add_text(page, "</td>");
	for (size_t i = 0; i < section->count; i++) {
		enum figure figure = section->figures[i];
		cell_open(page, group, figure);
		figure_write(page, group, figure, false);
		if (figure_rows[figure].shape == SHAPE_TIME && group_value(group, figure).known) {
			buf_add_text(page, " / ");
			figure_write(page, group, figure, true);
		}
		buf_add_text(page, "</td>");
	}
	buf_add_text(page, "</tr>\n");
}

static void section_write(struct buf *page, const struct report *report, const struct report_section *section)
{
	buf_printf(page, "<h2>%s</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table class=\"sorts\"><thead><tr><th>#</th><th class=\"left\">%s</th><th class=\"left\">name</th>",
		section->title, section->title, report_by_name(report->by));
	for (size_t i = 0; i < section->count; i++)
		buf_printf(page, "<th title=\"%s\">%s <span lang=\"zh\">%s</span></th>", figure_rows[section->figures[i]].meaning, figure_rows[section->figures[i]].label,
			figure_rows[section->figures[i]].chinese);
	buf_add_text(page, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < report->grouping->count; i++)
		row_write(page, report, section, &report->grouping->groups[i], false);
	buf_add_text(page, "</tbody><tfoot>\n");
	row_write(page, report, section, &report->grouping->total, true);
	buf_add_text(page, "</tfoot></table></div>\n");
}

static void meanings_write(struct buf *page, const struct report *report)
{
	buf_printf(page, "<h2>What the figures are</h2>\n<p>The cases behind each: <code>reeve report ... --by %s --cases NAME[:%s]</code> with the name from this list.</p>\n<dl>\n",
		report_by_name(report->by), report_by_name(report->by));
	for (int figure = 0; figure < FIGURE_COUNT; figure++)
		buf_printf(page, "<dt><code>%s</code> <span lang=\"zh\">%s</span></dt><dd>%s</dd>\n", figure_rows[figure].name, figure_rows[figure].chinese, figure_rows[figure].meaning);
	buf_add_text(page, "</dl>\n");
}

void report_html(const struct report *report, FILE *out)
{
	struct buf page = {0};

	head_write(&page, report);
	tiles_write(&page, &report->grouping->total);
	buf_add_text(&page, "<h2>At a glance</h2>\n<div class=\"charts\">\n");
	chart_on_time(&page, report);
	chart_lights(&page, report);
	chart_stages(&page, report);
	chart_weeks(&page, report);
	buf_add_text(&page, "</div>\n");
	for (size_t i = 0; i < report_section_count; i++)
		section_write(&page, report, &report_sections[i]);
	meanings_write(&page, report);
	buf_printf(&page, "<script>\n%s</script>\n</body>\n</html>\n", page_js);
	fwrite(page.data, 1, page.len, out);
	buf_free(&page);
}
