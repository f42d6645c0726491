/* What happened to the cases, from one stream of events: the recorded one or a rehearsed one. Raw rows only; figures are made of them
 * later, the same way for every stream. */
#ifndef REEVE_REHEARSE_TALLY_H
#define REEVE_REHEARSE_TALLY_H

#include "core/state.h"
#include "rehearse/names.h"

/* One case at the end. Names are numbers of the tally's names, 0: none. */
struct case_tally {
	int64_t opened_at, reported_at, closed_at, since; /* since: when it entered its state */
	int64_t due;                                      /* of its promise, 0: none was made */
	uint32_t limit, unit, holder, area, category;     /* unit: the last it was sent to; holder: has it now */
	uint16_t notices, changes;                        /* changes: dispatches to another unit than before */
	uint16_t warned, breached;                        /* bits by clock */
	uint8_t state, urgency, outcome;
	bool known, late, attention;
};

struct notice_tally {
	int64_t at, number;
	uint32_t ladder, audience, area;
	uint8_t rung, clock;
	bool empty;
};

/* A visit to a state that has ended. */
struct visit_tally {
	int64_t lasted_ms;
	uint32_t area;
	uint8_t state;
};

/* A unit got a case or let go of it. */
struct load_tally {
	int64_t at;
	uint32_t unit;
	int8_t by;
};

struct tally {
	struct names names;
	struct case_tally *cases; /* by recorded case number */
	int64_t case_room;
	struct notice_tally *notices;
	size_t notice_count, notice_room;
	struct visit_tally *visits;
	size_t visit_count, visit_room;
	struct load_tally *loads;
	size_t load_count, load_room;
	int64_t warned[CLOCK_LIMIT], breached[CLOCK_LIMIT];
	int64_t events, unanswered, acknowledged, withheld, attention;
	int64_t end; /* nothing later was looked at */
};

/* cases: the highest recorded number. */
void tally_begin(struct tally *tally, int64_t cases);
/* One event that has just been applied. number: the case's recorded number, casefile: as it is now; 0 and NULL: not of a case. */
void tally_event(struct tally *tally, const struct state *state, const struct record *event, int64_t number, const struct casefile *casefile);
/* Brings the numbers of all names into a common table. */
void tally_settle(struct tally *tally, struct names *common);
void tally_free(struct tally *tally);

#endif
