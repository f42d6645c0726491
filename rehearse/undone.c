/* The list of what could not be repeated. Owns nothing beside its rows. A command that the new rules refuse is not an error of the
 * rehearsal but one of its results, so each is counted and none is dropped. */
#include "rehearse/undone.h"

#include <stdlib.h>

static bool row_same(const struct undone_row *a, const struct undone_row *b)
{
	return a->why == b->why && a->command == b->command && a->event == b->event && a->error == b->error;
}

void undone_add(struct undone *undone, struct undone_row row)
{
	for (size_t i = 0; i < undone->count; i++)
		if (row_same(&undone->rows[i], &row) || i == UNDONE_ROWS - 1) {
			undone->rows[i].count++;
			return;
		}
	row.count = 1;
	undone->rows[undone->count++] = row;
}

int64_t undone_total(const struct undone *undone)
{
	int64_t total = 0;

	for (size_t i = 0; i < undone->count; i++)
		if (undone->rows[i].why != UNDONE_CHANGED)
			total += undone->rows[i].count;
	return total;
}

static int row_order(const void *left, const void *right)
{
	const struct undone_row *a = left, *b = right;

	if (a->command != b->command)
		return a->command < b->command ? -1 : 1;
	if (a->why != b->why)
		return a->why < b->why ? -1 : 1;
	if (a->event != b->event)
		return a->event < b->event ? -1 : 1;
	return a->error < b->error ? -1 : a->error > b->error;
}

void undone_sort(struct undone *undone)
{
	qsort(undone->rows, undone->count, sizeof *undone->rows, row_order);
}
