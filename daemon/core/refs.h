/* Cases in memory by source and source_ref: a hash table whose lists run through the casefiles themselves, so that a case costs it
 * a pointer and its share of the heads. Private to core. */
#ifndef REEVE_CORE_REFS_H
#define REEVE_CORE_REFS_H

#include "core/state.h"

struct refs {
	struct casefile **heads; /* as many lists as there were cases at the most */
	size_t count;            /* cases */
	size_t lists;
	size_t level;            /* the largest power of two that is not over lists */
	size_t room;             /* of heads */
};

/* source and ref of the case must be set and not be there yet. */
void refs_add(struct refs *refs, struct casefile *casefile);
void refs_remove(struct refs *refs, struct casefile *casefile);
/* NULL: not there. */
struct casefile *refs_find(const struct refs *refs, uint32_t source, struct span ref);
/* Frees the table; with each, every case is given to it first. */
void refs_free(struct refs *refs, void (*each)(struct casefile *casefile));

#endif
