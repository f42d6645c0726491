/* What was given to libzmq and not sent yet, counted: its own queues are bounded by messages only. */
#ifndef REEVE_NET_TRANSIT_H
#define REEVE_NET_TRANSIT_H

#include <stdatomic.h>

#include "base/span.h"

#define TRANSIT_OVERHEAD 160 /* bytes that a message costs beside its own: ours, libzmq's, the allocator's */

struct transit {
	_Atomic int64_t bytes; /* with overhead; a message for many peers counts once */
	_Atomic int64_t messages;
};

/* Like zmq_send: 0, or an errno. The transit has to live until the socket's context has ended. */
int transit_send(struct transit *transit, void *zmq, struct span payload, int flags);

#endif
