/* Steps of many cases in the order of their times, for a daemon with a driven clock. */
#ifndef REEVE_CLI_PLAY_H
#define REEVE_CLI_PLAY_H

#include "core/record.h"

struct play_step {
	int64_t at;
	int64_t row;       /* of the table */
	uint32_t step;     /* 0 the report, then the mapping's steps */
	size_t offset, len; /* the encoded command in play->maps */
};

struct play {
	struct play_step *steps;
	size_t count, room;
	struct buf maps;
};

/* Copies a command that has a time (at). */
void play_add(struct play *play, const struct record *command, int64_t row, uint32_t step);
/* By time, then row, then step. */
void play_sort(struct play *play);
/* Reads a step's command back; its texts live in play. */
void play_read(const struct play *play, size_t index, struct record *ret_command);
void play_free(struct play *play);

#endif
