/* What peers asked and the engine has not looked at yet. Owns each peer's inbox and the ring of peers that have one; turns, time and credit are counted
 * here so that nobody's requests keep others waiting:
 *
 *   engine_queue   a frame came: it is checked and copied, its requests count as under way
 *   engine_slice   a few requests of one peer, then it is the next one's turn; the caller stops when its time is up
 *
 * Who asks little does not wait behind those who ask much: a peer that had nothing in its inbox is fresh and comes before the others, once; what is left
 * after that slice waits in the ring of the busy ones, who have at least one slice in FRESH_RUN. When such a one has its answer ready, the round is hurried:
 * its commit should not wait for all that the others asked.
 *
 * What a peer may have under way is limits.peer_requests and limits.peer_bytes; a request over it gets busy. After REFUSED_MOST of them in one round
 * the rest is not looked at and gets one busy for all: refusing a flood must cost less than sending it. A peer that does not read its answers is passed over until it does.
 *
 * Invariants: a peer is in one of the two rings exactly if its inbox holds something; engine.inbox_bytes is the sum over all. */
#include "engine/inside.h"

#include <assert.h>
#include <utlist.h>

#define REFUSED_MOST 256
#define SLICE_REQUESTS 32
#define FRESH_RUN 4
#define SLICE_BYTES 65536        /* of answers */
#define SPARSE_REQUESTS 4        /* under way at once: who has no more than these asks little */
#define OUT_MOST (1 << 20)       /* answers of one peer in one turn; the rest of its requests waits for the next */
#define SPARSE_BYTES 8192        /* a report with a long text */
#define INBOX_KEPT 65536         /* an empty inbox larger than this is given back */

static void ring_leave(struct engine *engine, struct peer *peer)
{
	if (peer->fresh)
		CDL_DELETE2(engine->fresh, peer, previous_pending, next_pending);
	else
		CDL_DELETE2(engine->pending, peer, previous_pending, next_pending);
}

static void inbox_empty(struct engine *engine, struct peer *peer)
{
	ring_leave(engine, peer);
	engine->inbox_bytes -= (int64_t)(peer->inbox.len - peer->inbox_at);
	assert(engine->inbox_bytes >= 0);
	if (peer->inbox.room > INBOX_KEPT)
		buf_free(&peer->inbox);
	buf_clear(&peer->inbox);
	peer->inbox_at = 0;
	peer->queued = peer->queued_bytes = 0;
}

void inbox_drop(struct engine *engine, struct peer *peer)
{
	if (peer->inbox.len)
		inbox_empty(engine, peer);
	buf_free(&peer->inbox);
}

static void inbox_add(struct engine *engine, struct peer *peer, struct span maps, int64_t count)
{
	if (!maps.len)
		return;
	if (!peer->inbox.len) {
		peer->fresh = true;
		CDL_APPEND2(engine->fresh, peer, previous_pending, next_pending);
	}
	if (peer->inbox_at > peer->inbox.len / 2) {
		memmove(peer->inbox.data, peer->inbox.data + peer->inbox_at, peer->inbox.len - peer->inbox_at);
		peer->inbox.len -= peer->inbox_at;
		peer->inbox_at = 0;
	}
	buf_add_span(&peer->inbox, maps);
	engine->inbox_bytes += (int64_t)maps.len;
	peer->queued += count;
	peer->queued_bytes += (int64_t)maps.len;
	peer->requests += count;
	peer->bytes += (int64_t)maps.len;
}

static void refuse_unread(struct engine *engine, struct peer *peer)
{
	struct record nothing;

	record_clear(&nothing);
	if (!peer->refused_unread)
		reply_refusal(engine, &(struct caller){peer, &nothing, {0}}, ERROR_busy, FIELD_COUNT, "more requests than these were not looked at: wait for answers");
	peer->refused_unread = true;
}

/* It goes on sending though it was told to wait: its requests are not even looked at. */
static bool beyond_hope(const struct engine *engine, const struct peer *peer, struct span frame)
{
	return peer->refused >= REFUSED_MOST || peer->queued_bytes + (int64_t)frame.len > 2 * engine->settings->limits_peer_bytes ||
		engine->inbox_bytes + (int64_t)frame.len > 2 * engine->settings->limits_backlog_bytes;
}

/* What others filled is no reason to refuse who asks one small thing at a time: a flood must not keep a single report out. */
static bool shared_room(const struct engine *engine, const struct peer *peer, struct span map)
{
	return engine->inbox_bytes + (int64_t)map.len <= engine->settings->limits_backlog_bytes || (peer->queued == 0 && map.len <= SPARSE_BYTES);
}

