/* The comparison: what two streams of events have apart, as sheets. */
#ifndef REEVE_REHEARSE_REPORT_H
#define REEVE_REHEARSE_REPORT_H

#include "rehearse/play.h"
#include "rehearse/sheet.h"

enum { RECORDED, BEFORE, AFTER, STREAMS };

struct report {
	const struct tally *streams[STREAMS]; /* settled in `names`; BEFORE may be RECORDED again */
	const struct play *before, *after;    /* before: NULL when it is what was recorded */
	bool same_rules;                      /* BEFORE was played by the recorded policies: it tells how good the model is */
	const struct names *names;
	const struct policy *policy, *old;    /* for names: the proposed one, and the one before it */
	int64_t cases;                        /* the highest recorded number */
	struct book *book;
};

/* How true the rehearsal of the recorded policies is to what was recorded: cases that agree, of all. */
struct fidelity {
	int64_t cases, due, unit, late, state, notices;
	int64_t all; /* agree in every one of these */
};
struct fidelity report_fidelity(const struct report *report);

/* Fills the book. Every sheet that has parts of a whole is checked to add up. */
void report_make(const struct report *report);

/* --- shared by the report's files --- */

#define FEW 30 /* cases: below, a share or a median says little */

/* Of one case. */
const struct case_tally *report_case(const struct report *report, int stream, int64_t number);
/* Past its promise: closed late, or open with the promise behind it. */
bool case_overdue(const struct case_tally *row, int64_t end);
/* The proposed policy's name for a code, the old one's, or nothing. */
struct span area_name(const struct report *report, uint32_t area);
struct span unit_name(const struct report *report, uint32_t unit);
struct span category_name(const struct report *report, uint32_t category);
/* Code and name as two cells. */
void cells_name(const struct report *report, struct sheet *sheet, uint32_t code, struct span name);
/* before, after, change as three counts. */
void cells_change(struct sheet *sheet, int64_t before, int64_t after);
/* Shares of wholes and their difference in points, marked when either whole is small. */
void cells_shares(struct sheet *sheet, int64_t before, int64_t before_all, int64_t after, int64_t after_all);

void report_rules(const struct report *report);   /* what the proposal changes */
void report_figures(const struct report *report); /* headline, clocks, stages */
void report_notices(const struct report *report); /* ladders and audiences */
void report_units(const struct report *report);   /* loads, and who changed hands */
void report_groups(const struct report *report);  /* areas and categories */
void report_promises(const struct report *report);
void report_cases(const struct report *report);   /* what could not be repeated, and the cases that change most */

#endif
