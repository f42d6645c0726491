/* Where a journal comes from: streams, or a directory that holds one with its segments. */
#ifndef REEVE_TRANSFER_SOURCE_H
#define REEVE_TRANSFER_SOURCE_H

#include "transfer/copy.h"

struct sources;

/* Names, each a stream ("-": standard input) or a directory: a backup or, with_rows false, also a state directory whose daemon runs. with_rows: private rows are
 * taken from a directory too. NULL with one line in error. */
struct sources *sources_open(char *const *names, int count, bool with_rows, char *error, size_t error_size);
/* In order, for copy_run. */
const struct copy_source *sources_list(const struct sources *sources, size_t *ret_count);
/* Takes NULL. */
void sources_close(struct sources *sources);

#endif
