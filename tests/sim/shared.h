/* What outlives the process of a run: a page that it shares with the process that started it. */
#ifndef REEVE_TESTS_SIM_SHARED_H
#define REEVE_TESTS_SIM_SHARED_H

#include <stdbool.h>
#include <stdint.h>

enum rare {
#define RARE(name, words) RARE_##name,
#include "tests/sim/rare.def"
	RARE_COUNT
};

enum count {
	COUNT_steps, COUNT_events, COUNT_acknowledged, COUNT_lost, COUNT_crashes, COUNT_replays, COUNT_cases, COUNT_turns, COUNT_published, COUNT_asked,
	COUNT_LIMIT
};

struct shared {
	uint64_t seed;       /* under way */
	int64_t step;        /* of it */
	bool busy;           /* a run is under way */
	char complaint[600]; /* "": none so far */
	uint64_t hash;       /* of the last finished run's trace */
	int64_t counts[COUNT_LIMIT];
	int64_t rare[RARE_COUNT];
};

/* The page of this process. */
extern struct shared *shared;

struct shared *shared_new(void);
/* A rare state was seen. Every run of the standard size must see each of them at least once: see rare.def. */
#define SOMETIMES(name, condition) ((condition) ? (void)shared->rare[RARE_##name]++ : (void)0)
const char *rare_words(int rare);

/* Ends the process with a complaint. */
void complain(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
