/* Cases in memory by source and source_ref: a hash table whose lists run through the casefiles themselves, so that a case costs it
 * a pointer and its share of the heads. Private to core. */
#ifndef REEVE_CORE_REFS_H
#define REEVE_CORE_REFS_H

#include "core/state.h"

struct refs {
	struct casefile **heads; /* a power of two of them, at least as many as cases */
	size_t count, room;
};

/* source and ref of the case must be set and not be there yet. */
void refs_add(struct refs *refs, struct casefile *casefile);
void refs_remove(struct refs *refs, struct casefile *casefile);
/* NULL: not there. */
struct casefile *refs_find(const struct refs *refs, uint32_t source, struct span ref);
/* Frees the table; with each, every case is given to it first. */
void refs_free(struct refs *refs, void (*each)(struct casefile *casefile));

#endif
