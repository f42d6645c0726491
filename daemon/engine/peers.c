/* Peers and what is to be sent to them. A peer is known by its door and routing id. Maps for one peer are packed into as
 * few frames as the frame limit allows and leave after the commit. The table is bounded: the longest silent peer without
 * work under way is forgotten first (it is remembered again when it speaks). */
#include "engine/inside.h"

#include <stdlib.h>

#define FRAME_FULL 262144 /* a frame is cut here, so that no reply waits behind a megabyte of others */

static void peer_free(struct engine *engine, struct peer *peer)
{
	HASH_DEL(engine->peers, peer);
	inbox_drop(engine, peer);
	buf_free(&peer->out);
	free(peer->cuts);
	free(peer);
}

static void peers_shrink(struct engine *engine)
{
	struct peer *peer, *next;

	if ((int64_t)HASH_COUNT(engine->peers) < engine->settings->limits_peers)
		return;
	HASH_ITER(hh, engine->peers, peer, next) {
		if (peer->dirty || peer->waiting || peer->worker || peer->requests)
			continue;
		peer_free(engine, peer);
		return;
	}
}

struct peer *peer_of(struct engine *engine, enum door door, struct span id)
{
	char key[FENCE_KEY_MAX];
	size_t len = 1 + (id.len < 255 ? id.len : 255);
	struct peer *peer;

	key[0] = (char)door;
	if (len > 1)
		memcpy(key + 1, id.data, len - 1);
	HASH_FIND(hh, engine->peers, key, len, peer);
	if (peer) { /* to the end of the order: it spoke last */
		HASH_DEL(engine->peers, peer);
	} else {
		peers_shrink(engine);
		peer = must_calloc(1, sizeof *peer + len);
		peer->door = door;
		peer->key_len = (unsigned char)len;
		memcpy(peer->key, key, len);
	}
	HASH_ADD_KEYPTR(hh, engine->peers, peer->key, peer->key_len, peer);
	return peer;
}

/* A peer that is gone: what waits for it is dropped, its leases go back. */
void peer_forget(struct engine *engine, struct peer *peer)
{
	if (peer->worker)
		work_leave(engine, peer->worker);
	waiting_drop_peer(&engine->queries, peer);
	waiting_drop_peer(&engine->driven_commands, peer);
	waiting_drop_peer(&engine->backup_waits, peer);
	waiting_drop_peer(&engine->prune.waits, peer);
	for (size_t i = 0; i < engine->dirty_count; i++)
		if (engine->dirty_peers[i] == peer)
			engine->dirty_peers[i] = NULL;
	peer_free(engine, peer);
}

static void peer_cut(struct peer *peer)
{
	if (peer->cut_count == peer->cut_room) {
		peer->cut_room = peer->cut_room ? peer->cut_room * 2 : 4;
		peer->cuts = must_realloc(peer->cuts, peer->cut_room * sizeof *peer->cuts);
	}
	peer->cuts[peer->cut_count++] = peer->out.len;
}

static void peer_wrote(struct engine *engine, struct peer *peer)
{
	size_t begin = peer->cut_count ? peer->cuts[peer->cut_count - 1] : 0;

	if (peer->out.len - begin >= FRAME_FULL)
		peer_cut(peer);
	if (peer->dirty)
		return;
	peer->dirty = true;
	if (engine->dirty_count == engine->dirty_room) {
		engine->dirty_room = engine->dirty_room ? engine->dirty_room * 2 : 64;
		engine->dirty_peers = must_realloc(engine->dirty_peers, engine->dirty_room * sizeof *engine->dirty_peers);
	}
	engine->dirty_peers[engine->dirty_count++] = peer;
}

void peer_send(struct engine *engine, struct peer *peer, const struct record *record)
{
	codec_write(&peer->out, record, CODEC_NAMES);
	peer_wrote(engine, peer);
}

void peer_send_all(struct engine *engine, struct peer *peer, const struct record *record)
{
	codec_write_all(&peer->out, record);
	peer_wrote(engine, peer);
}

bool peers_output(struct engine *engine, struct engine_output *ret_output)
{
	for (; engine->dirty_sent < engine->dirty_count; engine->dirty_sent++) {
		struct peer *peer = engine->dirty_peers[engine->dirty_sent];
		if (!peer)
			continue;
		size_t begin = peer->cut_sent ? peer->cuts[peer->cut_sent - 1] : 0;
		if (peer->cut_sent == peer->cut_count && begin < peer->out.len)
			peer_cut(peer);
		if (peer->cut_sent == peer->cut_count)
			continue;
		*ret_output = (struct engine_output){
			.door = peer->door,
			.peer = {peer->key + 1, peer->key_len - 1u},
			.payload = {peer->out.data + begin, peer->cuts[peer->cut_sent] - begin},
		};
		peer->cut_sent++;
		return true;
	}
	return false;
}

void peers_sent(struct engine *engine)
{
	for (size_t i = 0; i < engine->dirty_count; i++) {
		struct peer *peer = engine->dirty_peers[i];
		if (!peer)
			continue;
		peer->dirty = false;
		peer->requests = peer->waiting + peer->queued; /* all others were answered */
		peer->bytes = peer->waiting_bytes + peer->queued_bytes;
		peer->refused = 0;
		peer->refused_unread = false;
		peer->cut_count = peer->cut_sent = 0;
		if (peer->out.room > 4 * FRAME_FULL)
			buf_free(&peer->out);
		buf_clear(&peer->out);
	}
	engine->dirty_count = engine->dirty_sent = 0;
}

void peers_free(struct engine *engine)
{
	struct peer *peer, *next;

	HASH_ITER(hh, engine->peers, peer, next)
		peer_free(engine, peer);
	free(engine->dirty_peers);
}
