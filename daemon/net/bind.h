/* Binding a door: folder, file mode, leftovers of an earlier run, sockets that the service manager opened. */
#ifndef REEVE_NET_BIND_H
#define REEVE_NET_BIND_H

#include <stddef.h>
#include <sys/types.h>

/* Binds a ZeroMQ socket to an endpoint that endpoint_check took. mode: of an ipc socket's file. 0, or -1 with one line in error. */
int door_bind(void *zmq, const char *endpoint, mode_t mode, char *error, size_t error_size);

#endif
