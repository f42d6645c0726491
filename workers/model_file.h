/* The model that a worker uses, read again when its file changes. */
#ifndef REEVE_WORKERS_MODEL_FILE_H
#define REEVE_WORKERS_MODEL_FILE_H

#include <sys/stat.h>

#include "learn/model.h"

#define MODEL_FILE_LOOK_MS 1000

/* Begin with {.path = ...}. */
struct model_file {
	const char *path;    /* NULL: none is wanted */
	struct model *model; /* NULL: none could be read yet */
	struct stat seen;    /* the file as it was when it was last read, well or not */
	bool looked;
	int64_t look_at_ms;
};

/* At most once in MODEL_FILE_LOOK_MS: reads the file when it is another one than before. A file that is no good is refused with a line in the log, and
 * the model stays as it was. Not while a decision uses the model. */
void model_file_look(struct model_file *file, int64_t now_ms);
/* Usable again. */
void model_file_close(struct model_file *file);

#endif
