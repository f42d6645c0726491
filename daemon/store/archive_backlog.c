/* Changes on their way into the archive. A backlog is a buffer of entries (head, key, value) in the order they came, each round
 * ended by an entry with its sequence number: adding costs two copies and no allocation. Owns nothing; never touches LMDB
 * and has no lock, its callers do.
 *
 * Invariants: a batch holds whole rounds only, so that what is written with a sequence number is all that it stands for;
 * of several changes to one key the last one wins; batches are cut near a size that LMDB writes without spilling pages. */
#include "store/archive_backlog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES ((size_t)16 << 20)
#define BATCH_CHANGES ((size_t)100000) /* LMDB keeps about 131,000 dirty pages before it spills */
#define KEY_BYTES 500

enum entry_kind { ENTRY_PUT, ENTRY_REMOVE, ENTRY_ROUND };

struct entry {
	uint32_t value_len;
	uint16_t key_len;
	uint8_t table;
	uint8_t kind;
};

static void entry_add(struct buf *backlog, struct entry entry, const char *key, const char *value)
{
	buf_reserve(backlog, sizeof entry + entry.key_len + entry.value_len);
	char *at = backlog->data + backlog->len;
	memcpy(at, &entry, sizeof entry);
	memcpy(at + sizeof entry, key, entry.key_len);
	if (entry.value_len)
		memcpy(at + sizeof entry + entry.key_len, value, entry.value_len);
	backlog->len += sizeof entry + entry.key_len + entry.value_len;
}

void backlog_add(struct buf *backlog, int table, struct span key, struct span value, bool removes)
{
	assert(key.len >= 1 && key.len <= KEY_BYTES && value.len <= UINT32_MAX);
	entry_add(backlog, (struct entry){(uint32_t)value.len, (uint16_t)key.len, (uint8_t)table, removes ? ENTRY_REMOVE : ENTRY_PUT}, key.data, value.data);
}

void backlog_end_round(struct buf *backlog, int64_t seq)
{
	entry_add(backlog, (struct entry){.key_len = sizeof seq, .kind = ENTRY_ROUND}, (const char *)&seq, "");
}

static uint64_t key_head(const char *key, size_t len)
{
	unsigned char head[8] = {0};
	uint64_t number = 0;

	memcpy(head, key, len < sizeof head ? len : sizeof head);
	for (size_t i = 0; i < sizeof head; i++)
		number = number << 8 | head[i];
	return number;
}

static void batch_add(struct archive_batch *batch, const struct entry *entry, const char *key)
{
	if (batch->count == batch->room) {
		batch->room = batch->room ? batch->room * 2 : 1024;
		batch->changes = must_realloc(batch->changes, batch->room * sizeof *batch->changes);
	}
	batch->changes[batch->count++] = (struct archive_change){
		.head = key_head(key, entry->key_len),
		.key = key,
		.value_len = entry->value_len,
		.key_len = entry->key_len,
		.table = entry->table,
		.removes = entry->kind == ENTRY_REMOVE,
	};
}

static int key_compare(const struct archive_change *a, const struct archive_change *b)
{
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	return span_compare((struct span){a->key, a->key_len}, (struct span){b->key, b->key_len});
}

/* Equal keys in the order they came, which is that of their addresses. */
static int change_compare(const void *left, const void *right)
{
	const struct archive_change *a = left, *b = right;
	int order = key_compare(a, b);

	return order ? order : a->key < b->key ? -1 : a->key > b->key;
}

static void batch_coalesce(struct archive_batch *batch)
{
	size_t kept = 0;

	if (batch->count)
		qsort(batch->changes, batch->count, sizeof *batch->changes, change_compare);
	for (size_t i = 0; i < batch->count; i++) {
		if (i + 1 < batch->count && key_compare(&batch->changes[i], &batch->changes[i + 1]) == 0)
			continue;
		batch->changes[kept++] = batch->changes[i];
	}
	batch->count = kept;
}

void backlog_batch(const struct buf *backlog, size_t from, struct archive_batch *batch)
{
	struct entry entry;

	batch->count = 0;
	batch->end = from;
	for (size_t at = from; at < backlog->len;) {
		const char *key = backlog->data + at + sizeof entry;
		memcpy(&entry, backlog->data + at, sizeof entry);
		at += sizeof entry + entry.key_len + entry.value_len;
		if (entry.kind != ENTRY_ROUND) {
			batch_add(batch, &entry, key);
			continue;
		}
		memcpy(&batch->seq, key, sizeof batch->seq);
		batch->end = at;
		if (at - from >= BATCH_BYTES || batch->count >= BATCH_CHANGES)
			break;
	}
	assert(batch->end > from);
	batch_coalesce(batch);
}

void archive_batch_free(struct archive_batch *batch)
{
	free(batch->changes);
	*batch = (struct archive_batch){0};
}
