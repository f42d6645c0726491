/* The socket of a worker.
 *
 * Owns the context, the DEALER and a monitor that says when the connection came up or went down, so that a worker enlists again within
 * milliseconds of a daemon's restart. Knows nothing of what the frames hold. With ZMQ_IMMEDIATE nothing is queued for a
 * daemon that is not there: a result that cannot be sent is worthless after a restart, because its task's lease is over. Heartbeats tell a
 * dead peer on tcp. Invariant: at most one received frame is open at a time. */
#include "workers/link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define HEARTBEAT_MS 2000
#define HEARTBEAT_TIMEOUT_MS 6000
#define HANDSHAKE_MS 5000
#define RECONNECT_MS 50
#define RECONNECT_MOST_MS 1000
#define LINGER_MS 1000
#define FRAME_BYTES_MOST (INT64_C(256) << 20) /* a policy's whole text can be in one frame */

#define MONITOR_ENDPOINT "inproc://monitor"

struct link {
	void *context;
	void *socket;
	void *monitor;
	zmq_msg_t frame;
};

/* Credit bounds what can come, so the receive queue has no limit of its own: libzmq 4.3.4 asserts when a heartbeat is due on a broken
 * connection whose queue is full. */
static int link_configure(struct link *link)
{
	static const struct { int option, value; } numbers[] = {
		{ZMQ_IMMEDIATE, 1}, {ZMQ_LINGER, LINGER_MS}, {ZMQ_RCVHWM, 0}, {ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS}, {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
		{ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS}, {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS}, {ZMQ_RECONNECT_IVL, RECONNECT_MS},
		{ZMQ_RECONNECT_IVL_MAX, RECONNECT_MOST_MS},
	};
	int64_t most = FRAME_BYTES_MOST;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (zmq_setsockopt(link->socket, numbers[i].option, &numbers[i].value, sizeof numbers[i].value))
			return -1;
	}
	return zmq_setsockopt(link->socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
}

static int link_connect(struct link *link, const char *endpoint)
{
	link->socket = zmq_socket(link->context, ZMQ_DEALER);
	link->monitor = zmq_socket(link->context, ZMQ_PAIR);
	if (!link->socket || !link->monitor || link_configure(link))
		return -1;
	if (zmq_socket_monitor(link->socket, MONITOR_ENDPOINT, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED))
		return -1;
	if (zmq_connect(link->monitor, MONITOR_ENDPOINT))
		return -1;
	return zmq_connect(link->socket, endpoint);
}

struct link *link_open(const char *endpoint, char *error, size_t error_size)
{
	struct link *link = must_calloc(1, sizeof *link);

	zmq_msg_init(&link->frame);
	link->context = zmq_ctx_new();
	if (link->context && !link_connect(link, endpoint))
		return link;
	snprintf(error, error_size, "cannot connect to %s: %s; an endpoint looks like ipc:///run/reeve/work or tcp://127.0.0.1:7002", endpoint, zmq_strerror(errno));
	link_close(link);
	return NULL;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	zmq_msg_close(&link->frame);
	if (link->socket) {
		zmq_socket_monitor(link->socket, NULL, 0);
		zmq_close(link->socket);
	}
	if (link->monitor) {
		int linger = 0;
		zmq_setsockopt(link->monitor, ZMQ_LINGER, &linger, sizeof linger);
		zmq_close(link->monitor);
	}
	while (link->context && zmq_ctx_term(link->context) && errno == EINTR)
		;
	free(link);
}

unsigned link_wait(struct link *link, int stop_fd, int64_t timeout_ms)
{
	zmq_pollitem_t items[] = {
		{.socket = link->socket, .events = ZMQ_POLLIN},
		{.socket = link->monitor, .events = ZMQ_POLLIN},
		{.fd = stop_fd, .events = ZMQ_POLLIN},
	};
	unsigned seen = 0;

	if (zmq_poll(items, stop_fd < 0 ? 2 : 3, timeout_ms) <= 0)
		return 0;
	seen |= items[0].revents & ZMQ_POLLIN ? LINK_READABLE : 0;
	seen |= items[1].revents & ZMQ_POLLIN ? LINK_CHANGED : 0;
	seen |= items[2].revents ? LINK_STOP : 0;
	return seen;
}

/* A monitor's message has two frames: number and value of the event, then the address, which nobody needs here. */
enum link_change link_change(struct link *link)
{
	enum link_change change = LINK_SAME;
	unsigned char event[6];
	uint16_t number;

	while (zmq_recv(link->monitor, event, sizeof event, ZMQ_DONTWAIT) >= 2) {
		zmq_recv(link->monitor, NULL, 0, ZMQ_DONTWAIT);
		memcpy(&number, event, sizeof number);
		change = number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? LINK_UP : LINK_DOWN;
	}
	return change;
}

bool link_receive(struct link *link, struct span *ret_frame)
{
	for (;;) {
		int size = zmq_msg_recv(&link->frame, link->socket, ZMQ_DONTWAIT);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return false;
		/* The empty delimiter that a REP-like peer would put first is not part of the conversation. */
		if (!size && zmq_msg_more(&link->frame))
			continue;
		*ret_frame = (struct span){zmq_msg_data(&link->frame), (size_t)size};
		return true;
	}
}

bool link_send(struct link *link, struct span frame, int64_t wait_ms)
{
	zmq_pollitem_t item = {.socket = link->socket, .events = ZMQ_POLLOUT};
	bool waited = false;

	while (zmq_send(link->socket, frame.data, frame.len, ZMQ_DONTWAIT) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || waited || wait_ms <= 0)
			return false;
		zmq_poll(&item, 1, wait_ms);
		waited = true;
	}
	return true;
}
