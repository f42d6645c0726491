/* What the two halves of the network share: wire.c owns it and speaks for the daemon's end, zmq.c is what the programs call. */
#ifndef REEVE_TESTS_SIM_WIRE_INSIDE_H
#define REEVE_TESTS_SIM_WIRE_INSIDE_H

#include "tests/sim/sim.h"

#include <utlist.h>

#define TOPICS_MOST 8
#define EVENTS_MOST 32
#define OUT_MOST 64    /* messages that a client's socket takes before the daemon reads */
#define NEVER INT64_MAX

struct message {
	struct message *next, *prev;
	int64_t due_us;
	size_t topic_len, len;
	char bytes[]; /* topic, payload */
};

struct lane {
	struct message *list;
	size_t count;
};

#define SOCKETS_MOST 6 /* of one program */

struct wire_context {
	struct wire_context *next, *prev;
	struct wire_socket *sockets[SOCKETS_MOST];
	int socket_count;
	struct fiber *fiber; /* NULL: a program that never waits */
	bool dead;
};

struct wire_socket {
	struct wire_socket *next, *prev;
	struct wire_context *context;
	int type;
	enum door door;
	/* a monitor */
	struct wire_socket *watched;
	uint16_t events[EVENTS_MOST];
	int event_count;
	bool second_frame;
	/* a connection */
	struct wire_socket *monitor;
	char *address; /* of the monitor */
	bool wants, up;
	int64_t up_us;        /* when it comes up */
	int64_t deaf_until_us; /* nothing passes until then, and then it breaks; 0: it is well */
	uint64_t id;
	struct lane in, out;
	char *topics[TOPICS_MOST];
	int topic_count;
	bool told;            /* the daemon has its topics */
	int64_t told_us;
	bool feed_rest;       /* the topic was read, the payload comes next */
};

struct wire {
	struct wire_socket *sockets;
	struct wire_context *contexts;
	struct message *taken; /* what the daemon reads */
	uint64_t ids;
	bool listens;
};
extern struct wire wire;

/* The first message that has arrived, NULL: none has. */
struct message *lane_take(struct lane *lane);
/* When the first one arrives. */
int64_t lane_next(const struct lane *lane);
/* What is under way is gone; all: also what has arrived. */
void lane_cut(struct lane *lane, bool all);
void lane_send(struct wire_socket *socket, struct lane *lane, struct span topic, struct span payload);
/* The daemon hears of a socket's topics, or that it has gone. */
void topics_tell(struct wire_socket *socket, bool on);
bool socket_readable(const struct wire_socket *socket);

#endif
