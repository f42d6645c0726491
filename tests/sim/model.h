/* A second, naive account of what a hotline is, kept beside the engine in every simulation. It is told only what somebody outside could
 * see: what was asked, what was answered, what the journal holds, what time it is. It shares the types of core and codec and nothing else:
 * no decide, no apply, no calendar, no ladder. Lists are walked from end to end; being slow and plain is its worth.
 *
 * After each step it is compared with the engine's state. A complaint is one line that names the case, the event and the rule; only the
 * first is kept, and nothing is looked at after it.
 *
 * What the world has to keep to: an event is told (model_event) before the answers and the feed that came of it. Requests have ids that no other
 * request has; the same one is sent again with its own id. An answer of busy or stopping is not the end of a request: ask again. A subscriber
 * that is handed to the model follows the protocol: it drops what it has, and at the end it has replayed what it missed. */
#ifndef REEVE_TESTS_SIM_MODEL_H
#define REEVE_TESTS_SIM_MODEL_H

#include "core/record.h"
#include "core/state.h"

struct model;

struct model *model_new(void);
/* Not model_free: learn/ has one. Takes NULL. */
void model_end(struct model *model);

/* A request left a client for the daemon (each time that it is sent, also again). Copies what it keeps. */
void model_asked(struct model *model, const struct record *request);
/* An answer reached the client who asked. An acknowledgement is a promise: what it says must be in the journal now and for ever. */
void model_answered(struct model *model, const struct record *reply);
/* A committed event, in order of sequence numbers, once; also after a restart: the world gives it only those that it has not seen. */
void model_event(struct model *model, int64_t seq, const struct record *event);
/* After a crash the journal ends at last_seq: what came after was never committed. An acknowledged event among it is a complaint. */
void model_crashed(struct model *model, int64_t last_seq);
/* Something the feed said to one subscriber (0, 1, ... 63): each event once, in order per stream, nothing that is not in the journal. */
void model_published(struct model *model, int subscriber, const struct record *event);
/* The daemon's case time (milliseconds since 1970) after a turn in which nothing was left over: what was due by now must have happened. */
void model_time(struct model *model, int64_t now);

/* Compares with the engine's state, case by case: state, unit, area, category, urgency, due, open counts. */
void model_compare(struct model *model, const struct state *state);
/* In liveness mode, when the faults have stopped and everything had its time: nothing asked stays unanswered, no case waits in vain. */
void model_finish(struct model *model, const struct state *state);

/* NULL, or the first complaint. */
const char *model_complaint(const struct model *model);

#endif
