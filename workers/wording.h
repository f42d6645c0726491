/* Pieces of text for people: names, times and durations as the decisions' reasons and notices use them. Sentences are English,
 * names are the policy's own. */
#ifndef REEVE_WORKERS_WORDING_H
#define REEVE_WORKERS_WORDING_H

#include "core/policy.h"

/* At most `most` bytes of a text, never ending inside of a UTF-8 character. */
struct span wording_cut(struct span text, size_t most);
/* Name (CODE); the code alone when there is no name or both are the same. */
void wording_name(struct buf *buf, struct span name, struct span code);
void wording_area(struct buf *buf, const struct policy *policy, int area);
void wording_unit(struct buf *buf, const struct policy *policy, int unit);
void wording_category(struct buf *buf, const struct policy *policy, int category);
/* The text in double quotes. */
void wording_quoted(struct buf *buf, struct span text);
/* The two largest parts: 2 d 3 h, 45 min; under a minute in seconds. Takes the amount of a negative one. */
void wording_duration(struct buf *buf, int64_t milliseconds);
/* 2026-11-21 20:00 in the city's local time. */
void wording_time(struct buf *buf, const struct policy *policy, int64_t at);
/* first, second, third, 4th, ... */
void wording_ordinal(struct buf *buf, size_t number);

#endif
