/* The last few policies a worker has, by version, compiled and prepared for its decision. */
#ifndef REEVE_WORKERS_SHELF_H
#define REEVE_WORKERS_SHELF_H

#include "policy/compile.h"

#define SHELF_PLACES 4

/* What a decision makes of a policy beforehand; both may be NULL. */
struct shelf_care {
	void *(*prepare)(const struct policy *policy);
	void (*release)(void *prepared);
};

struct shelf_place {
	int64_t version; /* 0: empty */
	struct policy *policy; /* NULL: this version does not compile; error says why */
	void *prepared;
	uint64_t used; /* by the shelf's count of uses */
	char error[256];
};

struct shelf {
	struct shelf_care care;
	struct shelf_place places[SHELF_PLACES];
	uint64_t uses;
};

/* NULL: the version has to be fetched first. */
const struct shelf_place *shelf_find(struct shelf *shelf, int64_t version);
/* Compiles a version and puts it in place of the one that was not used for longest. `files`: the answer's list of name and content. */
const struct shelf_place *shelf_put(struct shelf *shelf, int64_t version, struct span files);
/* Empties it; usable again. */
void shelf_clear(struct shelf *shelf);

#endif
