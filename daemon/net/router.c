/* The service and work doors. Owns the ROUTER socket and what could not be sent yet.
 *
 * A peer's message is one payload frame; a REQ socket puts an empty frame before it and gets one back. More frames are
 * refused as malformed, a payload over limits.frame_bytes as oversized; libzmq itself cuts a connection only far above that, at
 * MAXMSGSIZE, so that a client with a batch too large learns why and can go on.
 *
 * Sends never block. A full peer gets its answers later, in order; one that lets more than limits.peer_bytes pile up
 * is given up: its answers are dropped and the engine is told that it cannot be reached. It can simply ask again. The engine is not
 * called while its output is being read: peers that are gone are remembered and reported afterwards. */
#include "net/router.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "base/log.h"
#include "net/bind.h"
#include "net/timekeeper.h"

#define ID_MOST 255          /* bytes of a routing id */
#define FLUSH_PEERS 64       /* per call, so that many stuck peers do not eat the turn */
#define LOOK_MESSAGES 32
#define TAKE_US 1000         /* of one look while somebody who asks little is about */
#define OVER_RUN 2           /* messages in a row from peers over their credit */
#define MESSAGES_UNSENT 16   /* per peer inside libzmq; beyond that the bytes are counted in our own backlog */
#define MESSAGES_UNREAD 32   /* per peer inside libzmq: what a flood may put there before its sender has to wait */

static void set_int(void *zmq, int option, int value)
{
	if (zmq_setsockopt(zmq, option, &value, sizeof value) < 0)
		log_line(LOG_LEVEL_WARNING, "socket option refused", "option", log_number(option), "reason", zmq_strerror(errno), NULL);
}

/* Polite refusals need room between the largest frame taken and where libzmq hangs up. */
static int64_t transport_bytes(const struct settings *settings)
{
	return 4 * settings->limits_frame_bytes + 65536;
}

static void set_options(void *zmq, const struct settings *settings)
{
	int64_t most = transport_bytes(settings);

	zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &most, sizeof most);
	set_int(zmq, ZMQ_ROUTER_MANDATORY, 1);
	set_int(zmq, ZMQ_RCVHWM, MESSAGES_UNREAD);
	set_int(zmq, ZMQ_SNDHWM, MESSAGES_UNSENT);
	set_int(zmq, ZMQ_LINGER, 1000);
	set_int(zmq, ZMQ_HANDSHAKE_IVL, 5000);
	/* No heartbeats of our own: libzmq 4.3.4 asserts when one is due on a broken connection whose receive queue is full. On ipc a dead
	 * peer's end closes at once; on tcp the kernel asks. */
	set_int(zmq, ZMQ_TCP_KEEPALIVE, 1);
	set_int(zmq, ZMQ_TCP_KEEPALIVE_IDLE, 10);
	set_int(zmq, ZMQ_TCP_KEEPALIVE_INTVL, 5);
	set_int(zmq, ZMQ_TCP_KEEPALIVE_CNT, 3);
	set_int(zmq, ZMQ_BACKLOG, 1024);
	set_int(zmq, ZMQ_IPV6, 1);
}

int router_open(struct router *router, void *context, enum door door, const struct settings *settings, char *error, size_t error_size)
{
	mode_t mode = (mode_t)strtol(settings->doors_mode, NULL, 8);

	router->door = door;
	router->settings = settings;
	router->zmq = zmq_socket(context, ZMQ_ROUTER);
	if (!router->zmq) {
		snprintf(error, error_size, "cannot create a socket: %s; raise the limit of open files", zmq_strerror(errno));
		return -1;
	}
	set_options(router->zmq, settings);
	router_reload(router);
	return door_bind(router->zmq, door == DOOR_SERVICE ? settings->doors_service : settings->doors_work, mode, error, error_size);
}

/* One whole message: the first frame is the peer, the payload the only other one but for a delimiter. */
struct arrival {
	zmq_msg_t id, first, second;
	int frames; /* after the id */
};

static bool take_frame(void *zmq, zmq_msg_t *ret_frame)
{
	int got;

	zmq_msg_init(ret_frame);
	do
		got = zmq_msg_recv(ret_frame, zmq, ZMQ_DONTWAIT);
	while (got < 0 && errno == EINTR);
	return got >= 0;
}

