/* The daemon's only reading of the wall clock. The engine is told the time; it must never run backwards, or a promise
 * could be counted twice. Were it held still instead while the wall clock lies behind (an hour, after a correction),
 * no lease would end and no warning go out for that hour: so it goes on at half speed until the two meet. */
#include "net/timekeeper.h"

#include <stddef.h>
#include <time.h>

#include "base/log.h"

static int64_t read_us(clockid_t which)
{
	struct timespec time;

	clock_gettime(which, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

int64_t monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t monotonic_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t timekeeper_advance(struct timekeeper *keeper, int64_t wall_us, int64_t monotonic_us)
{
	int64_t passed_us = monotonic_us - keeper->monotonic_us;
	int64_t slow_us = keeper->given_us + (passed_us > 0 ? passed_us / 2 : 0);

	keeper->behind = keeper->given_us && wall_us < keeper->given_us;
	if (!keeper->behind) {
		keeper->given_us = wall_us;
		keeper->monotonic_us = monotonic_us;
	} else if (slow_us > keeper->given_us) {
		keeper->given_us = slow_us;
		keeper->monotonic_us = monotonic_us;
	}
	return keeper->given_us;
}

int64_t timekeeper_now(struct timekeeper *keeper)
{
	bool was_behind = keeper->behind;
	int64_t wall_us = read_us(CLOCK_REALTIME);
	int64_t now_us = timekeeper_advance(keeper, wall_us, read_us(CLOCK_MONOTONIC));

	/* A step of less than a second is NTP at work and not worth a line. */
	if (keeper->behind && !was_behind && now_us - wall_us > 1000000)
		log_line(LOG_LEVEL_WARNING, "clock set back", "by_ms", log_number((now_us - wall_us) / 1000),
			"effect", "time goes on at half speed until the wall clock has caught up", NULL);
	return now_us / 1000;
}
