/* The worker processes that reeved starts itself: start, watch, start again, stop. */
#ifndef REEVE_NET_WORKERS_H
#define REEVE_NET_WORKERS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/settings.h"

struct workers;

/* Finds the programs; starts nothing yet. loop must be libev's default loop (child watchers). Borrows settings. NULL with one line in error. */
struct workers *workers_open(struct ev_loop *loop, const struct settings *settings, char *error, size_t error_size);
void workers_start(struct workers *workers);
/* From now on none is started again; sends each the signal. */
void workers_stop(struct workers *workers, int signal);
int64_t workers_running(const struct workers *workers);
/* How often one was started again. */
int64_t workers_restarts(const struct workers *workers);
/* Takes NULL. Kills what still runs. */
void workers_close(struct workers *workers);

#endif
