/* The door: decide(state, now, command) -> events | refusal. It only reads; the engine applies what comes out.
 *
 * Positive: a refusal of errors.def, with the field and words in the decision. 0: decided; there may be no event (a
 * duplicate report). Times: milliseconds since 1970-01-01 UTC. */
#ifndef REEVE_CORE_DECIDE_H
#define REEVE_CORE_DECIDE_H

#include "core/state.h"

#define DECISION_EVENTS 12   /* most events of one command */
#define DECISION_TEXT 16384  /* room for texts that the decision itself makes */

struct decision {
	struct record events[DECISION_EVENTS];
	size_t count;
	int64_t number;   /* the case, 0: none */
	int64_t seq;      /* of the event that answers: the first new one, or the old one for a repeat */
	bool duplicate;   /* it was known or done already */
	enum field field; /* refused: the field at fault, FIELD_COUNT: none */
	char detail[192]; /* refused: in words, may be empty */
	size_t text_used;
	char text[DECISION_TEXT];
};

int decide(const struct state *state, int64_t now, const struct record *command, struct decision *ret_decision);

/* A task's fence: names one attempt at one stage (triage, assign) or one rung (escalate). */
int64_t stage_fence(const struct casefile *casefile);
int64_t ladder_fence(const struct casefile *casefile, int slot);
/* The key of a notice: sent once, for ever. */
#define NOTICE_TEXT 96
void notice_write(const struct casefile *casefile, int slot, int rung, char ret_text[NOTICE_TEXT]);

/* What the core itself would say when no worker answers: the rung's audience. -1: the ladder is gone from the policy. */
const struct rung *ladder_rung(const struct policy *policy, const struct state *state, const struct casefile *casefile, int slot);
/* The next state for a command in a state, 0: none (an illegal transition); *ret_event gets the event. */
int lifecycle_next(int state, int command, int *ret_event);

#endif
