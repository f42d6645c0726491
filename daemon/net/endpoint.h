/* Endpoints as reeved.yaml writes them: ipc:///absolute/path, or tcp://HOST:PORT with HOST on loopback. */
#ifndef REEVE_NET_ENDPOINT_H
#define REEVE_NET_ENDPOINT_H

#include "base/span.h"

#define ENDPOINT_ROOM 256 /* bytes of an endpoint, NUL included */

/* True when a door may be bound there; otherwise the reason with the remedy. */
bool endpoint_check(const char *endpoint, char *reason, size_t reason_size);
/* The path of an ipc endpoint, NULL for any other. */
const char *endpoint_path(const char *endpoint);
/* What zmq_bind takes: localhost becomes 127.0.0.1, since libzmq does not resolve names when it binds. */
void endpoint_numeric(const char *endpoint, char ret_endpoint[ENDPOINT_ROOM]);

#endif
