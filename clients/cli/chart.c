/* Charts as SVG. Every bar and point has its number beside it in words, so nothing is said by colour alone; colours come from the
 * page's style (they differ in lightness too), which also knows dark and print. Each chart has a title and a description for who hears
 * it instead, and its numbers stand in a table of the page.
 *
 * Widths are places of a drawing 560 wide that the page scales. Nothing here computes a figure. */
#include "clients/cli/chart.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "clients/cli/moment.h"

#define WIDTH 560
#define GUTTER 186 /* names, right-aligned */
#define TAIL 118   /* numbers behind the bars */
#define SPACE (WIDTH - GUTTER - TAIL)
#define ROW 26
#define ROWS_MOST 24
#define LABEL_PLACES 23

static void chart_begin(struct buf *page, const char *id, const char *title, const char *note, const char *description, int height)
{
	buf_printf(page, "<figure><figcaption>%s<small>%s</small></figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-t %s-d\">"
		"<title id=\"%s-t\">%s</title><desc id=\"%s-d\">%s</desc>\n", title, note, WIDTH, height, id, id, id, title, id, description);
}

static void label_draw(struct buf *page, const struct report *report, const struct group *group, int y)
{
	buf_printf(page, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", GUTTER - 10, y + 17);
	html_label(page, report_name(report, group->name), LABEL_PLACES);
	buf_add_text(page, "</text>");
}

static void bar_draw(struct buf *page, const char *class, double x, int y, double width)
{
	buf_printf(page, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", class, x, y + 4, width < 0.5 ? 0.5 : width, ROW - 9);
}

/* Those with the most of a figure, in the order of the ranking; returns how many. */
static size_t largest(const struct report *report, enum figure figure, const struct group **ret_groups)
{
	int64_t least = 1;
	size_t count = 0;

	for (;; least *= 2) {
		count = 0;
		for (size_t i = 0; i < report->grouping->count; i++)
			count += group_value(&report->grouping->groups[i], figure).part >= least;
		if (count <= ROWS_MOST)
			break;
	}
	count = 0;
	for (size_t i = 0; i < report->grouping->count; i++)
		if (group_value(&report->grouping->groups[i], figure).part >= least)
			ret_groups[count++] = &report->grouping->groups[i];
	return count;
}

static void note_write(char *note, size_t size, const struct report *report, size_t shown, enum figure figure, const char *otherwise)
{
	size_t all = 0;

	for (size_t i = 0; i < report->grouping->count; i++)
		all += group_value(&report->grouping->groups[i], figure).part > 0;
	if (shown < all)
		snprintf(note, size, "%s; the %zu largest of %zu, the others are in the tables below", otherwise, shown, all);
	else
		snprintf(note, size, "%s", otherwise);
}

void chart_on_time(struct buf *page, const struct report *report)
{
	const struct group *groups[ROWS_MOST];
	size_t count = largest(report, FIGURE_due, groups);
	char title[96], note[160];

	if (!count)
		return;
	snprintf(title, sizeof title, "Closed on time by %s <span lang=\"zh\">按期办结率</span>", report_by_name(report->by));
	note_write(note, sizeof note, report, count, FIGURE_due, "Share of the promises that fell due in the period");
	buf_printf(page, "<figure><figcaption>%s<small>%s</small></figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"on-t on-d\">"
		"<title id=\"on-t\">Closed on time by %s</title><desc id=\"on-d\">A bar for each, from 0 to 100 %%; the same numbers are in the table of rates.</desc>\n",
		title, note, WIDTH, (int)count * ROW + 4, report_by_name(report->by));
	for (size_t i = 0; i < count; i++) {
		struct figure_value value = group_value(groups[i], FIGURE_on_time_rate);
		struct buf text = {0};
		int y = (int)i * ROW;
		figure_write(&text, groups[i], FIGURE_on_time_rate, false);
		label_draw(page, report, groups[i], y);
		bar_draw(page, "back", GUTTER, y, SPACE);
		bar_draw(page, "main", GUTTER, y, value.whole ? (double)SPACE * (double)value.part / (double)value.whole : 0);
		buf_printf(page, "<text x=\"%d\" y=\"%d\">%.*s <tspan class=\"soft\">of %" PRId64 "</tspan></text>\n", WIDTH - TAIL + 8, y + 17,
			(int)text.len, text.data, value.whole);
		buf_free(&text);
	}
	buf_add_text(page, "</svg></figure>\n");
}

static const enum figure lights[] = {FIGURE_green, FIGURE_yellow, FIGURE_red, FIGURE_paused, FIGURE_unpromised};
static const char *const light_classes[] = {"good", "warn", "bad", "idle", "spare"};
static const char *const light_words[] = {"before 80 %", "80 to 100 %", "over", "suspended", "no promise"};

static void lights_legend(struct buf *page)
{
	int x = 8;

	for (size_t i = 0; i < 5; i++) {
		buf_printf(page, "<rect class=\"%s\" x=\"%d\" y=\"4\" width=\"12\" height=\"12\"/><text x=\"%d\" y=\"15\">%s</text>", light_classes[i], x, x + 17, light_words[i]);
		x += 30 + (int)strlen(light_words[i]) * 7;
	}
}

static void lights_row(struct buf *page, const struct report *report, const struct group *group, int y, int64_t most)
{
	double x = GUTTER;

	label_draw(page, report, group, y);
	for (size_t i = 0; i < 5; i++) {
		int64_t cases = group->count[lights[i]];
		double width = (double)SPACE * (double)cases / (double)most;
		if (!cases)
			continue;
		buf_printf(page, "<rect class=\"%s edge\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s: %" PRId64 "</title></rect>",
			light_classes[i], x, y + 4, width < 1 ? 1 : width, ROW - 9, light_words[i], cases);
		x += width;
	}
	buf_printf(page, "<text x=\"%.1f\" y=\"%d\">%" PRId64 "%s", x + 8, y + 17, group->count[FIGURE_open], group->count[FIGURE_red] ? "" : "</text>\n");
	if (group->count[FIGURE_red])
		buf_printf(page, " <tspan class=\"soft\">(%" PRId64 " over)</tspan></text>\n", group->count[FIGURE_red]);
}

void chart_lights(struct buf *page, const struct report *report)
{
	const struct group *groups[ROWS_MOST];
	size_t count = largest(report, FIGURE_open, groups);
	int64_t most = 1;
	char note[160];

	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		if (groups[i]->count[FIGURE_open] > most)
			most = groups[i]->count[FIGURE_open];
	note_write(note, sizeof note, report, count, FIGURE_open, "Open cases at the end of the period, by how much of the promised time has passed");
	buf_printf(page, "<figure><figcaption>Traffic lights <span lang=\"zh\">红黄绿灯</span><small>%s</small></figcaption>\n"
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"li-t li-d\"><title id=\"li-t\">Traffic lights by %s</title>"
		"<desc id=\"li-d\">A bar for each, stacked: before 80 %%, 80 to 100 %%, over the promise, suspended, without a promise. The numbers are in the table of open cases.</desc>\n",
		note, WIDTH, (int)count * ROW + 30, report_by_name(report->by));
	lights_legend(page);
	for (size_t i = 0; i < count; i++)
		lights_row(page, report, groups[i], 24 + (int)i * ROW, most);
	buf_add_text(page, "</svg></figure>\n");
}

/* ---- stages: median and 90 % on one logarithmic line from a minute up ---- */

static const struct {
	int64_t ms;
	const char *word;
} ticks[] = {{60000, "1 min"}, {600000, "10 min"}, {3600000, "1 h"}, {36000000, "10 h"}, {86400000, "1 d"}, {604800000, "1 week"},
	{2592000000, "30 d"}, {31536000000, "1 year"}};

static double stage_x(int64_t ms, int64_t most)
{
	double part = ms <= 60000 ? 0 : log((double)ms / 60000.0) / log((double)most / 60000.0);

	return GUTTER + part * SPACE;
}

static void stages_axis(struct buf *page, int64_t most, int bottom)
{
	double last = -100;

	for (size_t i = 0; i < sizeof ticks / sizeof *ticks && ticks[i].ms <= most; i++) {
		double x = stage_x(ticks[i].ms, most);
		if (x - last < 40)
			continue;
		last = x;
		buf_printf(page, "<line class=\"grid\" x1=\"%.1f\" y1=\"0\" x2=\"%.1f\" y2=\"%d\"/><text class=\"soft\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%s%s</text>\n",
			x, x, bottom, x, bottom + 16, i ? "" : "≤ ", ticks[i].word);
	}
}

static void stage_row(struct buf *page, const struct group *group, enum figure figure, int y, int64_t most)
{
	struct figure_value value = group_value(group, figure);
	double median = stage_x(value.median_ms, most), p90 = stage_x(value.p90_ms, most);
	struct buf text = {0};

	span_write(&text, value.median_ms);
	buf_add_text(&text, " / ");
	span_write(&text, value.p90_ms);
	buf_printf(page, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s %s</text><line class=\"span\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
		"<circle class=\"main\" cx=\"%.1f\" cy=\"%d\" r=\"5.5\"/><rect class=\"main\" x=\"%.1f\" y=\"%d\" width=\"4\" height=\"14\"/>"
		"<text x=\"%d\" y=\"%d\">%.*s</text>\n", GUTTER - 10, y + 17, figure_rows[figure].label, figure_rows[figure].chinese,
		median, y + 13, p90, y + 13, median, y + 13, p90 - 2, y + 6, WIDTH - TAIL + 16, y + 17, (int)text.len, text.data);
	buf_free(&text);
}

static void stages_table(struct buf *page, const struct group *group)
{
	buf_add_text(page, "<details><summary>As a table</summary><div class=\"scroll\"><table><thead><tr><th class=\"left\">Stage</th><th>left</th>"
		"<th>median</th><th>90 % within</th></tr></thead><tbody>\n");
	for (int figure = FIGURE_time_received; figure <= FIGURE_time_total; figure++) {
		struct buf median = {0}, p90 = {0};
		figure_write(&median, group, (enum figure)figure, false);
		figure_write(&p90, group, (enum figure)figure, true);
		buf_printf(page, "<tr><td class=\"left\">%s <span lang=\"zh\">%s</span></td><td>%" PRId64 "</td><td>%.*s</td><td>%.*s</td></tr>\n", figure_rows[figure].label,
			figure_rows[figure].chinese, group->count[figure], (int)median.len, median.data, (int)p90.len, p90.data);
		buf_free(&median);
		buf_free(&p90);
	}
	buf_add_text(page, "</tbody></table></div></details>");
}

void chart_stages(struct buf *page, const struct report *report)
{
	const struct group *total = &report->grouping->total;
	int64_t most = 3600000;
	int rows = 0, y = 0;

	for (int figure = FIGURE_time_received; figure <= FIGURE_time_total; figure++) {
		rows += total->count[figure] > 0;
		if (total->p90_ms[figure] > most)
			most = total->p90_ms[figure];
	}
	if (!rows)
		return;
	chart_begin(page, "st", "Time in each stage", "The dot is the median, nine in ten took no longer than the bar's end; each step of the scale is a multiple",
		"A line for each stage from its median to its 90th percentile on a logarithmic scale; a table follows.", rows * ROW + 26);
	stages_axis(page, most, rows * ROW);
	for (int figure = FIGURE_time_received; figure <= FIGURE_time_total; figure++) {
		if (!total->count[figure])
			continue;
		stage_row(page, total, (enum figure)figure, y, most);
		y += ROW;
	}
	buf_add_text(page, "</svg>\n");
	stages_table(page, total);
	buf_add_text(page, "</figure>\n");
}

/* ---- weeks ---- */

static const enum figure trends[] = {FIGURE_opened, FIGURE_closed, FIGURE_late};
static const char *const trend_names[] = {"opened", "closed", "late"};
#define PLOT_HEIGHT 200
#define PLOT_LEFT 44
#define PLOT_RIGHT (WIDTH - 66)

static double week_x(size_t week, size_t count)
{
	return count > 1 ? PLOT_LEFT + (double)(PLOT_RIGHT - PLOT_LEFT) * (double)week / (double)(count - 1) : (PLOT_LEFT + PLOT_RIGHT) / 2.0;
}

static double week_y(int64_t value, int64_t most)
{
	return 12 + PLOT_HEIGHT - (double)PLOT_HEIGHT * (double)value / (double)most;
}

/* 1, 2 or 5 times a power of ten, four or five to the top. */
static int64_t step_of(int64_t most)
{
	int64_t step = 1;

	while (most / step > 5) {
		int64_t lead = step;
		while (lead >= 10)
			lead /= 10;
		step = lead == 2 ? step / 2 * 5 : step * 2;
	}
	return step;
}

static void weeks_axes(struct buf *page, const struct report *report, size_t count, int64_t most)
{
	char date[MOMENT_TEXT];

	for (int64_t value = 0; value <= most; value += step_of(most))
		buf_printf(page, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/><text class=\"soft\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%" PRId64 "</text>\n",
			PLOT_LEFT, week_y(value, most), PLOT_RIGHT, week_y(value, most), PLOT_LEFT - 8, week_y(value, most) + 4, value);
	for (size_t i = 0; i < count; i += 1 + (count - 1) / 9) {
		moment_write(report->bounds[i], report->zone, date);
		buf_printf(page, "<text class=\"soft\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%.5s</text>\n", week_x(i, count), PLOT_HEIGHT + 32, date + 5);
	}
}

static void weeks_line(struct buf *page, size_t line, const int64_t *sums, size_t count, int64_t most)
{
	static const char *const classes[] = {"main", "good", "bad"};

	buf_printf(page, "<polyline class=\"line l%zu\" points=\"", line);
	for (size_t i = 0; i < count; i++)
		buf_printf(page, "%.1f,%.1f ", week_x(i, count), week_y(sums[i], most));
	buf_add_text(page, "\"/>");
	for (size_t i = 0; i < count; i++)
		buf_printf(page, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s: %" PRId64 "</title></circle>", classes[line], week_x(i, count),
			week_y(sums[i], most), trend_names[line], sums[i]);
	buf_add_text(page, "\n");
}

/* Names at the ends of the lines, moved apart where they would cover each other. */
static void weeks_names(struct buf *page, int64_t (*sums)[WEEKS_MOST], size_t count, int64_t most)
{
	double at[3], taken = -100;
	size_t order[3] = {0, 1, 2};

	for (size_t i = 0; i < 3; i++)
		at[i] = week_y(sums[i][count - 1], most);
	for (size_t i = 0; i < 3; i++)
		for (size_t j = i + 1; j < 3; j++)
			if (at[order[j]] < at[order[i]]) {
				size_t other = order[i];
				order[i] = order[j];
				order[j] = other;
			}
	for (size_t i = 0; i < 3; i++) { /* the axis is the floor: room is left for those that come */
		double floor = week_y(0, most) - 15.0 * (double)(2 - i), y = at[order[i]] < taken + 15 ? taken + 15 : at[order[i]];
		taken = y > floor ? floor : y;
		buf_printf(page, "<text x=\"%.1f\" y=\"%.1f\">%s</text>", week_x(count - 1, count) + 10, taken + 4, trend_names[order[i]]);
	}
}

static void weeks_table(struct buf *page, const struct report *report, int64_t (*sums)[WEEKS_MOST], size_t count)
{
	char date[MOMENT_TEXT];

	buf_add_text(page, "<details><summary>As a table</summary><div class=\"scroll\"><table><thead><tr><th class=\"left\">Week from</th><th>opened</th><th>closed</th>"
		"<th>late</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < count; i++) {
		moment_write(report->bounds[i], report->zone, date);
		buf_printf(page, "<tr><td class=\"left\">%.10s</td><td>%" PRId64 "</td><td>%" PRId64 "</td><td>%" PRId64 "</td></tr>\n", date, sums[0][i], sums[1][i], sums[2][i]);
	}
	buf_add_text(page, "</tbody></table></div></details>");
}

void chart_weeks(struct buf *page, const struct report *report)
{
	static int64_t sums[3][WEEKS_MOST];
	size_t count = report->bound_count - 1;
	int64_t most = 1;

	for (size_t i = 0; i < 3; i++) {
		figures_bins(report->figures, trends[i], report->bounds, report->bound_count, sums[i]);
		for (size_t week = 0; week < count; week++)
			most = sums[i][week] > most ? sums[i][week] : most;
	}
	chart_begin(page, "we", "Week by week", "Weeks begin on Monday; the first and the last can be shorter. Late: promises that fell due and were not kept",
		"Three lines over the weeks of the period: cases opened, closed, and late; a table follows.", PLOT_HEIGHT + 40);
	weeks_axes(page, report, count, most);
	for (size_t i = 0; i < 3; i++)
		weeks_line(page, i, sums[i], count, most);
	weeks_names(page, sums, count, most);
	buf_add_text(page, "</svg>\n");
	weeks_table(page, report, sums, count);
	buf_add_text(page, "</figure>\n");
}
