/* The command line's socket: a DEALER on the service door. Owns the ZeroMQ context, the socket and the last message.
 *
 * Conversation: frames of one or more requests go out, frames of one or more replies come in; a reply names its request
 * by id, not by order, so matching is the caller's. IMMEDIATE keeps frames from piling up for a daemon that is not
 * there: sending waits for a connection instead. What was sent to a daemon that then dies is lost, and the caller
 * sends it again. Signals interrupt waits, never frames. */
#include "clients/cli/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "clients/cli/moment.h"

struct connection {
	void *context;
	void *socket;
	zmq_msg_t message;
};

static void socket_prepare(void *socket)
{
	int64_t most = 64 << 20;
	int linger = 0, immediate = 1, heartbeat = 5000, lives = 15000, high_water = 10000;

	zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
	zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
	zmq_setsockopt(socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate);
	zmq_setsockopt(socket, ZMQ_HEARTBEAT_IVL, &heartbeat, sizeof heartbeat);
	zmq_setsockopt(socket, ZMQ_HEARTBEAT_TIMEOUT, &lives, sizeof lives);
	zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water, sizeof high_water);
	zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water, sizeof high_water);
}

struct connection *connection_open(const char *endpoint, char *error, size_t error_size)
{
	struct connection *connection = must_calloc(1, sizeof *connection);

	zmq_msg_init(&connection->message);
	connection->context = zmq_ctx_new();
	connection->socket = connection->context ? zmq_socket(connection->context, ZMQ_DEALER) : NULL;
	if (connection->socket)
		socket_prepare(connection->socket);
	if (connection->socket && zmq_connect(connection->socket, endpoint) == 0)
		return connection;
	snprintf(error, error_size, "%s: %s: an endpoint like ipc:///run/reeve/service is wanted", endpoint, zmq_strerror(zmq_errno()));
	connection_close(connection);
	return NULL;
}

void connection_close(struct connection *connection)
{
	if (!connection)
		return;
	zmq_msg_close(&connection->message);
	if (connection->socket)
		zmq_close(connection->socket);
	if (connection->context)
		zmq_ctx_term(connection->context);
	free(connection);
}

/* Waits until the socket can do what is wanted. */
static bool socket_wait(void *socket, short wanted, int64_t wait_ms)
{
	int64_t until = moment_steady() + wait_ms;

	for (;;) {
		int64_t left = until - moment_steady();
		zmq_pollitem_t item = {.socket = socket, .events = wanted};
		int found = zmq_poll(&item, 1, left > 0 ? (long)left : 0);
		if (found > 0)
			return true;
		if (left <= 0 || (found < 0 && zmq_errno() != EINTR))
			return false;
	}
}

bool connection_send(struct connection *connection, struct span frame, int64_t wait_ms)
{
	for (;;) {
		if (zmq_send(connection->socket, frame.data, frame.len, ZMQ_DONTWAIT) >= 0)
			return true;
		if (zmq_errno() != EAGAIN && zmq_errno() != EINTR)
			return false;
		if (!socket_wait(connection->socket, ZMQ_POLLOUT, wait_ms))
			return false;
	}
}

bool connection_receive(struct connection *connection, int64_t wait_ms, struct span *ret_frame)
{
	int64_t until = moment_steady() + wait_ms;

	for (;;) {
		zmq_msg_close(&connection->message);
		zmq_msg_init(&connection->message);
		if (zmq_msg_recv(&connection->message, connection->socket, ZMQ_DONTWAIT) >= 0) {
			*ret_frame = (struct span){zmq_msg_data(&connection->message), zmq_msg_size(&connection->message)};
			return true;
		}
		if (zmq_errno() != EAGAIN && zmq_errno() != EINTR)
			return false;
		int64_t left = until - moment_steady();
		if (left <= 0 || !socket_wait(connection->socket, ZMQ_POLLIN, left))
			return false;
	}
}
