/* The network, in the place of libzmq: connections, and the daemon's doors; what workers and libreeve call is in zmq.c. Owns every socket and every
 * message under way.
 *
 * Like libzmq: a connection comes up some time after the daemon is there, keeps the order of its messages, and takes what is under way with it when
 * it breaks; a new one has a new routing id; a ROUTER learns that a peer has gone when it sends; subscriptions reach the XPUB after the
 * connection came up; a subscriber that reads nothing loses messages. Unlike libzmq, when the seed wants it: a message is lost, doubled, or
 * overtakes another one on a connection that holds. */
#include "tests/sim/wire_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <zmq.h>

#define FEED_MOST 200 /* messages that wait for a slow subscriber */

struct wire wire;

/* ---- messages ---- */

static struct message *message_new(struct span topic, struct span payload)
{
	struct message *message = must_calloc(1, sizeof *message + topic.len + payload.len + 1);

	message->topic_len = topic.len;
	message->len = payload.len;
	if (topic.len)
		memcpy(message->bytes, topic.data, topic.len);
	if (payload.len)
		memcpy(message->bytes + topic.len, payload.data, payload.len);
	return message;
}

static void lane_add(struct lane *lane, struct message *message, bool overtakes)
{
	lane->count++;
	if (overtakes && lane->list) {
		struct message *last = lane->list->prev;
		int64_t due_us = last->due_us;
		last->due_us = message->due_us > due_us ? message->due_us : due_us;
		message->due_us = due_us;
		DL_PREPEND_ELEM(lane->list, last, message);
		return;
	}
	if (lane->list && lane->list->prev->due_us > message->due_us)
		message->due_us = lane->list->prev->due_us;
	DL_APPEND(lane->list, message);
}

struct message *lane_take(struct lane *lane)
{
	struct message *first = lane->list;

	if (!first || first->due_us > sim->now_us)
		return NULL;
	DL_DELETE(lane->list, first);
	lane->count--;
	return first;
}

/* What arrived already may be read, what is under way is gone. */
void lane_cut(struct lane *lane, bool all)
{
	struct message *message, *next;

	DL_FOREACH_SAFE(lane->list, message, next) {
		if (!all && message->due_us <= sim->now_us)
			continue;
		DL_DELETE(lane->list, message);
		lane->count--;
		free(message);
	}
}

static int64_t delay_us(void)
{
	int64_t us = 30 + (int64_t)dice(300);

	if (fault_happens(FAULT_delayed))
		us += dice_spread(1000, 90 * SECOND_US);
	return us;
}

void lane_send(struct wire_socket *socket, struct lane *lane, struct span topic, struct span payload)
{
	bool feed = socket->door == DOOR_FEED;
	bool lost = fault_happens(feed ? FAULT_feed_lost : FAULT_lost), doubled = fault_happens(FAULT_doubled), overtakes = fault_happens(FAULT_overtaken);
	struct message *message;

	if (socket->deaf_until_us || lost) {
		trace("wire: lost %zu bytes of %" PRIu64, payload.len, socket->id);
		return;
	}
	for (int copies = doubled && !feed ? 2 : 1; copies > 0; copies--) {
		message = message_new(topic, payload);
		message->due_us = sim->now_us + delay_us();
		lane_add(lane, message, overtakes && !feed);
	}
}

/* ---- connections ---- */

static void event_tell(struct wire_socket *socket, uint16_t event)
{
	struct wire_socket *monitor = socket->monitor;

	if (monitor && monitor->event_count < EVENTS_MOST)
		monitor->events[monitor->event_count++] = event;
}

static void topic_tell(const struct wire_socket *socket, const char *topic, bool on)
{
	const struct wire_socket *other;

	DL_FOREACH(wire.sockets, other) {
		for (int i = 0; other != socket && other->told && i < other->topic_count; i++)
			if (!strcmp(other->topics[i], topic))
				return; /* the XPUB hears only of the first and the last */
	}
	if (sim->daemon.engine) {
		engine_subscription(sim->daemon.engine, span_of(topic), on);
		sim->daemon.received = true;
	}
}

void topics_tell(struct wire_socket *socket, bool on)
{
	if (socket->told == on)
		return;
	socket->told = on;
	for (int i = 0; i < socket->topic_count; i++)
		topic_tell(socket, socket->topics[i], on);
}

static void connection_break(struct wire_socket *socket)
{
	if (!socket->up)
		return;
	trace("wire: connection %" PRIu64 " broke", socket->id);
	topics_tell(socket, false);
	socket->up = false;
	socket->deaf_until_us = 0;
	lane_cut(&socket->in, false);
	lane_cut(&socket->out, true);
	event_tell(socket, ZMQ_EVENT_DISCONNECTED);
	socket->up_us = wire.listens ? sim->now_us + dice_spread(50000, 2 * SECOND_US) : NEVER;
}

