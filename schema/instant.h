/* Instants as text: RFC 3339, to the millisecond. Proleptic Gregorian calendar, years 0001 to 9999, no leap seconds. */
#ifndef REEVE_SCHEMA_INSTANT_H
#define REEVE_SCHEMA_INSTANT_H

#include "base/span.h"

#define INSTANT_TEXT 32 /* bytes, NUL included */
#define INSTANT_FIRST (-62135596800000)
#define INSTANT_LAST 253402300799999

/* 2011-07-01T05:32:33Z, 2011-07-01 01:32:33.5-04:00; T and Z in either case. Milliseconds since 1970 UTC; finer digits are cut. */
bool instant_read(struct span text, int64_t *ret_ms);
/* 2011-07-01T05:32:33Z, with .123 only when there are milliseconds. Instants outside of the years print as the nearest. */
void instant_write(int64_t ms, char ret_text[INSTANT_TEXT]);

#endif
