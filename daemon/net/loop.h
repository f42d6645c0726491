/* The loop: three doors, one engine, worker processes, signals. One thread.
 *
 *   loop_open     blocks signals; nothing is reachable yet        (before any other thread begins)
 *   loop_wake     may be called from any thread from here on
 *   loop_bind     opens the doors
 *   loop_run      until SIGTERM, SIGINT or a fault
 *   loop_close */
#ifndef REEVE_NET_LOOP_H
#define REEVE_NET_LOOP_H

#include "engine/engine.h"

struct loop;

/* Borrows settings until loop_close. NULL with one line in error. */
struct loop *loop_open(const struct settings *settings, char *error, size_t error_size);
/* Gives the engine a turn soon. context: the struct loop. Any thread; it is what archive_open wants as wake. */
void loop_wake(void *context);
/* Finds the worker programs, creates the ZeroMQ context and binds. 0, or -1 with one line in error. */
int loop_bind(struct loop *loop, char *error, size_t error_size);
/* reload: called at SIGHUP, between turns; afterwards loop and engine look at the settings again. May be NULL. */
void loop_on_reload(struct loop *loop, void (*reload)(void *context), void *context);
/* 0: stopped by a signal, work under way is done or its time was up. -1: a fault, which is in the log. */
int loop_run(struct loop *loop, struct engine *engine);
/* Real time as the engine gets it. */
int64_t loop_now(struct loop *loop);
/* Takes NULL. */
void loop_close(struct loop *loop);

#endif
