/* The state's insides, for state.c and apply.c alone. */
#ifndef REEVE_CORE_STATE_INSIDE_H
#define REEVE_CORE_STATE_INSIDE_H

#include "base/memory.h"
#include <uthash.h>

#include "core/intern.h"
#include "core/near.h"
#include "core/refs.h"
#include "core/state.h"
#include "core/timers.h"

#define PAGE_CASES 1024

struct case_page {
	uint32_t used;
	struct casefile *cases[PAGE_CASES];
};

struct stream_entry {
	UT_hash_handle hh;
	uint64_t key; /* event kind in the upper, path name in the lower half */
	int64_t number;
};

struct request_entry {
	UT_hash_handle hh;
	uint64_t key; /* hash of actor and request */
	struct remembered remembered;
};

struct state {
	struct state_limits limits;
	struct intern names;
	struct timers timers;
	struct near near;
	struct case_page **pages; /* by number / PAGE_CASES */
	size_t page_count;
	struct refs refs;
	struct stream_entry *streams;
	struct request_entry *requests; /* oldest first */
	struct policy **policies;       /* by version */
	size_t policy_count;
	int64_t policy_version; /* newest adopted, 0: none */
	int64_t *unit_open;     /* by name */
	size_t unit_room;
	struct casefile *closed_first, *closed_last; /* by time of closing */
	int64_t open, held;
	int64_t last_seq, now, next_number;
	struct mute *mutes; /* in the order they were set */
	int64_t next_mute;
	struct source *sources;
};

/* A new, empty casefile in every table that holds all cases. */
struct casefile *state_add(struct state *state, int64_t number, uint32_t source, struct span ref);
/* Takes it out of every table and frees it. */
void state_drop(struct state *state, struct casefile *casefile);
struct casefile *state_casefile(const struct state *state, int64_t number);
/* Puts it where open (or closed) cases stand and counts it; state_unlist is the reverse. */
void state_list(struct state *state, struct casefile *casefile);
void state_unlist(struct state *state, struct casefile *casefile);
/* For writing: makes the details when there are none. */
struct details *casefile_detail(struct casefile *casefile);
struct sla *casefile_clock(struct casefile *casefile, int slot);
void casefile_free(struct casefile *casefile);
/* apply.c, for apply_details.c */
void sla_stop(struct sla *sla);
void milestone_set(struct state *state, struct casefile *casefile, const struct record *event);
void sla_begin_sub(struct state *state, struct sla *sla, const struct record *event, int kind);
void stage_begin(struct state *state, struct casefile *casefile, const struct record *event);
void apply_dispatched(struct state *state, struct casefile *casefile, const struct record *event);
void apply_closed(struct casefile *casefile, const struct record *event);
/* apply_details.c: requests, suspension, check, call-back, links */
void details_apply(struct state *state, struct casefile *casefile, const struct record *event);
void followers_release(struct state *state, struct casefile *casefile, const struct record *event);
/* watch.c: events of mutes and sources */
void watch_apply(struct state *state, const struct record *event);
void watch_heard(struct state *state, uint32_t source, int64_t at);
void watch_free(struct state *state);
void state_set_timers(struct state *state, struct casefile *casefile);
void state_remember(struct state *state, int64_t seq, const struct record *event);
void state_stream_set(struct state *state, int event, uint32_t path, int64_t number);

#endif
