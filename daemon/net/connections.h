/* The connections behind the doors, which libzmq keeps to itself: how many there may be, and which of them do not read. */
#ifndef REEVE_NET_CONNECTIONS_H
#define REEVE_NET_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* From now on at most so many connections are taken, and fewer if the process may not have as many descriptors. wake(context) is called from any
 * thread when something is to be said; NULL: nobody is woken. */
void connections_limit(int64_t most, void (*wake)(void *context), void *context);
/* Says in the log when connections are being refused, and when they are taken again. now_ms: the monotonic clock. */
void connections_look(int64_t now_ms);
/* How many were refused so far. */
int64_t connections_refused(void);

#endif
