/* Tasks that wait for their policy, as the bytes they came in. */
#ifndef REEVE_WORKERS_HELD_H
#define REEVE_WORKERS_HELD_H

#include "base/span.h"

struct held_task {
	struct buf bytes;
	int64_t version;    /* of the policy it waits for */
	int64_t lease_ms;   /* 0: not known */
	int64_t renewed_ms; /* when its lease was last sure */
};

struct held {
	struct held_task *tasks;
	size_t count, room;
};

/* Copies the task. */
void held_add(struct held *held, struct span map, int64_t version, int64_t lease_ms, int64_t now);
/* Moves the oldest task for this version out into ret_bytes (buf_free it): false when there is none. */
bool held_take(struct held *held, int64_t version, struct buf *ret_bytes);
void held_clear(struct held *held);

#endif
