/* From which moment to which: --month, or --from and --to, in the zone of --zone, else of the city's policy. Months and weeks begin
 * at midnight there, so a month with a change of the clocks is an hour longer or shorter. Weeks begin on Monday. */
#include "clients/cli/report.h"

#include <time.h>

#include "clients/cli/moment.h"

/* The first of a month, months after the one given. */
static bool month_read(const char *text, int months, const char *zone, int64_t *ret_ms)
{
	unsigned year, month;
	char day[32];
	int used = 0;

	if (sscanf(text, "%4u-%2u%n", &year, &month, &used) != 2 || text[used] || used != 7 || month < 1 || month > 12)
		return false;
	month += (unsigned)months;
	snprintf(day, sizeof day, "%04u-%02u-01", year + (month - 1) / 12, (month - 1) % 12 + 1);
	return moment_read(span_of(day), zone, ret_ms);
}

static bool moment_option(const struct report *report, const struct options *options, const char *name, int64_t *ret_ms)
{
	const char *text = options_text(options, name);

	if (!text || moment_read(span_of(text), report->zone, ret_ms))
		return true;
	cli_usage(report->cli, "--%s %s: a time like 2011-07-01 or 2011-07-01T08:30 is wanted", name, text);
	return false;
}

bool report_period(struct report *report, const struct options *options)
{
	const char *month = options_text(options, "month");
	char now[MOMENT_TEXT];

	if (month && (options_flag(options, "from") || options_flag(options, "to")))
		return cli_usage(report->cli, "--month stands alone, or --from and --to do"), false;
	if (!month && !options_flag(options, "from")) {
		moment_write(report->until, report->zone, now); /* the daemon's time: its month */
		now[7] = '\0';
		month = now;
	}
	if (month && (!month_read(month, 0, report->zone, &report->from) || !month_read(month, 1, report->zone, &report->to)))
		return cli_usage(report->cli, "--month %s: a month like 2011-08 is wanted", month), false;
	if (!options_flag(options, "to") && options_flag(options, "from"))
		report->to = report->until;
	if (!moment_option(report, options, "from", &report->from) || !moment_option(report, options, "to", &report->to))
		return false;
	if (report->from >= report->to)
		return cli_usage(report->cli, "the period ends before it begins"), false;
	if (report->until > report->to)
		report->until = report->to;
	return true;
}

/* The midnight that begins the day so many days after the one of a text like 2011-07-01T... */
static int64_t midnight_after(const char *date, int days, const char *zone, int *ret_weekday)
{
	struct tm day = {0};
	char text[32];
	int64_t at = 0;

	if (sscanf(date, "%d-%d-%d", &day.tm_year, &day.tm_mon, &day.tm_mday) != 3)
		return INT64_MAX;
	day.tm_year -= 1900;
	day.tm_mon -= 1;
	day.tm_mday += days;
	timegm(&day);
	*ret_weekday = day.tm_wday;
	strftime(text, sizeof text, "%Y-%m-%d", &day);
	return moment_read(span_of(text), zone, &at) ? at : INT64_MAX;
}

void report_weeks(struct report *report)
{
	char date[MOMENT_TEXT];
	int weekday;

	moment_write(report->from, report->zone, date);
	(void)midnight_after(date, 0, report->zone, &weekday);
	int days = (8 - weekday) % 7 ? (8 - weekday) % 7 : 7;
	report->bounds[0] = report->from;
	report->bound_count = 1;
	for (; report->bound_count < WEEKS_MOST; days += 7) {
		int64_t next = midnight_after(date, days, report->zone, &weekday);
		if (next >= report->until)
			break;
		report->bounds[report->bound_count++] = next;
	}
	report->bounds[report->bound_count++] = report->until;
}
