/* Real time for the engine: milliseconds since 1970 that never run backwards and never stand still for long. */
#ifndef REEVE_NET_TIMEKEEPER_H
#define REEVE_NET_TIMEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

struct timekeeper {
	int64_t given_us;     /* what was given out last */
	int64_t monotonic_us; /* the monotonic clock then */
	bool behind;          /* the wall clock lies behind what was given out */
};

/* The time for these two readings. While the wall clock lies behind what was given out, time goes on at half speed until the
 * wall clock has caught up. */
int64_t timekeeper_advance(struct timekeeper *keeper, int64_t wall_us, int64_t monotonic_us);
/* The same from the machine's clocks, in milliseconds; says in the log when the wall clock was set back. */
int64_t timekeeper_now(struct timekeeper *keeper);
/* The machine's monotonic clock in milliseconds, for pauses and deadlines. */
int64_t monotonic_ms(void);
int64_t monotonic_us(void);

#endif
