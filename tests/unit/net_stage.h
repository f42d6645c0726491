/* A daemon's loop in a thread, with an engine of a page in place of the real one.
 *
 * Payloads that the engine knows:
 *   burst N SIZE   N answers of SIZE bytes, each beginning with its number
 *   keep           no answer now, but one at each poke
 *   gate           the engine stands still until the test posts the gate
 *   publish TOPIC  on the feed
 *   known          the subscribed prefixes, how many peers were reported gone, and how often settings were read again
 *   flood          counted, not answered; floods: how many
 *   over           the same from a peer that has more under way than it may; overs: how many, and whether few of them came in one turn
 *   fault          the next turn fails
 * and it echoes everything else. */
#ifndef REEVE_TESTS_NET_STAGE_H
#define REEVE_TESTS_NET_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <zmq.h>

#include "net/loop.h"

struct sent {
	struct sent *next;
	struct engine_output output;
	char bytes[];
};

struct engine {
	struct sent *first, **last; /* made since the last turn */
	struct sent *out;           /* committed */
	struct sent *given;         /* lives until the next call */
	struct buf kept;            /* a peer */
	sem_t gate;
	char prefixes[8][64];
	int gone, reloads;
	bool faulty, stopping;
	int64_t received, received_by_flood, received_over, over_in_turn, most_over_in_turn;
};

struct stage {
	char folder[64];
	struct settings settings;
	struct loop *loop;
	struct engine engine;
	pthread_t thread;
	bool running;
	int result;
	void *context;
};

/* cmocka's set-up and tear-down: a folder, settings, nothing running yet. */
int stage_open(void **state);
int stage_close(void **state);
#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)
void stage_run(struct stage *stage);
/* Ends the loop with SIGTERM if it still runs; what loop_run returned. */
int stage_end(struct stage *stage);

/* A client's socket that waits 20 s at most and then fails the test. */
void *peer_open(struct stage *stage, int type, const char *endpoint);
void *peer_open_limited(struct stage *stage, int type, const char *endpoint, int option, int limit);
void say(void *peer, const char *text);
void expect(void *peer, const char *text);
/* Asks until the answer is this one: for what happens behind the answering peer's back. */
void expect_in_time(void *peer, const char *question, const char *text);

#endif
