/* libzmq, as far as workers/link.c and clients/c use it, over the network of wire.c. A program that waits gives way to the others (fiber.c), one that never
 * waits is told at once what there is. Options are taken and forgotten, but for subscriptions: their effects are wire.c's. */
#include "tests/sim/wire_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

void *zmq_ctx_new(void)
{
	struct wire_context *context = must_calloc(1, sizeof *context);

	context->fiber = fiber_current();
	DL_APPEND(wire.contexts, context);
	return context;
}

int zmq_ctx_term(void *of)
{
	struct wire_context *context = of;

	DL_DELETE(wire.contexts, context);
	free(context);
	return 0;
}

void *zmq_socket(void *context, int type)
{
	struct wire_socket *socket = must_calloc(1, sizeof *socket);

	socket->context = context;
	socket->type = type;
	socket->up_us = NEVER;
	if (socket->context->socket_count == SOCKETS_MOST)
		complain("a program has more sockets than the simulated libzmq gives");
	socket->context->sockets[socket->context->socket_count++] = socket;
	DL_APPEND(wire.sockets, socket);
	return socket;
}

int zmq_close(void *of)
{
	struct wire_socket *socket = of, *other;
	struct wire_context *context = socket->context;

	for (int i = 0; i < context->socket_count; i++)
		if (context->sockets[i] == socket)
			context->sockets[i--] = context->sockets[--context->socket_count];
	if (socket->up)
		topics_tell(socket, false);
	lane_cut(&socket->in, true);
	lane_cut(&socket->out, true);
	for (int i = 0; i < socket->topic_count; i++)
		free(socket->topics[i]);
	DL_FOREACH(wire.sockets, other) {
		other->monitor = other->monitor == socket ? NULL : other->monitor;
		other->watched = other->watched == socket ? NULL : other->watched;
	}
	free(socket->address);
	DL_DELETE(wire.sockets, socket);
	free(socket);
	return 0;
}

int zmq_socket_monitor(void *of, const char *address, int events)
{
	struct wire_socket *socket = of;

	(void)events;
	free(socket->address);
	socket->address = address ? strdup(address) : NULL;
	return 0;
}

static int monitor_connect(struct wire_socket *monitor, const char *address)
{
	struct wire_socket *socket;

	DL_FOREACH(wire.sockets, socket)
		if (socket->context == monitor->context && socket->address && !strcmp(socket->address, address)) {
			monitor->watched = socket;
			socket->monitor = monitor;
			return 0;
		}
	errno = ECONNREFUSED;
	return -1;
}

int zmq_connect(void *of, const char *address)
{
	struct wire_socket *socket = of;

	if (socket->type == ZMQ_PAIR)
		return monitor_connect(socket, address);
	socket->door = strstr(address, "work") ? DOOR_WORK : strstr(address, "feed") ? DOOR_FEED : DOOR_SERVICE;
	socket->wants = true;
	if (wire.listens)
		socket->up_us = sim->now_us + dice_spread(200, 100000);
	return 0;
}

int zmq_setsockopt(void *of, int option, const void *value, size_t len)
{
	struct wire_socket *socket = of;

	if (option != ZMQ_SUBSCRIBE)
		return 0;
	if (socket->topic_count == TOPICS_MOST)
		complain("a subscriber has more topics than the simulated feed takes");
	socket->topics[socket->topic_count++] = span_dup((struct span){value, len});
	return 0;
}

static bool writable(const struct wire_socket *socket)
{
	return socket->type == ZMQ_DEALER && socket->up && socket->out.count < OUT_MOST && !socket->context->dead;
}

int zmq_getsockopt(void *of, int option, void *value, size_t *len)
{
	int events = writable(of) ? ZMQ_POLLOUT : 0;

	if (option != ZMQ_EVENTS || *len != sizeof events) {
		errno = EINVAL;
		return -1;
	}
	memcpy(value, &events, sizeof events);
	return 0;
}

int zmq_send(void *of, const void *bytes, size_t len, int flags)
{
	struct wire_socket *socket = of;
	struct span frame = {bytes, len};

	(void)flags;
	if (!writable(socket)) {
		errno = EAGAIN;
		return -1;
	}
	trace_frame(socket->door == DOOR_WORK ? "worker" : "client", "->", frame);
	people_asked(socket->door == DOOR_SERVICE ? socket->context : NULL, frame);
	lane_send(socket, &socket->out, (struct span){0}, frame);
	return (int)len;
}

