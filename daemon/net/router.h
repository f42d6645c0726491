/* A door where peers ask and get answers: a ROUTER socket, the engine on its other side. */
#ifndef REEVE_NET_ROUTER_H
#define REEVE_NET_ROUTER_H

#include "base/settings.h"
#include "engine/engine.h"
#include "net/backlog.h"
#include "net/connections.h"
#include "net/socket.h"
#include "net/transit.h"

struct router_figures {
	int64_t frames_in, bytes_in;
	int64_t frames_out, bytes_out;
	int64_t refused;     /* messages that were too large, or not one frame */
	int64_t unreachable; /* payloads for a peer that is gone */
	int64_t overflowed;  /* peers given up because they did not read */
};

struct router {
	struct socket_watch watch; /* first: readable gets it */
	void *zmq;
	enum door door;
	struct engine *engine;
	const struct settings *settings;
	struct backlog backlog;
	struct transit transit; /* given to libzmq */
	struct connections_view view;
	struct buf gone; /* peers to report: length byte, id, ... */
	struct span last_gone;
	struct router_figures figures;
	bool shared;   /* somebody who asks little is about (the owner says so): little is taken at once */
	bool received; /* something reached the engine since the owner cleared it */
};

/* Creates and binds. 0, or -1 with one line in error. */
int router_open(struct router *router, void *context, enum door door, const struct settings *settings, char *error, size_t error_size);
void router_start(struct router *router, struct ev_loop *loop, struct engine *engine);
/* Takes what came meanwhile, a few messages of each peer: for use within a turn. */
void router_look(struct router *router);
/* Sends, or keeps for later. */
void router_send(struct router *router, struct span peer, struct span payload);
/* When what waits for peers is over limits.backlog_bytes, ends the connections that do not read. False: all is well. */
bool router_relieve(struct router *router, int64_t now_ms);
/* The peer takes its answers: none wait for it. */
bool router_clear(struct router *router, struct span peer);
/* Tries again what was kept, a bounded number of peers per call. */
void router_flush(struct router *router);
bool router_waits(const struct router *router);
/* Tells the engine of peers found gone since the last call; false: there were none. */
bool router_report_gone(struct router *router);
/* Takes over limits that were read again. */
void router_reload(struct router *router);
/* Takes a router that was never opened (all zero). */
void router_close(struct router *router);

#endif
