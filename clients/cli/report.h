/* What the files of `reeve report` share: the period, the figures by group, and who they are in words. */
#ifndef REEVE_CLI_REPORT_H
#define REEVE_CLI_REPORT_H

#include "clients/cli/command.h"
#include "clients/cli/called.h"
#include "figures/figures.h"

#define WEEKS_MOST 520

struct report {
	struct cli *cli;
	const char *zone;
	int64_t from, to;        /* the period that was asked for */
	int64_t until;           /* where the figures end: to, or behind the daemon's time when that is earlier */
	int64_t seq;             /* the last event that counted */
	enum figures_by by;
	size_t depth;
	enum figure rank;
	struct figures *figures;
	struct grouping *grouping;
	struct called *names;
	int64_t bounds[WEEKS_MOST + 1]; /* weeks: from each bound to the next */
	size_t bound_count;
};

/* Figures that are shown together. */
struct report_section {
	const char *title;
	const enum figure *figures;
	size_t count;
};
extern const struct report_section report_sections[];
extern const size_t report_section_count;

/* unit, area, category, first-contact */
const char *report_by_name(enum figures_by by);
/* The group in words; its code when the policy has no name for it. */
struct span report_name(const struct report *report, struct span group);
/* "no unit", ... for the group without a name, else the group. */
struct span report_code(const struct report *report, struct span group);

/* report_period.c: false after it printed what is wrong. */
bool report_period(struct report *report, const struct options *options);
void report_weeks(struct report *report);

/* report_read.c: all events up to the end of the period through the figures. DONE, REFUSED or NO_DAEMON. */
int report_read(struct report *report);

/* One writer for each format. */
void report_table(const struct report *report, FILE *out);
void report_csv(const struct report *report, FILE *out);
void report_json(const struct report *report, FILE *out);
void report_html(const struct report *report, FILE *out);
/* report_cases.c: the facts behind one figure. */
int report_cases(const struct report *report, const char *wanted, const char *format, FILE *out);

/* A value as people read it: 1,234 or 86.4 % or 3.2 d; "-" when it is not known. Times: the median, or with p90 that. */
void figure_write(struct buf *buf, const struct group *group, enum figure figure, bool p90);
void span_write(struct buf *buf, int64_t ms);
/* With quotes around it. */
void json_string(struct buf *buf, struct span text);
/* Quoted where it must be. */
void csv_cell(struct buf *buf, struct span text);
/* RFC 3339 in UTC. */
void json_moment(struct buf *buf, int64_t ms);

#endif
