/* Tasks on hold.
 *
 * Owns copies of their bytes: the frame they came in is gone when their policy arrives. Never decides and never sends. The worker's credit
 * bounds their number, because a held task has used up its credit. Invariant: they stay in the order they came. */
#include "workers/held.h"

#include <stdlib.h>
#include <string.h>

void held_add(struct held *held, struct span map, int64_t version, int64_t lease_ms, int64_t now)
{
	if (held->count == held->room) {
		held->room = held->room ? held->room * 2 : 64;
		held->tasks = must_realloc(held->tasks, held->room * sizeof *held->tasks);
	}
	struct held_task *task = &held->tasks[held->count++];
	*task = (struct held_task){.version = version, .lease_ms = lease_ms, .renewed_ms = now};
	buf_add_span(&task->bytes, map);
}

bool held_take(struct held *held, int64_t version, struct buf *ret_bytes)
{
	for (size_t i = 0; i < held->count; i++) {
		if (held->tasks[i].version != version)
			continue;
		*ret_bytes = held->tasks[i].bytes;
		held->count--;
		memmove(&held->tasks[i], &held->tasks[i + 1], (held->count - i) * sizeof *held->tasks);
		return true;
	}
	return false;
}

void held_clear(struct held *held)
{
	for (size_t i = 0; i < held->count; i++)
		buf_free(&held->tasks[i].bytes);
	free(held->tasks);
	*held = (struct held){0};
}
