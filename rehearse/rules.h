/* The policies of a rehearsal: those that the journal holds, and those that are to be tried. */
#ifndef REEVE_REHEARSE_RULES_H
#define REEVE_REHEARSE_RULES_H

#include "rehearse/history.h"

#define RULES_DIRECTORIES 8

/* Every policy that was adopted, in order, compiled; NULL with one line in error. Free with rules_free. */
struct policy **rules_recorded(const struct history *history, size_t *ret_count, char *error, size_t error_size);
/* The files of several directories as one policy: a later directory's file takes the place of an earlier one of the same name. NULL with
 * one line in error, or with what is wrong by file, line and column on standard error (error is then empty). */
struct policy *rules_directories(const char *const *directories, size_t count, char *error, size_t error_size);
/* Takes NULL, and NULL in it. */
void rules_free(struct policy **policies, size_t count);

#endif
