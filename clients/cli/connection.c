/* The command line's socket: a DEALER on the service door, opened and watched by libreeve's link. Owns the ZeroMQ context,
 * the link and the last message.
 *
 * Conversation: frames of one or more requests go out, frames of one or more replies come in; a reply names its request
 * by id, not by order, so matching is the caller's. When the connection breaks, unanswered requests may be lost; the
 * caller asks connection_broke and sends them again. Signals interrupt waits, never frames. */
#include "clients/cli/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/c/private.h"
#include "clients/cli/moment.h"

struct connection {
	void *context;
	struct link link;
	bool broke;
	zmq_msg_t message;
};

struct connection *connection_open(const char *endpoint, char *error, size_t error_size)
{
	struct connection *connection = must_calloc(1, sizeof *connection);
	struct reeve_options options = {.service = endpoint};

	zmq_msg_init(&connection->message);
	connection->context = zmq_ctx_new();
	if (connection->context && link_open(&connection->link, connection->context, ZMQ_DEALER, endpoint, &options) == 0)
		return connection;
	snprintf(error, error_size, "%s: %s: an endpoint like ipc:///run/reeve/service is wanted", endpoint, zmq_strerror(errno));
	connection_close(connection);
	return NULL;
}

void connection_close(struct connection *connection)
{
	if (!connection)
		return;
	zmq_msg_close(&connection->message);
	link_close(&connection->link);
	if (connection->context)
		zmq_ctx_term(connection->context);
	free(connection);
}

/* Waits for the socket, or for news of the connection. False: the time is over. */
static bool connection_wait(struct connection *connection, short wanted, int64_t until)
{
	int64_t left = until - moment_steady();
	zmq_pollitem_t items[2] = {{.socket = connection->link.monitor, .events = ZMQ_POLLIN}, {.socket = connection->link.socket, .events = wanted}};
	/* Without a connection the socket says that it can take frames before the link wants to hand it any. */
	int count = connection->link.connected || wanted == ZMQ_POLLIN ? 2 : 1;

	if (left <= 0)
		return false;
	zmq_poll(items, count, (long)left);
	connection->broke |= link_broke(&connection->link);
	return true;
}

bool connection_send(struct connection *connection, struct span frame, int64_t wait_ms)
{
	int64_t until = moment_steady() + wait_ms;

	connection->broke |= link_broke(&connection->link);
	while (link_send(&connection->link, frame) != 0) {
		if ((errno != EAGAIN && errno != EINTR) || !connection_wait(connection, ZMQ_POLLOUT, until))
			return false;
	}
	return true;
}

bool connection_receive(struct connection *connection, int64_t wait_ms, struct span *ret_frame)
{
	int64_t until = moment_steady() + wait_ms;

	for (;;) {
		zmq_msg_close(&connection->message);
		zmq_msg_init(&connection->message);
		if (zmq_msg_recv(&connection->message, connection->link.socket, ZMQ_DONTWAIT) >= 0) {
			*ret_frame = (struct span){zmq_msg_data(&connection->message), zmq_msg_size(&connection->message)};
			return true;
		}
		if (connection->broke || (errno != EAGAIN && errno != EINTR) || !connection_wait(connection, ZMQ_POLLIN, until))
			return false;
	}
}

bool connection_broke(struct connection *connection)
{
	connection->broke |= link_broke(&connection->link);
	bool broke = connection->broke;
	connection->broke = false;
	return broke;
}

const char *connection_silence(const char *endpoint)
{
	static char why[300];
	const char *place = strncmp(endpoint, "ipc://", 6) == 0 ? endpoint + 6 : NULL;

	if (!place || faccessat(AT_FDCWD, place, W_OK, AT_EACCESS) == 0 || (errno != EACCES && errno != ENOENT))
		return "is reeved running, and is this its endpoint (--service, REEVE_SERVICE)?";
	if (errno == ENOENT)
		return "there is no such socket; is reeved running, and is this its endpoint (--service, REEVE_SERVICE)?";
	snprintf(why, sizeof why, "this user may not use that socket; who may, says ls -l %s (doors.mode)", place);
	return why;
}
