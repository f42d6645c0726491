/* Small texts of a policy: durations, percentages, dates, times of day. Every reader returns false for anything
 * that it does not wholly understand, and then leaves its result alone. */
#ifndef REEVE_POLICY_WORDS_H
#define REEVE_POLICY_WORDS_H

#include "base/span.h"

/* Without blanks, tabs and line ends at both sides. */
struct span words_trim(struct span text);
/* Offset of the first byte that is not UTF-8 (RFC 3629), -1: none. */
int64_t utf8_flaw(struct span text);
/* "30 minutes", "1.5 hours", "14 days", "1 week", "90 seconds", "250 ms"; the plural s is free. */
bool duration_read(struct span text, int64_t *ret_ms);
/* "150 m", "1.2 km". */
bool distance_read(struct span text, int64_t *ret_metres);
/* "80 %" or "80". */
bool percent_read(struct span text, int64_t *ret_percent);
/* Whole, not negative. */
bool number_read(struct span text, int64_t *ret_number);
/* Decimal with up to three places, not negative, in thousandths. */
bool thousandths_read(struct span text, int64_t *ret_thousandths);
/* Decimal degrees. */
bool degrees_read(struct span text, double limit, double *ret_degrees);
/* true, yes, on; false, no, off. */
bool flag_read(struct span text, bool *ret_flag);
/* "2011-07-04" as days since 1970-01-01. */
bool date_read(struct span text, int64_t *ret_date);
/* "09:00" to "24:00" in milliseconds. */
bool time_of_day_read(struct span text, int64_t *ret_ms);
/* "09:00-12:00", not empty, not over midnight. */
bool hours_read(struct span text, int64_t *ret_from, int64_t *ret_to);
/* "mon" to "sun": 0 to 6. */
bool weekday_read(struct span text, int *ret_weekday);
/* "2011-07-01 01:32:33" (or T, or without seconds) as local milliseconds. */
bool local_time_read(struct span text, int64_t *ret_local);

/* How many letters to change, add, drop or swap (by bytes); stops counting at `most` + 1. */
size_t words_distance(struct span a, struct span b, size_t most);

#endif
