/* Log lines: key=value on standard error, with a <priority> prefix when standard error is the systemd journal (JOURNAL_STREAM).
 * Only engine, net, main and the workers' loop log. Never a caller's name, phone or contact, and no report text.
 *
 *   log_line(LOG_LEVEL_INFO, "started", "state_dir", "/var/lib/reeve", "open_cases", log_number(n), NULL);
 *   time=2026-11-21T20:00:00.000Z level=info msg=started state_dir=/var/lib/reeve open_cases=12
 */
#ifndef REEVE_BASE_LOG_H
#define REEVE_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_NOTICE, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* Pairs of key and value, both const char *, ended by NULL. Values with blanks, quotes or control characters are quoted and escaped. */
void log_line(enum log_level level, const char *message, ...) __attribute__((sentinel));
/* A number as text; valid until 16 further calls in the same thread. */
const char *log_number(int64_t number);
void log_set_level(enum log_level level);
/* False when there is no such name. */
bool log_level_find(const char *name, enum log_level *ret_level);
/* Names the program in each line (worker processes); NULL: none. */
void log_set_program(const char *name);

#endif
