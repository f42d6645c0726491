/* The neighbourhood of a case. Each cell heads a list through the casefiles themselves, newest first; a search looks at
 * the nine cells around and at a bounded number of cases in each, so that one crowded address costs no more than others. */
#include "core/near.h"

#include <math.h>
#include <stdlib.h>
#include "base/memory.h"
#include <uthash.h>

#define CELL_E6 2000       /* millionths of a degree: about 220 m north, less to the east */
#define CELL_LOOK 64       /* cases looked at in one cell */
#define METRES_PER_E6 0.11132

struct cell {
	UT_hash_handle hh;
	uint64_t key;
	struct casefile *head;
};

static bool has_place(const struct casefile *casefile)
{
	return casefile->latitude_e6 != NO_PLACE;
}

static int32_t cell_of(int32_t degrees_e6)
{
	return (int32_t)floor((double)degrees_e6 / CELL_E6);
}

static uint64_t key_of(int32_t north, int32_t east)
{
	return (uint64_t)(uint32_t)north << 32 | (uint32_t)east;
}

/* Coordinates give the cell; without them the address does, under keys that no coordinates can have. */
static uint64_t casefile_key(const struct casefile *casefile)
{
	if (has_place(casefile))
		return key_of(cell_of(casefile->latitude_e6), cell_of(casefile->longitude_e6));
	return key_of(INT32_MAX, (int32_t)casefile->address);
}

static struct cell *cell_find(const struct near *near, uint64_t key)
{
	struct cell *found;

	HASH_FIND(hh, near->cells, &key, sizeof key, found);
	return found;
}

void near_add(struct near *near, struct casefile *casefile)
{
	uint64_t key = casefile_key(casefile);
	struct cell *cell;

	if (!has_place(casefile) && !casefile->address)
		return;
	cell = cell_find(near, key);
	if (!cell) {
		cell = must_calloc(1, sizeof *cell);
		cell->key = key;
		HASH_ADD(hh, near->cells, key, sizeof cell->key, cell);
	}
	casefile->before = NULL;
	casefile->next = cell->head;
	if (cell->head)
		cell->head->before = casefile;
	cell->head = casefile;
}

void near_remove(struct near *near, struct casefile *casefile)
{
	struct cell *cell;

	if (!has_place(casefile) && !casefile->address)
		return;
	cell = cell_find(near, casefile_key(casefile));
	if (casefile->next)
		casefile->next->before = casefile->before;
	if (casefile->before)
		casefile->before->next = casefile->next;
	else
		cell->head = casefile->next;
	casefile->next = casefile->before = NULL;
	if (!cell->head) {
		HASH_DEL(near->cells, cell);
		free(cell);
	}
}

/* Flat-earth distance: exact enough within a city block. */
static int64_t distance_m(const struct casefile *a, const struct casefile *b)
{
	double north = ((double)a->latitude_e6 - b->latitude_e6) * METRES_PER_E6;
	double east = ((double)a->longitude_e6 - b->longitude_e6) * METRES_PER_E6 * cos(a->latitude_e6 * 1e-6 * 3.14159265358979 / 180);

	return (int64_t)sqrt(north * north + east * east);
}

static bool neighbour_of(const struct casefile *self, const struct casefile *other, int64_t radius_m, int64_t oldest, struct neighbour *ret)
{
	if (other == self || other->number == self->number || other->reported_at < oldest)
		return false;
	ret->casefile = other;
	ret->same_address = self->address && self->address == other->address;
	ret->distance_m = has_place(self) && has_place(other) ? distance_m(self, other) : -1;
	return ret->same_address || (ret->distance_m >= 0 && ret->distance_m <= radius_m);
}

/* The same category first, then the same address, then the nearest; equal ones by number, so that the order is always the same. */
static bool neighbour_better(const struct casefile *self, const struct neighbour *a, const struct neighbour *b)
{
	bool category_a = a->casefile->category == self->category, category_b = b->casefile->category == self->category;

	if (self->category && category_a != category_b)
		return category_a;
	if (a->same_address != b->same_address)
		return a->same_address;
	if (a->distance_m != b->distance_m)
		return a->distance_m < b->distance_m;
	return a->casefile->number > b->casefile->number;
}

static size_t neighbour_insert(const struct casefile *self, struct neighbour *list, size_t count, size_t room, struct neighbour one)
{
	size_t place = count;

	while (place > 0 && neighbour_better(self, &one, &list[place - 1]))
		place--;
	if (place >= room)
		return count;
	size_t last = count < room ? count : room - 1;
	for (size_t i = last; i > place; i--)
		list[i] = list[i - 1];
	list[place] = one;
	return last + 1;
}

static size_t cell_search(const struct near *near, uint64_t key, const struct casefile *self, int64_t radius_m, int64_t oldest,
	struct neighbour *list, size_t count, size_t room)
{
	const struct cell *cell = cell_find(near, key);
	const struct casefile *other = cell ? cell->head : NULL;
	struct neighbour one;

	for (int looked = 0; other && looked < CELL_LOOK; other = other->next, looked++)
		if (neighbour_of(self, other, radius_m, oldest, &one))
			count = neighbour_insert(self, list, count, room, one);
	return count;
}

size_t near_find(const struct near *near, const struct casefile *casefile, int64_t radius_m, int64_t oldest,
	struct neighbour *ret_neighbours, size_t room)
{
	size_t count = 0;

	if (!has_place(casefile))
		return casefile->address ? cell_search(near, casefile_key(casefile), casefile, radius_m, oldest, ret_neighbours, 0, room) : 0;
	for (int north = -1; north <= 1; north++)
		for (int east = -1; east <= 1; east++)
			count = cell_search(near, key_of(cell_of(casefile->latitude_e6) + north, cell_of(casefile->longitude_e6) + east),
				casefile, radius_m, oldest, ret_neighbours, count, room);
	return count;
}

void near_free(struct near *near)
{
	struct cell *cell, *next;

	HASH_ITER(hh, near->cells, cell, next) {
		HASH_DEL(near->cells, cell);
		free(cell);
	}
}