static void connection_up(struct wire_socket *socket)
{
	socket->up = true;
	socket->id = ++wire.ids;
	socket->deaf_until_us = 0;
	socket->told_us = sim->now_us + delay_us();
	event_tell(socket, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	trace("wire: connection %" PRIu64 " is up", socket->id);
}

void wire_turn(void)
{
	struct wire_socket *socket;

	DL_FOREACH(wire.sockets, socket) {
		if (socket->up && socket->deaf_until_us && socket->deaf_until_us <= sim->now_us) {
			SOMETIMES(half_open, true);
			connection_break(socket);
		}
		if (socket->wants && !socket->up && wire.listens && socket->up_us <= sim->now_us)
			connection_up(socket);
		if (socket->up && !socket->told && socket->topic_count && socket->told_us <= sim->now_us)
			topics_tell(socket, true);
	}
}

void wire_daemon_up(void)
{
	struct wire_socket *socket;

	wire.listens = true;
	DL_FOREACH(wire.sockets, socket)
		if (socket->wants && !socket->up)
			socket->up_us = sim->now_us + dice_spread(1000, 2 * SECOND_US);
}

void wire_daemon_down(void)
{
	struct wire_socket *socket;

	wire.listens = false;
	DL_FOREACH(wire.sockets, socket) {
		connection_break(socket);
		socket->up_us = NEVER;
		lane_cut(&socket->out, true);
	}
}

int64_t lane_next(const struct lane *lane)
{
	return lane->list ? lane->list->due_us : NEVER;
}

int64_t wire_next_us(void)
{
	const struct wire_socket *socket;
	int64_t next = NEVER;

	DL_FOREACH(wire.sockets, socket) {
		int64_t at = lane_next(&socket->out);
		if (socket->wants && !socket->up && wire.listens && socket->up_us < at)
			at = socket->up_us;
		if (socket->up && socket->deaf_until_us && socket->deaf_until_us < at)
			at = socket->deaf_until_us;
		if (socket->up && !socket->told && socket->topic_count && socket->told_us < at)
			at = socket->told_us;
		int64_t in = lane_next(&socket->in); /* what has arrived waits for its program */
		if (in > sim->now_us && in < at)
			at = in;
		next = at < next ? at : next;
	}
	return next;
}

void wire_break_one(void)
{
	struct wire_socket *socket;
	uint64_t count = 0, which;
	bool silently = dice(3) == 0;
	int64_t after_us = dice_spread(100000, 20 * SECOND_US);

	DL_FOREACH(wire.sockets, socket)
		count += socket->up;
	which = dice(count ? count : 1);
	DL_FOREACH(wire.sockets, socket) {
		if (!socket->up || which--)
			continue;
		if (silently && !socket->deaf_until_us)
			socket->deaf_until_us = sim->now_us + after_us;
		else
			connection_break(socket);
		return;
	}
}

void wire_heal(void)
{
	struct wire_socket *socket;

	DL_FOREACH(wire.sockets, socket)
		if (socket->up && socket->deaf_until_us)
			connection_break(socket);
}

/* ---- the daemon's end ---- */

bool wire_receive(enum door *ret_door, struct span *ret_peer, struct span *ret_frame)
{
	struct wire_socket *socket, *first = NULL;

	free(wire.taken);
	wire.taken = NULL;
	DL_FOREACH(wire.sockets, socket)
		if (lane_next(&socket->out) <= sim->now_us && (!first || lane_next(&socket->out) < lane_next(&first->out)))
			first = socket;
	if (!first)
		return false;
	wire.taken = lane_take(&first->out);
	*ret_door = first->door;
	*ret_peer = (struct span){(const char *)&first->id, sizeof first->id};
	*ret_frame = (struct span){wire.taken->bytes, wire.taken->len};
	return true;
}

bool wire_send(enum door door, struct span peer, struct span frame)
{
	struct wire_socket *socket;

	DL_FOREACH(wire.sockets, socket) {
		if (!socket->up || socket->door != door || memcmp(&socket->id, peer.data, sizeof socket->id) != 0)
			continue;
		lane_send(socket, &socket->in, (struct span){0}, frame);
		return true;
	}
	return false;
}

static bool subscribes(const struct wire_socket *socket, struct span topic)
{
	for (int i = 0; i < socket->topic_count; i++)
		if (span_starts(topic, span_of(socket->topics[i])))
			return true;
	return false;
}

void wire_publish(struct span topic, struct span frame)
{
	struct wire_socket *socket;

	DL_FOREACH(wire.sockets, socket) {
		if (socket->door != DOOR_FEED || !socket->up || !socket->told || !subscribes(socket, topic))
			continue;
		if (socket->in.count >= FEED_MOST)
			trace("wire: the feed is full for %" PRIu64, socket->id);
		else
			lane_send(socket, &socket->in, topic, frame);
	}
}

/* ---- programs ---- */

struct wire_context *wire_context_of(const struct fiber *fiber)
{
	struct wire_context *context;

	DL_FOREACH(wire.contexts, context)
		if (context->fiber == fiber)
			return context;
	return NULL;
}

void wire_context_dies(struct wire_context *context)
{
	struct wire_socket *socket;

	if (!context)
		return;
	context->dead = true;
	DL_FOREACH(wire.sockets, socket) {
		if (socket->context != context)
			continue;
		connection_break(socket);
		socket->wants = false;
		lane_cut(&socket->in, true);
	}
}

bool socket_readable(const struct wire_socket *socket)
{
	return socket->event_count || lane_next(&socket->in) <= sim->now_us;
}

bool wire_context_readable(const struct wire_context *context)
{
	for (int i = 0; context && i < context->socket_count; i++)
		if (socket_readable(context->sockets[i]))
			return true;
	return !context;
}

void wire_begin(void)
{
	wire.ids = 0;
	wire.listens = false;
}

void wire_end(void)
{
	free(wire.taken);
	wire.taken = NULL;
	if (wire.sockets || wire.contexts)
		complain("a program ended and left its sockets open");
}
