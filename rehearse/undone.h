/* What people did in the past and could not do again in a rehearsal, and why. */
#ifndef REEVE_REHEARSE_UNDONE_H
#define REEVE_REHEARSE_UNDONE_H

#include "core/record.h"

#define UNDONE_ROWS 256 /* kinds of command times reasons: the rest goes into the last row */

enum undone_why {
	UNDONE_REFUSED,   /* the core said no: `error` says why */
	UNDONE_NO_CASE,   /* its report was not taken, so there is no case */
	UNDONE_CHANGED,   /* done, but without what `error` says the policy does not know */
	UNDONE_UNKNOWN,   /* `event` is by a person, but this program knows no command behind it */
};

struct undone_row {
	enum undone_why why;
	uint8_t command, event, error;
	int64_t count;
	int64_t example; /* the first case, by its recorded number */
};

struct undone {
	struct undone_row rows[UNDONE_ROWS];
	size_t count;
};

void undone_add(struct undone *undone, struct undone_row row);
/* Commands that were not done at all. */
int64_t undone_total(const struct undone *undone);
/* By command, then reason. */
void undone_sort(struct undone *undone);

#endif