int zmq_recv(void *of, void *ret_bytes, size_t len, int flags)
{
	struct wire_socket *monitor = of;
	unsigned char head[6] = {0};

	(void)flags;
	if (monitor->second_frame) {
		monitor->second_frame = false;
		return 0;
	}
	if (!monitor->event_count) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(head, &monitor->events[0], sizeof monitor->events[0]);
	memmove(monitor->events, monitor->events + 1, (size_t)--monitor->event_count * sizeof monitor->events[0]);
	memcpy(ret_bytes, head, len < sizeof head ? len : sizeof head);
	monitor->second_frame = true;
	return sizeof head;
}

/* What zmq_msg_t holds here. */
struct held {
	char *bytes;
	size_t len;
	bool more;
};
_Static_assert(sizeof(struct held) <= sizeof(zmq_msg_t), "a message of libzmq has room for ours");

int zmq_msg_init(zmq_msg_t *message)
{
	memset(message, 0, sizeof *message);
	return 0;
}

int zmq_msg_close(zmq_msg_t *message)
{
	free(((struct held *)(void *)message)->bytes);
	return zmq_msg_init(message);
}

void *zmq_msg_data(zmq_msg_t *message)
{
	return ((struct held *)(void *)message)->bytes;
}

size_t zmq_msg_size(const zmq_msg_t *message)
{
	return ((const struct held *)(const void *)message)->len;
}

int zmq_msg_more(const zmq_msg_t *message)
{
	return ((const struct held *)(const void *)message)->more;
}

static int held_set(zmq_msg_t *to, const char *bytes, size_t len, bool more)
{
	struct held *held = (struct held *)(void *)to;

	free(held->bytes);
	*held = (struct held){span_dup((struct span){bytes, len}), len, more};
	return (int)len;
}

int zmq_msg_recv(zmq_msg_t *to, void *of, int flags)
{
	struct wire_socket *socket = of;
	struct message *message;
	int len;

	(void)flags;
	if (socket->feed_rest) {
		message = lane_take(&socket->in);
		socket->feed_rest = false;
		len = held_set(to, message->bytes + message->topic_len, message->len, false);
		free(message);
		return len;
	}
	if (lane_next(&socket->in) > sim->now_us) {
		errno = EAGAIN;
		return -1;
	}
	if (socket->door == DOOR_FEED) {
		socket->feed_rest = true;
		return held_set(to, socket->in.list->bytes, socket->in.list->topic_len, true);
	}
	message = lane_take(&socket->in);
	trace_frame(socket->door == DOOR_WORK ? "worker" : "client", "<-", (struct span){message->bytes, message->len});
	if (socket->door == DOOR_SERVICE)
		people_answered(socket->context, (struct span){message->bytes, message->len});
	else
		staff_answered((struct span){message->bytes, message->len});
	len = held_set(to, message->bytes, message->len, false);
	free(message);
	return len;
}

static int items_ready(zmq_pollitem_t *items, int count)
{
	int ready = 0;

	for (int i = 0; i < count; i++) {
		const struct wire_socket *socket = items[i].socket;
		items[i].revents = 0;
		if (!socket)
			items[i].revents = fiber_stopping(fiber_current()) ? ZMQ_POLLIN : 0;
		if (socket && items[i].events & ZMQ_POLLIN && socket_readable(socket))
			items[i].revents |= ZMQ_POLLIN;
		if (socket && items[i].events & ZMQ_POLLOUT && writable(socket))
			items[i].revents |= ZMQ_POLLOUT;
		ready += items[i].revents != 0;
	}
	return ready;
}

int zmq_poll(zmq_pollitem_t *items, int count, long timeout_ms)
{
	int64_t until_us = timeout_ms < 0 ? NEVER : sim->now_us + (int64_t)timeout_ms * 1000;
	int ready = items_ready(items, count);
	bool sees_stop = false;

	for (int i = 0; i < count; i++)
		sees_stop |= !items[i].socket;
	while (!ready && fiber_current() && !fiber_dead(fiber_current()) && sim->now_us < until_us) {
		fiber_wait(until_us, sees_stop);
		ready = items_ready(items, count);
	}
	return ready;
}

const char *zmq_strerror(int number)
{
	return strerror(number);
}
