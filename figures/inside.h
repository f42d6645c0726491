/* What the files of figures/ share. */
#ifndef REEVE_FIGURES_INSIDE_H
#define REEVE_FIGURES_INSIDE_H

#include "figures/figures.h"

#include <uthash.h>

/* One case, as far as figures need it. */
struct subject {
	int64_t number;
	int64_t reported_at, entered_at, closed_at;
	int64_t due, warn;
	int64_t sign_due;
	uint32_t unit, area, category, first_contact, sign_unit;
	uint8_t state, outcome;
	bool promised, signing, unsolved; /* unsolved: the resident said so at the closing */
	UT_hash_handle hh;
};

struct name {
	uint32_t id;
	UT_hash_handle hh;
	char text[];
};

struct figures {
	int64_t from, to;
	struct subject *subjects; /* by number */
	struct name *by_text;
	struct name **names;      /* by id - 1 */
	size_t name_count, name_room;
	struct fact *facts;
	size_t fact_count, fact_room;
	int64_t unknown;
};

uint32_t name_of(struct figures *figures, struct span text);
/* Kept only when its moment lies in the period. */
void fact_add(struct figures *figures, enum figure figure, const struct subject *subject, uint32_t unit, int64_t at, int64_t span_ms, bool met);

#endif
