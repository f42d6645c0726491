/* The connections behind the doors, which libzmq keeps to itself: how many there may be, and which of them do not read. */
#ifndef REEVE_NET_CONNECTIONS_H
#define REEVE_NET_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From now on at most so many connections are taken, and fewer if the process may not have as many descriptors. wake(context) is called from any
 * thread when something is to be said; NULL: nobody is woken. */
void connections_limit(int64_t most, void (*wake)(void *context), void *context);
/* Says in the log when connections are being refused, and when they are taken again. now_ms: the monotonic clock. */
void connections_look(int64_t now_ms);
/* How many were refused so far. */
int64_t connections_refused(void);

/* What was found at a door when it was looked at last. */
struct connections_view {
	unsigned char *full; /* by descriptor: looks in a row at which the kernel's send buffer was full */
	int64_t room;        /* of full */
	int64_t slow;        /* connections that were full at the last look */
	int64_t looked_ms;   /* the monotonic clock */
	int64_t cut;         /* connections so far */
};

/* Looks at every connection of a door, at most each 100 ms (now_ms: the monotonic clock). With cut, those that took nothing at several looks in a row are ended:
 * what waits for them is freed, and their peers connect again. */
void connections_view(struct connections_view *view, const char *endpoint, int64_t now_ms, bool cut);
/* While the process has more memory than most and it is still growing, ends the connections of a door whose peers send more than is taken from them: what libzmq has
 * read for them is the one thing that nothing else here bounds. For 200 ms nobody new is
 * taken then. How many were ended; at most one look in 5 ms. */
int64_t connections_shed(const char *const *endpoints, size_t count, int64_t most_bytes, int64_t now_ms);
/* Bytes of memory that are the process's own, mapped files not counted. */
int64_t connections_memory(void);
void connections_view_free(struct connections_view *view);

#endif
