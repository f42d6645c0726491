/* Owns the table of peers of one ROUTER. Most peers need no row: only those that use a delimiter and those that read too
 * slowly have one. Bounded three ways: rows (the longest silent one that waits for nothing makes room), bytes per peer, and bytes
 * in all.
 *
 * Invariants: a peer is in the ring exactly if something waits for it; backlog.waiting_bytes is the sum over all rows. */
#include "net/backlog.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

/* What one waiting payload costs besides its bytes. */
#define WAITING_OVERHEAD ((int64_t)sizeof(struct backlog_item) + 32)

struct backlog_peer *backlog_find(struct backlog *backlog, struct span id)
{
	struct backlog_peer *peer;

	HASH_FIND(hh, backlog->table, id.data, id.len, peer);
	return peer;
}

static void make_room(struct backlog *backlog)
{
	struct backlog_peer *peer = backlog->table, *next;

	for (; peer && (int64_t)HASH_COUNT(backlog->table) >= backlog->most_peers; peer = next) {
		next = peer->hh.next;
		if (!peer->first)
			backlog_forget(backlog, peer);
	}
}

static struct backlog_peer *peer_add(struct backlog *backlog, struct span id)
{
	make_room(backlog);
	struct backlog_peer *peer = must_calloc(1, sizeof *peer + id.len);
	memcpy(peer->id, id.data, id.len);
	peer->id_len = id.len;
	HASH_ADD_KEYPTR(hh, backlog->table, peer->id, peer->id_len, peer);
	return peer;
}

void backlog_note(struct backlog *backlog, struct span id, bool delimited)
{
	struct backlog_peer *peer = backlog_find(backlog, id);

	if (!peer && !delimited)
		return;
	if (!peer)
		peer = peer_add(backlog, id);
	peer->delimited = delimited;
	if (!delimited && !peer->first) {
		backlog_forget(backlog, peer);
		return;
	}
	/* To the young end. */
	HASH_DELETE(hh, backlog->table, peer);
	HASH_ADD_KEYPTR(hh, backlog->table, peer->id, peer->id_len, peer);
}

bool backlog_keep(struct backlog *backlog, struct span id, struct span payload)
{
	struct backlog_peer *peer = backlog_find(backlog, id);
	int64_t bytes = (int64_t)payload.len + WAITING_OVERHEAD;

	if (backlog->waiting_bytes + bytes > backlog->most_bytes)
		return false;
	if ((peer ? peer->waiting_bytes : 0) + bytes > backlog->most_peer_bytes)
		return false;
	if (!peer)
		peer = peer_add(backlog, id);
	struct backlog_item *kept = must_calloc(1, sizeof *kept + payload.len);
	kept->len = payload.len;
	if (payload.len)
		memcpy(kept->data, payload.data, payload.len);
	if (peer->first)
		peer->last->next = kept;
	else
		CDL_APPEND2(backlog->waiting, peer, previous_waiting, next_waiting);
	peer->first = peer->first ? peer->first : kept;
	peer->last = kept;
	peer->waiting_bytes += bytes;
	backlog->waiting_bytes += bytes;
	return true;
}

static void drop_first(struct backlog *backlog, struct backlog_peer *peer)
{
	struct backlog_item *first = peer->first;
	int64_t bytes = (int64_t)first->len + WAITING_OVERHEAD;

	peer->first = first->next;
	peer->waiting_bytes -= bytes;
	backlog->waiting_bytes -= bytes;
	assert(peer->waiting_bytes >= 0 && backlog->waiting_bytes >= 0);
	free(first);
	if (!peer->first)
		CDL_DELETE2(backlog->waiting, peer, previous_waiting, next_waiting);
}

void backlog_sent(struct backlog *backlog, struct backlog_peer *peer)
{
	drop_first(backlog, peer);
	if (!peer->first && !peer->delimited)
		backlog_forget(backlog, peer);
}

void backlog_forget(struct backlog *backlog, struct backlog_peer *peer)
{
	if (!peer)
		return;
	while (peer->first)
		drop_first(backlog, peer);
	HASH_DELETE(hh, backlog->table, peer);
	free(peer);
}

void backlog_free(struct backlog *backlog)
{
	while (backlog->table)
		backlog_forget(backlog, backlog->table);
	assert(!backlog->waiting && backlog->waiting_bytes == 0);
}
