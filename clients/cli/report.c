/* `reeve report`: the figures of a period. Owns the options and the order of work: names of the policy, period, events, groups, then
 * one of the writers. What a figure is stands in figures/figures.def and docs/FIGURES.md; here nothing is computed. */
#include "clients/cli/report.h"

#include <errno.h>
#include <stdlib.h>

#include "clients/cli/moment.h"

const struct option_row figures_options[] = {
	OPTION_VALUE("month", "YYYY-MM", "the month (this one)"),
	OPTION_VALUE("from", "TIME", "instead of a month: beginning, inclusive"),
	OPTION_VALUE("to", "TIME", "end, exclusive (now)"),
	OPTION_VALUE("by", "WHAT", "unit, area, category or first-contact (unit)"),
	OPTION_VALUE("depth", "N", "cut codes like a/b/c after N parts, and so take what is below together (whole)"),
	OPTION_VALUE("rank", "FIGURE", "best first by this figure (on_time_rate)"),
	OPTION_VALUE("format", "FORMAT", "table, csv, json or html (table)"),
	OPTION_VALUE("out", "FILE", "write there (standard output)"),
	OPTION_VALUE("cases", "FIGURE[:GROUP]", "instead: the cases behind a figure, of one group or of all"),
	OPTION_END,
};

#define SECTION(title, list) {title, list, sizeof list / sizeof *list}
static const enum figure rates[] = {FIGURE_response_rate, FIGURE_resolution_rate, FIGURE_satisfaction_rate, FIGURE_confirmation_rate, FIGURE_on_time_rate,
	FIGURE_due, FIGURE_on_time, FIGURE_late, FIGURE_due_paused, FIGURE_opened, FIGURE_closed};
static const enum figure returns[] = {FIGURE_returns, FIGURE_transfers, FIGURE_passing, FIGURE_recalls, FIGURE_extensions, FIGURE_suspensions, FIGURE_reworks,
	FIGURE_redos, FIGURE_reopens, FIGURE_reminders, FIGURE_supervisions, FIGURE_escalations, FIGURE_unanswered, FIGURE_merged, FIGURE_not_admitted};
static const enum figure lights[] = {FIGURE_open, FIGURE_green, FIGURE_yellow, FIGURE_red, FIGURE_paused, FIGURE_unpromised};
static const enum figure times[] = {FIGURE_time_received, FIGURE_time_triaged, FIGURE_time_dispatched, FIGURE_time_in_progress, FIGURE_time_suspended,
	FIGURE_time_reported, FIGURE_time_calling_back, FIGURE_time_total};
const struct report_section report_sections[] = {
	SECTION("Rates and promises", rates),
	SECTION("Back and forth", returns),
	SECTION("Open at the end", lights),
	SECTION("Time in each stage: median / 90 % within", times),
};
const size_t report_section_count = sizeof report_sections / sizeof *report_sections;

static const char *const by_names[] = {[BY_UNIT] = "unit", [BY_AREA] = "area", [BY_CATEGORY] = "category", [BY_FIRST_CONTACT] = "first-contact"};

const char *report_by_name(enum figures_by by)
{
	return by_names[by];
}

struct span report_code(const struct report *report, struct span group)
{
	static const char *const none[] = {[BY_UNIT] = "(no unit)", [BY_AREA] = "(no area)", [BY_CATEGORY] = "(no category)", [BY_FIRST_CONTACT] = "(no unit)"};

	return group.len ? group : span_of(none[report->by]);
}

/* Areas are grouped by their path; the policy knows its last part. */
struct span report_name(const struct report *report, struct span group)
{
	static const enum called_of tables[] = {[BY_UNIT] = CALLED_UNITS, [BY_AREA] = CALLED_AREAS, [BY_CATEGORY] = CALLED_CATEGORIES, [BY_FIRST_CONTACT] = CALLED_UNITS};
	struct span code = group;

	if (report->by == BY_AREA)
		for (size_t i = 0; i < group.len; i++)
			if (group.data[i] == '/')
				code = (struct span){group.data + i + 1, group.len - i - 1};
	struct span name = called_find(report->names, tables[report->by], code);
	return name.len ? name : report_code(report, group);
}

