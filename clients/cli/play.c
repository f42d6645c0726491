/* The player's list. Owns encoded commands and their order: time, then row of the table, then step of the row, so that the
 * same table always plays the same way. Reads no file and sends nothing. Commands are held encoded, about 300 bytes each:
 * a hundred thousand steps take some 40 MB. */
#include "clients/cli/play.h"

#include <assert.h>
#include <stdlib.h>

#include "schema/codec.h"

void play_add(struct play *play, const struct record *command, int64_t row, uint32_t step)
{
	assert(record_has(command, at));
	if (play->count == play->room) {
		play->room = play->room ? play->room * 2 : 1024;
		play->steps = must_realloc(play->steps, play->room * sizeof *play->steps);
	}
	size_t offset = play->maps.len;
	codec_write_all(&play->maps, command);
	play->steps[play->count++] = (struct play_step){.at = command->at, .row = row, .step = step, .offset = offset, .len = play->maps.len - offset};
}

static int number_compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int step_compare(const void *left, const void *right)
{
	const struct play_step *a = left, *b = right;
	int order = number_compare(a->at, b->at);

	if (!order)
		order = number_compare(a->row, b->row);
	return order ? order : number_compare(a->step, b->step);
}

void play_sort(struct play *play)
{
	if (play->count)
		qsort(play->steps, play->count, sizeof *play->steps, step_compare);
}

void play_read(const struct play *play, size_t index, struct record *ret_command)
{
	const struct play_step *step = &play->steps[index];
	struct flaw flaw;

	record_clear(ret_command);
	int error = codec_read((struct span){play->maps.data + step->offset, step->len}, ret_command, &flaw);
	assert(error == 0);
	(void)error;
}

void play_free(struct play *play)
{
	free(play->steps);
	buf_free(&play->maps);
	*play = (struct play){0};
}
