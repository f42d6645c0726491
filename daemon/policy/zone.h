/* The machine's time zone data, read once when a policy is compiled. */
#ifndef REEVE_POLICY_ZONE_H
#define REEVE_POLICY_ZONE_H

#include "core/arena.h"
#include "core/zone.h"

/* The offsets of an IANA zone from 2000 to 2101, made in the arena. NULL with one line in error: no such zone, or no zone data.
 * Uses the process's TZ variable meanwhile and puts it back: no other thread may ask for local time during the call. */
struct zone *zone_load(struct span name, struct arena *arena, char *error, size_t error_size);

#endif
