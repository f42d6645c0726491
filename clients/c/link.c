/* One ZeroMQ socket with its monitor. Owns both. Knows nothing of what travels.
 *
 * Why a monitor: a DEALER forgets what it had sent when its connection breaks, and a ROUTER drops replies to a peer that went.
 * libzmq tells nobody but the monitor, and the client has to send again. IMMEDIATE keeps messages from queueing for a
 * connection that is not there; heartbeats, and the kernel's at the feed, find peers that vanished without a word. */
#include "clients/c/private.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define HEARTBEAT_MS 2000
#define HEARTBEAT_SILENCE_MS 10000
#define KEEPALIVE_S 10
#define LINGER_MS 200
#define RECONNECT_MS 50
#define RECONNECT_MOST_MS 2000
#define MESSAGE_BYTES_MOST (64 << 20)
#define FEED_HIGH_WATER 200000

static int option_set(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof value);
}

/* How a peer that vanished is found. libzmq 4.3.4 aborts when a heartbeat is due on a broken connection whose receiving queue is full:
 * the window bounds the queue of the service, so it needs no other limit; that of the feed can fill, so the kernel watches that connection. */
static int life_set(void *socket, int type)
{
	if (type == ZMQ_SUB)
		return option_set(socket, ZMQ_RCVHWM, FEED_HIGH_WATER) | option_set(socket, ZMQ_TCP_KEEPALIVE, 1) |
			option_set(socket, ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_S) | option_set(socket, ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_S / 2) |
			option_set(socket, ZMQ_TCP_KEEPALIVE_CNT, 3);
	return option_set(socket, ZMQ_RCVHWM, 0) | option_set(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) |
		option_set(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_SILENCE_MS) | option_set(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_SILENCE_MS);
}

static int options_set(void *socket, int type)
{
	int64_t most = MESSAGE_BYTES_MOST;
	int error = 0;

	error |= option_set(socket, ZMQ_LINGER, LINGER_MS);
	if (type != ZMQ_SUB) /* a subscription must survive the reconnection; with it libzmq 4.3.4 asserts in its fair queue */
		error |= option_set(socket, ZMQ_IMMEDIATE, 1);
	error |= option_set(socket, ZMQ_HANDSHAKE_IVL, HEARTBEAT_SILENCE_MS);
	error |= option_set(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
	error |= option_set(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MOST_MS);
	error |= zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
	return error | life_set(socket, type);
}

static int curve_set(void *socket, const struct reeve_options *options)
{
	if (!options->curve_server_key)
		return 0;
	if (!options->curve_public_key || !options->curve_secret_key) {
		errno = EINVAL;
		return -1;
	}
	return zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, options->curve_server_key, strlen(options->curve_server_key) + 1) ||
		zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, options->curve_public_key, strlen(options->curve_public_key) + 1) ||
		zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, options->curve_secret_key, strlen(options->curve_secret_key) + 1) ? -1 : 0;
}

static int monitor_open(struct link *link, void *zmq)
{
	static atomic_uint counter;
	char address[48];

	snprintf(address, sizeof address, "inproc://reeve.monitor.%u", atomic_fetch_add(&counter, 1));
	if (zmq_socket_monitor(link->socket, address, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
		return -1;
	link->monitor = zmq_socket(zmq, ZMQ_PAIR);
	if (!link->monitor || option_set(link->monitor, ZMQ_LINGER, 0) != 0)
		return -1;
	return zmq_connect(link->monitor, address);
}

int link_open(struct link *link, void *zmq, int type, const char *endpoint, const struct reeve_options *options)
{
	*link = (struct link){.socket = zmq_socket(zmq, type)};
	if (!link->socket)
		return -1;
	if (options_set(link->socket, type) != 0 || curve_set(link->socket, options) != 0 || monitor_open(link, zmq) != 0 ||
	    zmq_connect(link->socket, endpoint) != 0) {
		int error = errno;
		link_close(link);
		errno = error;
		return -1;
	}
	return 0;
}

void link_close(struct link *link)
{
	if (link->socket)
		zmq_socket_monitor(link->socket, NULL, 0);
	if (link->monitor)
		zmq_close(link->monitor);
	if (link->socket)
		zmq_close(link->socket);
	*link = (struct link){0};
}

/* An event is two frames: 16 bits of event and 32 of value, then the address. */
static int monitor_read(void *monitor)
{
	unsigned char head[6];
	uint16_t event;

	if (zmq_recv(monitor, head, sizeof head, ZMQ_DONTWAIT) != (int)sizeof head)
		return -1;
	char address[256];
	zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT);
	memcpy(&event, head, sizeof event);
	return event;
}

bool link_broke(struct link *link)
{
	bool broke = false;
	int event;

	while ((event = monitor_read(link->monitor)) >= 0) {
		if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
			link->connected = true;
		if (event == ZMQ_EVENT_DISCONNECTED) {
			link->connected = false;
			broke = true;
		}
	}
	return broke;
}

/* After a connection broke, libzmq takes messages for it until it has seen that itself, and drops them without a word: so nothing
 * is sent before the next handshake, and reading ZMQ_EVENTS makes it look first. */
int link_send(struct link *link, struct span frame)
{
	int events;
	size_t size = sizeof events;

	if (!link->connected || zmq_getsockopt(link->socket, ZMQ_EVENTS, &events, &size) != 0 || !(events & ZMQ_POLLOUT)) {
		errno = EAGAIN;
		return -1;
	}
	return zmq_send(link->socket, frame.data, frame.len, ZMQ_DONTWAIT) < 0 ? -1 : 0;
}
