/* Golden stories: a clerk's account of what was asked when, and what happened then. See README.md for how to write one.
 *
 *   value.c   words of a line, and fields as text       world.c   the state, its journal, commands, time, restarts
 *   work.c    the workers' decisions as plain calls     audit.c   what must hold after every story
 *   see.c     what `check`, `explain` and `feed` show   script.c  a story's lines: play, compare, write anew
 *   runner.c  the command line */
#ifndef REEVE_TESTS_STORY_H
#define REEVE_TESTS_STORY_H

#include "core/decide.h"
#include "schema/codec.h"

#define WORDS_MOST 48

/* key=value, or a bare word: then the value is empty and `bare`. */
struct word {
	struct span key, value;
	bool bare;
};

/* One thing that a step brought about: an event, a refusal, an interval of a clock. */
struct item {
	int64_t at;
	const char *name; /* case_opened, refused, duplicate, counted, ... */
	const char *also; /* the refusal's name, else NULL */
	struct record record;
};

struct items {
	struct item *list;
	size_t count, room;
};

struct item *items_add(struct items *items, const char *name, int64_t at);
void items_free(struct items *items);

/* value.c */
/* How many words, or -1: a quote is not closed. Values are copied into the arena. */
int words_split(struct span line, struct arena *arena, struct word words[WORDS_MOST]);
/* 2026-09-28 22:10[:30] of a zone's wall clock. */
bool moment_read(const struct zone *zone, struct span text, int64_t *ret_at);
void moment_write(const struct zone *zone, int64_t at, struct buf *buf);
/* A field by its wire name; "ref" is short for source_ref. */
bool story_field(struct span name, enum field *ret_field);
/* False with what is wrong: no such field, or not its type. */
bool field_read(const struct zone *zone, struct word word, struct record *record, char *problem, size_t size);
/* The value as a story writes it, quoted when it has to be; "-" when it is absent. */
void field_write(const struct zone *zone, const struct record *record, enum field field, struct buf *buf);

/* world.c */
#define POLICIES_MOST 8
#define LAYERS_MOST 4

struct policy_source {
	struct span layers[LAYERS_MOST]; /* folders; a file of a later one replaces that of an earlier one */
	int layer_count;
};

struct model;

struct world {
	const char *policy_home;
	struct arena *arena;
	struct state *state;
	struct decision decision;
	int64_t now;
	unsigned workers; /* bits by enum task_kind */
	struct buf *journal; /* [seq - 1]: the event as the journal keeps it */
	size_t journal_count, journal_room;
	struct policy_source sources[POLICIES_MOST + 1]; /* by version */
	struct words *words; /* of the newest policy, for the triage */
	struct model *model; /* the naive account of the same, tests/sim/model.h */
	char broken[512];    /* what must never happen did; the story ends */
};

struct world *world_new(const char *policy_home);
void world_free(struct world *world);
/* Adopts a policy made of these folders. False with the findings. */
bool world_adopt(struct world *world, const struct policy_source *source, char *problem, size_t size);
const struct zone *world_zone(const struct world *world);
/* Decides and applies, then lets the workers do what has come up. 0 or the refusal. */
int world_command(struct world *world, const struct record *command);
/* Lets time pass, deadline by deadline. */
void world_advance(struct world *world, int64_t to);
/* An event of the journal; its texts live as long as the world. */
void world_event(const struct world *world, int64_t seq, struct record *ret_event);
/* A fresh state from every event of the journal, with policies of its own. */
struct state *world_replay(struct world *world);
/* A fresh state from the rows that the archive keeps; what they do not hold (answered requests, streams) comes from the journal. */
struct state *world_restore(struct world *world);
/* Goes on with another state. */
void world_take(struct world *world, struct state *state);
void world_break(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Everything a state holds, as bytes. */
void state_digest(const struct state *state, struct buf *buf);

/* work.c */
/* Does one task that waits and whose worker is on. False: there is none. */
bool work_step(struct world *world);

/* see.c */
/* A case, or one clock of it, as fields. False: no such case or clock. */
bool see_case(const struct world *world, int64_t number, struct record *ret);
bool see_clock(const struct world *world, int64_t number, int clock, struct record *ret);
bool see_intervals(const struct world *world, int64_t number, int clock, struct items *items);
/* What a subscriber to the topic gets. */
void see_feed(const struct world *world, struct span topic, int64_t after, struct items *items);

/* audit.c */
/* What must hold after every story: 0, or how many rules are broken; each in a line of `report`. */
int audit(struct world *world, struct buf *report);

/* script.c */
/* Plays a story: how many mismatches. report gets them; written gets the story with what really happened. */
int script_play(const char *file, struct span text, struct world *world, struct buf *report, struct buf *written);

#endif
