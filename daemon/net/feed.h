/* The feed: an XPUB socket that publishes what the engine says and tells it what is subscribed to. */
#ifndef REEVE_NET_FEED_H
#define REEVE_NET_FEED_H

#include "base/settings.h"
#include "engine/engine.h"
#include "net/connections.h"
#include "net/shares.h"
#include "net/socket.h"
#include "net/transit.h"

struct feed_figures {
	int64_t frames_out, bytes_out;
	int64_t prefixes; /* subscribed to at present, each counted once */
	int64_t ignored;  /* messages of subscribers that are no subscription */
	int64_t dropped;  /* messages that nobody got, because too much waited for slow subscribers */
};

struct feed {
	struct socket_watch watch; /* first: readable gets it */
	void *zmq;
	struct engine *engine;
	const struct settings *settings;
	struct transit transit; /* given to libzmq */
	struct connections_view view;
	struct shares subscribed;    /* memory for prefixes, by subscriber */
	int64_t subscribed_bytes;    /* in all */
	int64_t leaving_bytes;       /* of those, of subscribers that were disconnected a moment ago */
	int64_t left_ms;             /* that moment, the monotonic clock */
	struct feed_figures figures;
	bool received;
};

/* Creates and binds. 0, or -1 with one line in error. */
int feed_open(struct feed *feed, void *context, const struct settings *settings, char *error, size_t error_size);
void feed_start(struct feed *feed, struct ev_loop *loop, struct engine *engine);
void feed_send(struct feed *feed, struct span topic, struct span payload);
/* When what waits for subscribers is over feed.backlog_bytes, ends the connections that do not read. False: all is well. */
bool feed_relieve(struct feed *feed, int64_t now_ms);
void feed_close(struct feed *feed);

#endif