static bool by_take(struct report *report, const struct options *options)
{
	const char *by = options_text(options, "by"), *rank = options_text(options, "rank");
	int64_t depth;

	report->by = BY_UNIT;
	if (by) {
		size_t found = 0;
		while (found < sizeof by_names / sizeof *by_names && strcmp(by_names[found], by) != 0)
			found++;
		if (found == sizeof by_names / sizeof *by_names)
			return cli_usage(report->cli, "--by %s: unit, area, category or first-contact is wanted", by), false;
		report->by = (enum figures_by)found;
	}
	report->rank = rank ? figure_find(span_of(rank)) : FIGURE_on_time_rate;
	if (report->rank == FIGURE_COUNT)
		return cli_usage(report->cli, "--rank %s: no figure is called so; reeve(1) lists them", rank), false;
	if (!options_number(options, "depth", 0, 32, 0, &depth))
		return false;
	report->depth = (size_t)depth;
	return true;
}

/* The daemon's time ends an unfinished period, one millisecond after what has happened by now. */
static int now_ask(struct report *report)
{
	struct record command, reply;

	record_clear(&command);
	record_set(&command, command, COMMAND_hello);
	int result = cli_request(report->cli, &command, &reply);
	if (result == DONE)
		report->until = record_get(&reply, now, moment_now()) + 1;
	return result;
}

static const char *format_of(const struct cli *cli, const struct options *options)
{
	static const char *const formats[] = {"table", "csv", "json", "html"};
	const char *format = options_text(options, "format");

	if (!format)
		return cli->json ? "json" : "table";
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(format, formats[i]) == 0)
			return formats[i];
	cli_usage(cli, "--format %s: table, csv, json or html is wanted", format);
	return NULL;
}

static int report_write(const struct report *report, const struct options *options, const char *format, FILE *out)
{
	const char *cases = options_text(options, "cases");

	if (cases)
		return report_cases(report, cases, format, out);
	if (strcmp(format, "csv") == 0)
		report_csv(report, out);
	else if (strcmp(format, "json") == 0)
		report_json(report, out);
	else if (strcmp(format, "html") == 0)
		report_html(report, out);
	else
		report_table(report, out);
	return DONE;
}

/* A file is whole or is said not to be. */
static int report_deliver(const struct report *report, const struct options *options, const char *format)
{
	const char *path = options_text(options, "out");
	FILE *out = path ? fopen(path, "wb") : stdout;

	if (!out) {
		fprintf(stderr, "reeve: --out %s: %s\n", path, strerror(errno));
		return USAGE;
	}
	int result = report_write(report, options, format, out);
	bool failed = fflush(out) != 0 || ferror(out);
	if (path && fclose(out) != 0)
		failed = true;
	if (failed)
		fprintf(stderr, "reeve: %s could not be written: %s\n", path ? path : "standard output", strerror(errno));
	return failed ? REFUSED : result;
}

static int report_run(struct report *report, const struct options *options)
{
	const char *format = format_of(report->cli, options);
	int result = format && by_take(report, options) ? now_ask(report) : USAGE;

	if (result != DONE)
		return result;
	report->names = called_read(report->cli);
	report->zone = report->cli->zone ? report->cli->zone : called_zone(report->names);
	if (!report_period(report, options))
		return USAGE;
	if (report->until <= report->from) {
		fprintf(stderr, "reeve: the period has not begun yet by the daemon's time\n");
		return REFUSED;
	}
	result = report_read(report);
	if (result != DONE)
		return result;
	report->grouping = figures_group(report->figures, report->by, report->depth);
	grouping_rank(report->grouping, report->rank);
	report_weeks(report);
	return report_deliver(report, options, format);
}

int run_report(struct cli *cli, const struct options *options)
{
	struct report *report = must_calloc(1, sizeof *report);

	report->cli = cli;
	int result = report_run(report, options);
	grouping_free(report->grouping);
	figures_free(report->figures);
	called_free(report->names);
	free(report);
	return result;
}
