/* Changes on their way into the archive, as bytes in one growing buffer. Internal to store. */
#ifndef REEVE_STORE_ARCHIVE_BACKLOG_H
#define REEVE_STORE_ARCHIVE_BACKLOG_H

#include "base/span.h"

/* One change in a batch; key and value are borrowed from the buffer. */
struct archive_change {
	uint64_t head; /* first bytes of the key, for quick comparing */
	const char *key;
	uint32_t value_len; /* the value follows the key */
	uint16_t key_len;
	uint8_t table;
	bool removes;
};

/* Whole rounds, each key once with its last value, in the order of table and key. */
struct archive_batch {
	struct archive_change *changes; /* owned */
	size_t count;
	size_t room;
	int64_t seq; /* of the last round in it */
	size_t end;  /* offset in the buffer behind that round */
};

void backlog_add(struct buf *backlog, int table, struct span key, struct span value, bool removes);
/* Ends a round. */
void backlog_end_round(struct buf *backlog, int64_t seq);
/* The next batch from offset `from`, where a round begins; there must be at least one whole round. */
void backlog_batch(const struct buf *backlog, size_t from, struct archive_batch *batch);
void archive_batch_free(struct archive_batch *batch);

#endif
