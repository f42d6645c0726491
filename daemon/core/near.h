/* Which open cases lie near each other: cells of about 200 m, or the address in words where there are no coordinates.
 * Private to core. */
#ifndef REEVE_CORE_NEAR_H
#define REEVE_CORE_NEAR_H

#include "core/state.h"

struct cell;

struct near {
	struct cell *cells; /* uthash by key */
};

void near_add(struct near *near, struct casefile *casefile);
void near_remove(struct near *near, struct casefile *casefile);
size_t near_find(const struct near *near, const struct casefile *casefile, int64_t radius_m, int64_t oldest,
	struct neighbour *ret_neighbours, size_t room);
void near_free(struct near *near);

#endif
