/* A sound history for the naive model, and its playing: one report's life with its promise broken, told of, answered, and closed late; and a
 * second report, confidential, merged into a third. Tests spoil the events before they are played. */
#ifndef REEVE_TESTS_SIM_MODEL_HISTORY_H
#define REEVE_TESTS_SIM_MODEL_HISTORY_H

#include "schema/codec.h"
#include "tests/sim/model.h"

#define START INT64_C(1790604000000)
#define HOUR INT64_C(3600000)
#define DUE (START + 10 * HOUR)
#define EVENTS_MOST 40

/* Places in the sound history. */
enum { ADOPTED, OPENED, TRIAGED, DISPATCHED, SIGNED, WARNED, BREACHED, WANTED, TOLD, ANSWERED, REPORTED, CLOSED, SECOND, THIRD, MERGED, JOINED };

extern struct record events[EVENTS_MOST]; /* [seq - 1] */
extern int count;
extern bool unanswered, unpublished; /* left out of the play */
extern int64_t asleep;               /* at the end the time is so much later, and nothing happened; 0: it is not */

/* Makes it anew. */
void sound(void);
/* One more event, in its place in the chain. */
struct record *event(int kind, int64_t number, int64_t at, int64_t epoch);
/* What an event's place says of it: previous and stream. */
void link_event(int place);

/* What somebody asked so that this happened; false: it happened by itself. */
bool request_of(const struct record *record, struct record *ret);
struct record reply_to(const struct record *request, int64_t number, int64_t seq);
/* As the feed says it. */
struct record publication(int seq);
void play_event(struct model *model, int seq);
/* A model that was told all of it. End with model_end. */
struct model *play(void);
/* The engine's state after the first events. */
struct state *state_of(int last);

#endif
