/* Times and durations as people write them, in a zone of their choice. Milliseconds since 1970-01-01 UTC inside.
 *
 * A zone is a name of the time zone database ("Asia/Shanghai", "UTC") or NULL: the one of the environment. */
#ifndef REEVE_CLI_MOMENT_H
#define REEVE_CLI_MOMENT_H

#include "base/span.h"

#define MOMENT_TEXT 48   /* bytes, NUL included */
#define DURATION_TEXT 32

/* Whether the time zone database of this machine has it. */
bool moment_zone_known(const char *zone);
/* ISO 8601: 2011-07-01, 2011-07-01 08:30, 2011-07-01T08:30:15.250, each with Z or +08:00 or, without, in the zone; "now"; -2h or +30m from now. */
bool moment_read(struct span text, const char *zone, int64_t *ret_ms);
/* By a format of strptime(3); the whole text must match, fractions of a second after it are dropped. */
bool moment_scan(const char *text, const char *format, const char *zone, int64_t *ret_ms);
/* 2011-07-01T08:30:15-04:00, with .250 only where there are milliseconds. */
void moment_write(int64_t ms, const char *zone, char ret_text[MOMENT_TEXT]);
int64_t moment_now(void);
/* Steady time for waiting. */
int64_t moment_steady(void);

/* 90s, 15m, 2h, 3d, 1w, 250ms, and several in a row: 1h30m. */
bool moment_duration_read(struct span text, int64_t *ret_ms);
/* "3d 04:05:06", "04:05:06", "-00:10:00". */
void duration_write(int64_t ms, char ret_text[DURATION_TEXT]);

#endif
