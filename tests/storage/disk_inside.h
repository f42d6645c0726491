/* The inside of the model of a disk: shared by disk.c, which follows the log, and disk_cut.c, which lets the power fail. */
#ifndef REEVE_TESTS_DISK_INSIDE_H
#define REEVE_TESTS_DISK_INSIDE_H

#include "base/span.h"
#include "tests/storage/disk.h"

#define NAME_MOST 128

struct sector {
	uint64_t number;
	uint64_t since; /* moment of the first write */
	size_t count;   /* contents after the durable one */
	size_t chosen;  /* 0: durable */
	unsigned char *contents;
};

struct file {
	struct file *next;
	uint64_t inode;
	struct buf durable, cache; /* their lengths are the file's */
	struct sector *sectors;
	size_t sector_count, sector_room;
	size_t *lengths; /* after each change since the last sync */
	size_t length_count, length_room, length_chosen; /* 0: durable */
	uint64_t length_since;
};

struct name {
	char path[NAME_MOST];
	struct file *file; /* NULL: a folder */
};

struct names {
	struct name *list;
	size_t count, room;
};

struct change {
	enum logged kind;
	char path[NAME_MOST], other[NAME_MOST];
	struct file *file;
	uint64_t since;
};

struct disk {
	bool deaf;
	uint64_t moment;
	struct file *files;
	struct names durable, cache;
	struct change *changes;
	size_t change_count, change_room, change_chosen;
};

#define GROW(list, count, room) \
	do { \
		if ((count) == (room)) { \
			(room) = (room) ? (room) * 2 : 16; \
			(list) = must_realloc((list), (room) * sizeof *(list)); \
		} \
	} while (0)

/* The names after the first so many changes, those that can be reached; the caller frees the list. */
struct names names_after(const struct disk *disk, size_t changes);
/* Zeros where it grows. */
void length_set(struct buf *buf, size_t len);

#endif
