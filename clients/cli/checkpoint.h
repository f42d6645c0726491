/* How far an import got, in a small file beside the table, so that it can go on after an interruption. */
#ifndef REEVE_CLI_CHECKPOINT_H
#define REEVE_CLI_CHECKPOINT_H

#include "base/span.h"

struct checkpoint {
	int64_t row;      /* every row up to this one was answered */
	int64_t opened, known, refused;
};

/* Reads the file if it is there and belongs to this table and mapping as they are now. False: begin at the first row. */
bool checkpoint_read(const char *path, const char *table, const char *mapping, const char *service, struct checkpoint *ret_checkpoint);
/* Replaces the file in one step. False: errno says why. */
bool checkpoint_write(const char *path, const char *table, const char *mapping, const char *service, const struct checkpoint *checkpoint);

#endif
