/* A ZeroMQ socket inside libev. */
#ifndef REEVE_NET_SOCKET_H
#define REEVE_NET_SOCKET_H

#include <ev.h>

struct socket_watch {
	void *zmq;
	struct ev_loop *loop;
	void (*readable)(struct socket_watch *watch);
	ev_prepare prepare;
	ev_check check;
	ev_idle idle;
	ev_io io;
};

/* From now on readable is called once per turn while messages wait; it takes a bounded number of them and returns.
 * The socket stays the caller's. */
void socket_watch_start(struct socket_watch *watch, struct ev_loop *loop, void *zmq, void (*readable)(struct socket_watch *watch));
void socket_watch_stop(struct socket_watch *watch);

#endif
