/* What the naive model remembers, for its own files only.
 *
 *   model.c        birth and death, names, what was asked and answered, crashes     model_event.c   an event: chain, life of a case, counts
 *   model_clock.c  clocks and ladders, what is due                                  model_feed.c    what a subscriber saw
 *   model_compare.c  against the engine's state, and at the end               model_show.c   what queries answered */
#ifndef REEVE_TESTS_SIM_MODEL_INSIDE_H
#define REEVE_TESTS_SIM_MODEL_INSIDE_H

#include "base/span.h"
#include "tests/sim/model.h"

/* Numbers found by a hash, newest first. */
struct index {
	int64_t heads[4096];
	struct index_link {
		uint64_t key;
		int64_t value, next;
	} *links;
	int64_t count, room;
};

void index_add(struct index *index, uint64_t key, int64_t value);
/* The next link with the key after `link` (0: the newest), 0 when there is none. */
int64_t index_after(const struct index *index, uint64_t key, int64_t link);
void index_clear(struct index *index);

/* A word that many cases share: a unit, an area, a category, a path. Its streams are those of events published under it. */
struct word_known {
	char *text;
	size_t len;
	int64_t *streams; /* [event kind]; NULL: none yet */
	int64_t unit_open;
	bool unit_touched;
};

/* One clock of a case as its events tell it. */
struct running {
	uint8_t kind;  /* enum clock_kind; 0: it does not run */
	bool limited, warned, breached;
	uint8_t phase; /* enum ladder_phase */
	int64_t start, due, warn;
	int64_t next;  /* the ladder looks again; 0: never */
	int64_t rung, hold_ms;
	int limit, ladder; /* words */
	uint64_t notice;   /* the key told last */
	bool climbs_next;  /* a breach said so: its first rung has to follow at once */
	bool unanswered;   /* the rung was not answered in time: it may climb */
};

struct account {
	int64_t number, first_seq, last_seq, epoch;
	int64_t reported_at, opened_at, closed_at;
	int state, kind, urgency, outcome;
	int source, area, category, unit, first_contact, milestone; /* words */
	struct span ref;
	bool late, attention, confidential, supervised, final;
	int64_t work_until; /* a worker of the stage is waited for until then; 0: none is */
	int64_t until, asked_until, paused_at, pauses;
	int64_t milestone_at;
	int64_t master;     /* merged into */
	int64_t call_at;    /* merged: since when its caller should be called back; -1: no longer */
	int64_t followers;
	int64_t returns, transfers, extensions, reworks, redos, reminders, reopens, calls;
	struct running clocks[SLA_ALL];
	int assistants[ASSISTANTS_MOST];
	int64_t soonest; /* of all that has to happen by itself; INT64_MAX: nothing */
	bool touched;
};

struct asked {
	uint64_t request, actor, ref, text; /* hashes; 0: not said */
	int64_t number, fence;
	uint64_t chosen; /* of a result: the category or the unit */
	uint8_t command, clock;
	int64_t rung;
	bool answered, known; /* known: the case was there when it was asked for */
};

/* An acknowledged report. */
struct promised {
	uint64_t ref;
	int64_t number, seq;
};

struct heard {
	struct buf bytes; /* the whole event */
	uint8_t event;
	int64_t number;
	uint64_t request;
};

struct silence {
	int name;
	int64_t heard, before;
	bool silent;
};

struct mute_known {
	int64_t number, until;
	bool lifted;
};

struct subscriber {
	uint8_t *seen; /* [seq] */
	int64_t seen_room;
	struct index streams; /* kind and path -> last number */
};

#define SUBSCRIBERS_MOST 64

struct model {
	char complaint[512];
	struct record scratch;
	struct buf bytes;
	int64_t last_seq, last_at, policy;
	int64_t answered_seq; /* the latest event that somebody was told of in an answer */

	struct word_known *words; /* [0] is no word */
	int word_count, word_room;
	struct index word_index;

	struct heard *journal; /* [seq] */
	int64_t journal_room;

	struct account **cases; /* [number] */
	int64_t case_count, case_room;
	struct index refs; /* source and reference -> number */
	struct index notices;
	int64_t open;

	struct asked *asked;
	int64_t asked_count, asked_room;
	struct index asked_ids, asked_refs, asked_cases;
	struct promised *promised;
	int64_t promised_count, promised_room;

	struct silence *sources;
	int source_count;
	struct mute_known *mutes;
	int mute_count;

	struct subscriber *subscribers[SUBSCRIBERS_MOST];
	int64_t *touched;
	int64_t touched_count, touched_room, compared;
	int64_t soonest;
};

/* Keeps the first complaint. */
void model_complain(struct model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* model.c */
int word_of(struct model *model, struct span text);
struct span word_text(const struct model *model, int word);
uint64_t hash_ref(struct span source, struct span ref);
uint64_t hash_text(struct span text); /* never 0 */
struct account *account_of(const struct model *model, int64_t number); /* NULL: no such case */
void account_touch(struct model *model, struct account *account);
bool heard_read(const struct model *model, int64_t seq, struct record *ret);
/* Whether somebody asked for this event, when anybody asked for anything. */
void event_asked(struct model *model, int64_t seq, const struct record *event);
/* Grows an array by one place and returns it, zeroed. */
void *model_grow(void *array, int64_t *count, int64_t *room, size_t size);

/* model_event.c */
void model_take(struct model *model, int64_t seq, const struct record *event);
bool state_held(int state); /* a unit has the case */

/* model_clock.c */
void clocks_take(struct model *model, int64_t seq, struct account *account, const struct record *event);
bool clock_still(const struct account *account, int slot);
void account_soonest(struct model *model, struct account *account);

/* model_feed.c: an event as somebody was told it against the journal's; feed: stripped for everybody's ears */
void event_compare(struct model *model, const char *who, const struct record *event, bool feed);
/* model_show.c */
void shown_compare(struct model *model, const struct record *reply);

#endif
