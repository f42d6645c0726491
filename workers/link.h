/* A worker's connection to the work door: one DEALER socket, one payload frame per message. */
#ifndef REEVE_WORKERS_LINK_H
#define REEVE_WORKERS_LINK_H

#include "base/span.h"

struct link;

/* Connects in the background, again and again. NULL with one line in error. */
struct link *link_open(const char *endpoint, char *error, size_t error_size);
/* Gives what was sent a second to leave. Takes NULL. */
void link_close(struct link *link);

/* What link_wait saw. */
#define LINK_READABLE 1u
#define LINK_CHANGED 2u /* ask link_change */
#define LINK_STOP 4u    /* stop_fd is readable */
unsigned link_wait(struct link *link, int stop_fd, int64_t timeout_ms);

/* The connection came up or went down since the last call. */
enum link_change { LINK_SAME, LINK_UP, LINK_DOWN };
enum link_change link_change(struct link *link);

/* The next frame, valid until the next call; false when none waits. */
bool link_receive(struct link *link, struct span *ret_frame);
/* Waits up to wait_ms for room. False: nobody is there or takes it. */
bool link_send(struct link *link, struct span frame, int64_t wait_ms);

#endif
