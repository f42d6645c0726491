/* A daemon that a test of the workers' loop plays: a ROUTER, real frames, real signs of life, and a worker in a thread of its own. */
#ifndef REEVE_TESTS_PLAY_H
#define REEVE_TESTS_PLAY_H

#include <pthread.h>
#include <stdatomic.h>

#include "schema/codec.h"
#include "workers/worker.h"

#define PATIENCE_MS 30000
#define SLOW_MS 400 /* what a decision about a task with the title `slow` takes */
#define SLOW_LEASE_MS 600 /* renewed before such a decision is over */

struct play {
	char folder[64], endpoint[96];
	void *context, *router;
	char peer[256]; /* routing id of the worker */
	size_t peer_len;
	struct buf frame, out; /* the frame being taken apart, the one being packed */
	struct span rest;
	struct record got;
	int stop[2];
	pthread_t thread;
	struct worker_job job;
	struct worker_options options;
	struct worker_counts counts;
	int status;
	atomic_int compiled; /* counted in the worker's thread */
	bool running;
};
extern struct play play;

void door_open(void);
void worker_start(void);
void worker_stop(void);
void worker_join(void);
int play_begin(void **state);
int play_end(void **state);
struct record *hear_any(void);
struct record *hear(enum command_kind command);
bool frame_ends(void);
void say_record(const struct record *record);
void send_bytes(const void *data, size_t len);
void send_out(void);
void say_task(int64_t number, int64_t policy, const char *title);
struct record *reply_begin(enum command_kind command, enum error_kind error);
void say_policy(int64_t version, const char *file);
void welcome(int64_t policy, int64_t lease_ms);
void welcome_with_policy(int64_t lease_ms);
void expect_result(int64_t number);
void expect_credit(int64_t credit);
void expect_alive(int64_t number);

#endif