static void skip_frames(void *zmq, zmq_msg_t *last, int *frames)
{
	bool more = zmq_msg_more(last);

	while (more) {
		zmq_msg_t frame;

		more = take_frame(zmq, &frame) && zmq_msg_more(&frame);
		zmq_msg_close(&frame);
		*frames += 1;
	}
}

static bool arrival_take(void *zmq, struct arrival *arrival)
{
	bool taken = take_frame(zmq, &arrival->id);

	arrival->frames = 0;
	zmq_msg_init(&arrival->first);
	zmq_msg_init(&arrival->second);
	if (taken && zmq_msg_more(&arrival->id)) {
		arrival->frames += take_frame(zmq, &arrival->first);
		if (zmq_msg_more(&arrival->first)) {
			arrival->frames += take_frame(zmq, &arrival->second);
			skip_frames(zmq, &arrival->second, &arrival->frames);
		}
	}
	return taken;
}

static void arrival_close(struct arrival *arrival)
{
	zmq_msg_close(&arrival->id);
	zmq_msg_close(&arrival->first);
	zmq_msg_close(&arrival->second);
}

static struct span frame_span(zmq_msg_t *frame)
{
	return (struct span){zmq_msg_data(frame), zmq_msg_size(frame)};
}

/* False: its peer has more under way than it may. */
static bool arrival_hand_over(struct router *router, struct arrival *arrival)
{
	struct span peer = frame_span(&arrival->id);
	bool delimited = arrival->frames > 1 && zmq_msg_size(&arrival->first) == 0;
	struct span payload = frame_span(delimited ? &arrival->second : &arrival->first);

	backlog_note(&router->backlog, peer, delimited);
	router->figures.frames_in++;
	router->figures.bytes_in += (int64_t)payload.len;
	router->received = true;
	if (arrival->frames != (delimited ? 2 : 1)) {
		router->figures.refused++;
		engine_refuse(router->engine, router->door, peer, ERROR_malformed);
	} else if ((int64_t)payload.len > router->settings->limits_frame_bytes) {
		router->figures.refused++;
		engine_refuse(router->engine, router->door, peer, ERROR_oversized);
	} else {
		return engine_queue(router->engine, router->door, peer, payload);
	}
	return true;
}

/* Bounded by messages, and by time while somebody who asks little is about, so that no door keeps the others and the commit waiting. libzmq takes from its peers in
 * turn, a message each, and what is not reached now is first at the next look, half a millisecond later. When only peers over their credit are left, the rest stays
 * where it is: libzmq stops reading from them when MESSAGES_UNREAD are there, and their senders have to wait. */
static void router_take(struct router *router, int64_t most)
{
	int64_t over = 0, began_us = monotonic_us();

	for (int64_t i = 0; i < most && over < OVER_RUN && !(router->shared && monotonic_us() - began_us >= TAKE_US); i++) {
		struct arrival arrival;
		bool taken = arrival_take(router->zmq, &arrival);

		if (taken)
			over = arrival_hand_over(router, &arrival) ? 0 : over + 1;
		arrival_close(&arrival);
		if (!taken)
			break;
	}
}

static void router_readable(struct socket_watch *watch)
{
	struct router *router = (struct router *)watch;

	router_take(router, router->settings->service_turn_messages);
}

void router_look(struct router *router)
{
	router_take(router, LOOK_MESSAGES);
}

void router_start(struct router *router, struct ev_loop *loop, struct engine *engine)
{
	router->engine = engine;
	socket_watch_start(&router->watch, loop, router->zmq, router_readable);
}

