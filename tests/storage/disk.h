/* A disk before and after a power cut: what is durable, and what may be.
 *
 * The model is a page cache over a disk of 512-byte sectors. Since a file was last synced, each of its sectors may be on the disk as it was then or
 * as it was after any later write, each for itself; its length likewise; and of the names made, moved and removed since their folder was synced
 * the first so many are there (syncing a file does not make its name durable). A write through a descriptor with O_DSYNC makes its own sectors durable, and nothing else. */
#ifndef REEVE_TESTS_DISK_H
#define REEVE_TESTS_DISK_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/storage/write_log.h"

#define SECTOR 512

struct disk;

/* deaf: syncs do nothing, for the checker's own test. */
struct disk *disk_new(bool deaf);
void disk_free(struct disk *disk);
/* One line of the log. A file that was there before the log is known by its name. False with a line on standard error: the model does not know such a thing. */
bool disk_apply(struct disk *disk, const struct logged_head *head, const char *name, const char *other, const unsigned char *bytes);
/* Independent choices a power cut has now, and how many ways there are in all; at most `most`. */
size_t disk_choices(const struct disk *disk, size_t most, size_t *ret_ways);

enum cut {
	CUT_WAY,     /* argument: the number of the way, below the number of ways */
	CUT_OLDEST,  /* only what was synced */
	CUT_NEWEST,  /* everything */
	CUT_LACKS,   /* everything but one choice, by chance */
	CUT_HAS,     /* only what was synced and one choice, by chance */
	CUT_ORDERED, /* up to some moment, by chance, and nothing later */
	CUT_REVERSE, /* from some moment on, by chance, and nothing earlier */
	CUT_CHANCE,  /* each choice by chance */
	CUT_KINDS
};
/* Settles every choice; the image is what disk_write and disk_hash then speak of. */
void disk_cut(struct disk *disk, enum cut cut, size_t way, uint64_t *chance);
/* The image becomes the disk: the machine is on again. */
void disk_settle(struct disk *disk);
uint64_t disk_hash(const struct disk *disk);
/* Writes the image into an empty folder. */
void disk_write(const struct disk *disk, const char *folder);
/* Whether a folder holds exactly the image; a line on standard error where not. */
bool disk_equals(const struct disk *disk, const char *folder);
uint64_t chance_next(uint64_t *chance);

#endif