/* Up to the credit they are queued; the rest gets busy. */
static void inbox_add_some(struct engine *engine, struct peer *peer, struct span frame)
{
	const struct settings *settings = engine->settings;
	struct span map;

	while (frame_next(&frame, &map)) {
		if (peer->requests < settings->limits_peer_requests && peer->bytes + (int64_t)map.len <= settings->limits_peer_bytes && shared_room(engine, peer, map))
			inbox_add(engine, peer, map, 1);
		else if (peer->refused < REFUSED_MOST)
			request_over(engine, peer, map);
		else
			break;
	}
	if (frame.len && peer->refused >= REFUSED_MOST)
		refuse_unread(engine, peer);
}

bool engine_queue(struct engine *engine, enum door door, struct span peer_id, struct span frame)
{
	const struct settings *settings = engine->settings;
	struct record nothing;
	struct flaw flaw;
	struct peer *peer;
	size_t objects;

	if (!engine_begin(engine))
		return true;
	engine->sliced = true;
	record_clear(&nothing);
	peer = peer_of(engine, door, peer_id);
	if (beyond_hope(engine, peer, frame))
		refuse_unread(engine, peer);
	else if (engine_scan(engine, frame, &objects, &flaw))
		reply_flaw(engine, &(struct caller){peer, &nothing, {0}}, &flaw);
	else if (door != DOOR_SERVICE || (peer->requests + (int64_t)objects <= settings->limits_peer_requests &&
		peer->bytes + (int64_t)frame.len <= settings->limits_peer_bytes && engine->inbox_bytes + (int64_t)frame.len <= settings->limits_backlog_bytes))
		inbox_add(engine, peer, frame, (int64_t)objects);
	else
		inbox_add_some(engine, peer, frame);
	return !(peer->refused || peer->refused_unread);
}

static void slice_handle(struct engine *engine, struct peer *peer)
{
	size_t out = peer->out.len;

	for (int done = 0; done < SLICE_REQUESTS && peer->out.len - out < SLICE_BYTES && peer->out.len < OUT_MOST; done++) {
		struct span rest = {peer->inbox.data + peer->inbox_at, peer->inbox.len - peer->inbox_at}, map;
		if (!frame_next(&rest, &map))
			break;
		peer->inbox_at += map.len;
		engine->inbox_bytes -= (int64_t)map.len;
		peer->queued--;
		peer->queued_bytes -= (int64_t)map.len;
		request_queued(engine, peer, map);
		if (engine->round_requests >= engine->settings->limits_round_requests)
			round_commit(engine);
	}
	if (peer->inbox_at == peer->inbox.len) {
		engine->hurried |= peer->door == DOOR_SERVICE && peer->requests <= SPARSE_REQUESTS;
		inbox_empty(engine, peer);
	}
}

bool engine_hurried(const struct engine *engine)
{
	return engine->hurried;
}

void engine_on_clear(struct engine *engine, bool (*clear)(void *context, enum door door, struct span peer), void *context)
{
	engine->clear = clear;
	engine->clear_context = context;
}

static bool peer_clear(const struct engine *engine, const struct peer *peer)
{
	return peer->out.len < OUT_MOST && (!engine->clear || engine->clear(engine->clear_context, peer->door, (struct span){peer->key + 1, peer->key_len - 1u}));
}

static struct peer *next_clear(const struct engine *engine, struct peer *first)
{
	struct peer *peer = first;

	while (peer && !peer_clear(engine, peer)) {
		peer = peer->next_pending;
		if (peer == first)
			return NULL;
	}
	return peer;
}

static struct peer *next_peer(struct engine *engine)
{
	bool busy_first = ++engine->slices % FRESH_RUN == 0;
	struct peer *peer = next_clear(engine, busy_first ? engine->pending : engine->fresh);

	return peer ? peer : next_clear(engine, busy_first ? engine->fresh : engine->pending);
}

static void peer_to_busy(struct engine *engine, struct peer *peer)
{
	ring_leave(engine, peer);
	peer->fresh = false;
	CDL_APPEND2(engine->pending, peer, previous_pending, next_pending);
}

bool engine_slice(struct engine *engine)
{
	struct peer *peer;

	engine->left = false;
	if ((!engine->pending && !engine->fresh && !engine->queries.first) || !engine_begin(engine))
		return false;
	peer = next_peer(engine);
	if (peer) {
		slice_handle(engine, peer);
		if (peer->inbox.len)
			peer_to_busy(engine, peer);
	}
	engine->left = query_ready(engine) || peer;
	return engine->left;
}
