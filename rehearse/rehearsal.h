/* One rehearsal from the journal to the comparison. */
#ifndef REEVE_REHEARSE_REHEARSAL_H
#define REEVE_REHEARSE_REHEARSAL_H

#include "rehearse/report.h"

enum baseline {
	BASELINE_JOURNAL,  /* the recorded policies, rehearsed: what is compared differs by the rules alone */
	BASELINE_RECORDED, /* what was recorded itself */
	BASELINE_POLICY,   /* another policy, rehearsed */
};

struct rehearsal {
	/* given */
	const char *from;
	const char *policy[8], *against[8]; /* directories, later ones over earlier ones */
	size_t policy_count, against_count; /* no policy: the recorded ones are only checked */
	enum baseline baseline;
	bool quiet;                         /* no progress on standard error */
	const char *model;                  /* file of the triage's classifier, NULL: none */
	/* made */
	struct history history;
	struct model *classifier;
	struct policy **recorded; /* to read old events by */
	size_t recorded_count;
	struct play fold, before, after;
	struct names names;
	const struct policy *names_policy, *names_old;
	struct policy *kept[2];   /* copies that outlive the plays */
	struct book book;
	struct report report;
	struct fidelity fidelity;
	char error[512];
};

/* Reads everything and compiles the policies. 0, or -1: error says why, or is empty when the findings were printed. */
int rehearsal_open(struct rehearsal *rehearsal);
/* Plays, in threads; shows progress on standard error when it takes longer than a second. 0 or -1 with error. */
int rehearsal_run(struct rehearsal *rehearsal);
/* Takes what a failed one left. */
void rehearsal_close(struct rehearsal *rehearsal);

#endif