/* 0, or an errno: EAGAIN (full) and EHOSTUNREACH (gone) show at the first frame; after it the others go through. */
static int send_now(struct router *router, struct span peer, bool delimited, struct span payload)
{
	if (zmq_send(router->zmq, peer.data, peer.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return errno;
	if (delimited && zmq_send(router->zmq, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return errno;
	int fault = transit_send(&router->transit, router->zmq, payload, ZMQ_DONTWAIT);
	if (fault)
		return fault;
	router->figures.frames_out++;
	router->figures.bytes_out += (int64_t)payload.len;
	return 0;
}

static void peer_lost(struct router *router, struct span id)
{
	unsigned char len = (unsigned char)id.len;

	backlog_forget(&router->backlog, backlog_find(&router->backlog, id));
	if (span_equal(id, router->last_gone))
		return;
	buf_add(&router->gone, &len, 1);
	buf_add_span(&router->gone, id);
	router->last_gone = (struct span){router->gone.data + router->gone.len - len, len};
}

static void peer_give_up(struct router *router, struct span id)
{
	router->figures.overflowed++;
	log_line(LOG_LEVEL_NOTICE, "peer given up", "door", router->door == DOOR_SERVICE ? "service" : "work",
		"reason", "it does not read its answers", "limit", "limits.peer_bytes or limits.backlog_bytes", NULL);
	peer_lost(router, id);
}

static int64_t held_bytes(const struct router *router)
{
	return atomic_load(&router->transit.bytes) + router->backlog.waiting_bytes;
}

void router_send(struct router *router, struct span id, struct span payload)
{
	struct backlog_peer *peer = backlog_find(&router->backlog, id);
	bool queued = peer && peer->first;
	/* Far over the limit even those who read have to wait, until the others are gone. */
	bool flooded = held_bytes(router) > 2 * router->settings->limits_backlog_bytes;
	int fault = id.len > ID_MOST ? EHOSTUNREACH : queued || flooded ? EAGAIN : send_now(router, id, peer && peer->delimited, payload);

	if (fault == 0)
		return;
	if (fault == EAGAIN) {
		if (!backlog_keep(&router->backlog, id, payload))
			peer_give_up(router, id);
		return;
	}
	router->figures.unreachable++;
	peer_lost(router, id);
}

/* Sends what it can of one peer's backlog. */
static void flush_peer(struct router *router, struct backlog_peer *peer)
{
	for (;;) {
		struct span id = {peer->id, peer->id_len};
		bool last = !peer->first->next;
		int fault = send_now(router, id, peer->delimited, (struct span){peer->first->data, peer->first->len});

		if (fault == EAGAIN)
			return;
		if (fault) {
			router->figures.unreachable++;
			char copy[ID_MOST];
			memcpy(copy, id.data, id.len);
			peer_lost(router, (struct span){copy, id.len});
			return;
		}
		backlog_sent(&router->backlog, peer);
		if (last)
			return;
	}
}

void router_flush(struct router *router)
{
	const struct backlog_peer *start = router->backlog.waiting;

	for (int i = 0; i < FLUSH_PEERS && router->backlog.waiting; i++) {
		struct backlog_peer *peer = router->backlog.waiting;

		if (i > 0 && peer == start)
			return;
		/* The ring turns, so that the next call begins with the next peer. */
		router->backlog.waiting = peer->next_waiting;
		flush_peer(router, peer);
	}
}

bool router_relieve(struct router *router, int64_t now_ms)
{
	int64_t before = router->view.cut;

	if (held_bytes(router) <= router->settings->limits_backlog_bytes)
		return false;
	connections_view(&router->view, router->door == DOOR_SERVICE ? router->settings->doors_service : router->settings->doors_work, now_ms, true);
	if (router->view.cut > before)
		log_line(LOG_LEVEL_NOTICE, "slow peers disconnected", "door", router->door == DOOR_SERVICE ? "service" : "work", "count",
			log_number(router->view.cut - before), "limit", "limits.backlog_bytes", NULL);
	return true;
}

bool router_clear(struct router *router, struct span id)
{
	const struct backlog_peer *peer = router->backlog.waiting ? backlog_find(&router->backlog, id) : NULL;

	return !peer || !peer->first;
}

bool router_waits(const struct router *router)
{
	return router->backlog.waiting != NULL;
}

bool router_report_gone(struct router *router)
{
	struct buf gone = router->gone;

	router->gone = (struct buf){0};
	router->last_gone = (struct span){0};
	for (size_t at = 0; at < gone.len;) {
		size_t len = (unsigned char)gone.data[at];

		engine_unreachable(router->engine, router->door, (struct span){gone.data + at + 1, len});
		at += 1 + len;
	}
	bool some = gone.len > 0;
	buf_free(&gone);
	return some;
}

void router_reload(struct router *router)
{
	router->backlog.most_peers = router->settings->limits_peers;
	router->backlog.most_peer_bytes = router->settings->limits_peer_bytes;
	router->backlog.most_bytes = router->settings->limits_backlog_bytes;
}

void router_close(struct router *router)
{
	socket_watch_stop(&router->watch);
	backlog_free(&router->backlog);
	connections_view_free(&router->view);
	buf_free(&router->gone);
	if (router->zmq)
		zmq_close(router->zmq);
	router->zmq = NULL;
}
