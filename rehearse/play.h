/* The past played again: what people did at their times, everything else decided anew. One instance per thread; instances share
 * only what nobody changes. */
#ifndef REEVE_REHEARSE_PLAY_H
#define REEVE_REHEARSE_PLAY_H

#include <stdatomic.h>

#include "learn/model.h"
#include "rehearse/history.h"
#include "rehearse/tally.h"
#include "rehearse/undone.h"

struct play {
	/* given */
	const struct history *history;
	const struct policy *const *recorded; /* the policies that were adopted, in order; to read old events by */
	struct policy **policies;             /* adopted instead, one at each adoption; those left over are never adopted. Taken. */
	size_t policy_count;
	const struct model *model;            /* the triage's classifier, NULL: none */
	/* made */
	struct tally tally;
	struct undone undone;
	int64_t repeated;        /* commands that were done again */
	int64_t skipped;         /* adoptions of the past that the rehearsed policy replaces */
	_Atomic size_t done;     /* records looked at, for the progress */
	char fault[256];         /* not empty: it could not be played to the end */
};

/* Plays the whole history. On a fault the tally is not to be used. */
void play_run(struct play *play);
/* Only folds the recorded events; nothing is decided. */
void play_fold(struct play *play);
void play_free(struct play *play);

#endif
