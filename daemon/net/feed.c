/* The feed door. XPUB hands on the first subscription to a prefix and the last end of one (also when a subscriber is gone), which
 * is what the engine wants to know. A subscriber that reads too slowly loses messages beyond feed.high_water and sees the gap in
 * the numbers; it is never waited for (no XPUB_NODROP: that would fail the send for everybody). When all that waits is over feed.backlog_bytes, those that
 * do not read are disconnected; twice over it, nobody gets anything for the moment until they are, and everybody sees the gap.
 *
 * Prefixes cost memory in libzmq's tree and in the engine, and nothing can refuse one. Over feed.subscriptions_bytes the subscriber that brought most of them is
 * disconnected, and libzmq forgets what only he had. */
#include "net/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/log.h"
#include "net/bind.h"
#include "net/timekeeper.h"

#define TOPIC_MOST 512 /* fields.def: topic */
#define PREFIX_COST 2304 /* at the worst: a table of 256 branches, and the engine's entry */
#define PREFIX_BYTE_COST 32 /* a node of libzmq's tree for each byte */
#define LEAVE_MS 5000    /* until what a disconnected subscriber had must be gone */
#define QUEUE_ENTRY 64 /* bytes of a frame in libzmq's queue for one subscriber */

static void set_int(void *zmq, int option, int value)
{
	zmq_setsockopt(zmq, option, &value, sizeof value);
}

int feed_open(struct feed *feed, void *context, const struct settings *settings, char *error, size_t error_size)
{
	int64_t most = TOPIC_MOST + 1;
	mode_t mode = (mode_t)strtol(settings->doors_mode, NULL, 8);

	feed->settings = settings;
	feed->zmq = zmq_socket(context, ZMQ_XPUB);
	if (!feed->zmq) {
		snprintf(error, error_size, "cannot create a socket: %s; raise the limit of open files", zmq_strerror(errno));
		return -1;
	}
	/* Subscribers send subscriptions and nothing else. */
	zmq_setsockopt(feed->zmq, ZMQ_MAXMSGSIZE, &most, sizeof most);
	set_int(feed->zmq, ZMQ_SNDHWM, settings->feed_high_water > INT32_MAX ? INT32_MAX : (int)settings->feed_high_water);
	set_int(feed->zmq, ZMQ_LINGER, 1000);
	set_int(feed->zmq, ZMQ_HANDSHAKE_IVL, 5000);
	/* No heartbeats: see router.c. */
	set_int(feed->zmq, ZMQ_TCP_KEEPALIVE, 1);
	set_int(feed->zmq, ZMQ_TCP_KEEPALIVE_IDLE, 10);
	set_int(feed->zmq, ZMQ_TCP_KEEPALIVE_INTVL, 5);
	set_int(feed->zmq, ZMQ_TCP_KEEPALIVE_CNT, 3);
	set_int(feed->zmq, ZMQ_BACKLOG, 1024);
	set_int(feed->zmq, ZMQ_IPV6, 1);
	return door_bind(feed->zmq, settings->doors_feed, mode, error, error_size);
}

static int64_t least_zero(int64_t bytes)
{
	return bytes > 0 ? bytes : 0;
}

/* from: the subscriber's descriptor, -1 when he is gone. */
static void subscription_count(struct feed *feed, size_t len, bool on, int from)
{
	int64_t cost = PREFIX_COST + PREFIX_BYTE_COST * (int64_t)len;

	feed->figures.prefixes += on ? 1 : -1;
	feed->subscribed_bytes += on ? cost : -cost;
	shares_add(&feed->subscribed, from, on ? cost : -cost);
	if (from < 0)
		feed->leaving_bytes = least_zero(feed->leaving_bytes - cost);
	if (!on || feed->subscribed_bytes - feed->leaving_bytes <= feed->settings->feed_subscriptions_bytes)
		return;
	int64_t ended = shares_end_largest(&feed->subscribed);
	feed->leaving_bytes += ended;
	feed->left_ms = monotonic_ms();
	feed->view.cut += ended > 0;
	log_line(LOG_LEVEL_WARNING, "subscriber disconnected", "reason", "its prefixes take too much memory", "bytes", log_number(ended), "limit",
		"feed.subscriptions_bytes", "remedy", "subscribe to shorter prefixes, which hold what is below them, or raise the limit", NULL);
}

static void subscription_hand_over(struct feed *feed, struct span message, int from)
{
	bool on = message.len > 0 && message.data[0] == 1;

	if (message.len == 0 || (!on && message.data[0] != 0)) {
		feed->figures.ignored++;
		return;
	}
	subscription_count(feed, message.len - 1, on, from);
	feed->received = true;
	engine_subscription(feed->engine, (struct span){message.data + 1, message.len - 1}, on);
}

static void feed_readable(struct socket_watch *watch)
{
	struct feed *feed = (struct feed *)watch;
	bool follows = false;

	for (int64_t i = 0; i < feed->settings->service_turn_messages; i++) {
		zmq_msg_t message;

		zmq_msg_init(&message);
		if (zmq_msg_recv(&message, feed->zmq, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&message);
			return;
		}
		if (follows)
			feed->figures.ignored++;
		else
			subscription_hand_over(feed, (struct span){zmq_msg_data(&message), zmq_msg_size(&message)}, zmq_msg_get(&message, ZMQ_SRCFD));
		follows = zmq_msg_more(&message);
		zmq_msg_close(&message);
	}
}

void feed_start(struct feed *feed, struct ev_loop *loop, struct engine *engine)
{
	feed->engine = engine;
	socket_watch_start(&feed->watch, loop, feed->zmq, feed_readable);
}

/* Frames are shared by all who wait for them; a slow subscriber costs an entry for each in its queue. */
static int64_t held_bytes(const struct feed *feed)
{
	int64_t messages = atomic_load(&feed->transit.messages), most = 2 * feed->settings->feed_high_water;

	return atomic_load(&feed->transit.bytes) + (messages < most ? messages : most) * QUEUE_ENTRY * feed->view.slow;
}

bool feed_relieve(struct feed *feed, int64_t now_ms)
{
	int64_t before = feed->view.cut, most = feed->settings->feed_backlog_bytes;

	if (now_ms - feed->left_ms > LEAVE_MS)
		feed->leaving_bytes = 0; /* what has not left by now is somebody else's, too */
	if (atomic_load(&feed->transit.bytes) <= most / 8)
		return false;
	connections_view(&feed->view, feed->settings->doors_feed, now_ms, held_bytes(feed) > most);
	if (feed->view.cut > before)
		log_line(LOG_LEVEL_NOTICE, "slow peers disconnected", "door", "feed", "count", log_number(feed->view.cut - before), "limit", "feed.backlog_bytes", NULL);
	return true;
}

void feed_send(struct feed *feed, struct span topic, struct span payload)
{
	if (held_bytes(feed) > 2 * feed->settings->feed_backlog_bytes) {
		feed->figures.dropped++;
		return;
	}
	if (transit_send(&feed->transit, feed->zmq, topic, ZMQ_SNDMORE | ZMQ_DONTWAIT) != 0)
		return;
	if (transit_send(&feed->transit, feed->zmq, payload, ZMQ_DONTWAIT) != 0)
		return;
	feed->figures.frames_out++;
	feed->figures.bytes_out += (int64_t)payload.len;
}

void feed_close(struct feed *feed)
{
	socket_watch_stop(&feed->watch);
	connections_view_free(&feed->view);
	shares_free(&feed->subscribed);
	if (feed->zmq)
		zmq_close(feed->zmq);
	feed->zmq = NULL;
}
