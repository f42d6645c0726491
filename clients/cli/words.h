/* What an event says, in one line of words: name=value, the important ones. */
#ifndef REEVE_CLI_WORDS_H
#define REEVE_CLI_WORDS_H

#include "core/record.h"

void event_words(struct buf *text, const struct record *event, const char *zone);
/* One row of a list field: all that it holds, as name=value. */
void row_words(struct buf *text, struct span map, const char *zone);

#endif
