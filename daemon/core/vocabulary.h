/* Names of clocks, kinds and tasks as a policy writes them, read from schema/names.def. */
#ifndef REEVE_CORE_VOCABULARY_H
#define REEVE_CORE_VOCABULARY_H

#include "base/span.h"

/* Each ends with a NULL; slot 0 is the empty word of "none". The slot is the number of names.def. */
extern const char *const clock_words[];
extern const char *const kind_words[];
extern const char *const task_words[];

/* 0 when there is no such word. */
int vocabulary_find(const char *const *words, struct span word);

#endif
