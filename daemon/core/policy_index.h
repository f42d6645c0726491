/* What policy_index builds and the lookups read; for policy.c and policy_index.c only. */
#ifndef REEVE_CORE_POLICY_INDEX_H
#define REEVE_CORE_POLICY_INDEX_H

#include "core/policy.h"

/* A node of a tree holds every node whose `enter` lies in [enter, leave). */
struct tree_place {
	int enter, leave;
	int depth; /* 0: a root */
};

struct code_entry;

struct policy_index {
	struct code_entry *areas, *categories, *units, *limits, *ladders;
	struct tree_place *area_places, *category_places;
	/* Catalogue rows by category (slot 0: any, slot n + 1: category n), in a slot by area, urgency named first, then as written. */
	const struct catalogue_row **rows;
	size_t *row_slots; /* category_count + 2 */
	/* Clock rows by clock, as written. */
	const struct clock_row **clocks;
	size_t clock_slots[CLOCK_LIMIT + 1];
	/* Duties by area. */
	const struct duty **duties;
	size_t *duty_slots; /* area_count + 1 */
};

int code_find(const struct code_entry *table, struct span code);

#endif
