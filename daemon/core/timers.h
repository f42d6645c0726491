/* Deadlines in order: a binary heap over (time, case number), with the earliest timer of each case. The order of equal instants is the same
 * in every replay. Each casefile remembers where its timer stands, so that it can be moved or taken out. Private to core. */
#ifndef REEVE_CORE_TIMERS_H
#define REEVE_CORE_TIMERS_H

#include "core/state.h"

struct timer {
	int64_t at;
	struct casefile *casefile;
	int slot;
};

struct timers {
	struct timer *heap;
	size_t count;
	size_t room;
};

/* Sets, moves or (at 0) takes out a case's timer; slot says which of its deadlines it is. */
void timers_set(struct timers *timers, struct casefile *casefile, int slot, int64_t at);
void timers_free(struct timers *timers);

#endif
