/* A workload in a process of its own, with a library preloaded: the program calls itself again as `--drive ...`. */
#ifndef REEVE_TESTS_STORAGE_DRIVE_H
#define REEVE_TESTS_STORAGE_DRIVE_H

#include "tests/storage/workload.h"

#define PLACE_MOST 256

/* A folder with everything of one run. */
struct place {
	char root[PLACE_MOST], folder[PLACE_MOST], scratch[PLACE_MOST], notes[PLACE_MOST], log[PLACE_MOST], said[PLACE_MOST];
	char folder_setting[PLACE_MOST + 32], notes_setting[PLACE_MOST + 32], log_setting[PLACE_MOST + 32]; /* for write_log.c */
	bool keep;
};

/* The names below its root, and the folders. */
bool place_name(struct place *place);
bool place_make(struct place *place, const char *name);
void place_remove(struct place *place);
bool place_read(const char *path, struct buf *ret_bytes);

#define DRIVE_HUNG 1000
#define DRIVE_SIGNAL 2000 /* plus its number */

/* Runs it with these settings in the environment and what it says in place->said. Its exit status, or DRIVE_*. */
int drive(const struct workload *workload, const struct place *place, const char *library, char **settings);
bool drive_wanted(int argc, char **argv);
int drive_here(int argc, char **argv);

#endif
