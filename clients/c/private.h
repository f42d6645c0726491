/* What the files of libreeve share. Nothing here is installed. */
#ifndef REEVE_CLIENTS_C_PRIVATE_H
#define REEVE_CLIENTS_C_PRIVATE_H

#include "clients/c/reeve.h"
#include "schema/codec.h"

#include <zmq.h>

/* ---- message.c ---- */

struct memory;

struct reeve_message {
	struct record record;
	struct memory **memory; /* behind a pointer, so that reading from a const message may keep what it rendered */
};

/* A message over bytes of somebody else: fill the record, use it, then return it. place is where its memory will hang. */
void message_borrow(struct reeve_message *message, struct memory **place);
void message_return(struct reeve_message *message);
/* A message of its own over a copy of one encoded map. */
struct reeve_message *message_read(struct span map);

/* ---- link.c: one socket and its monitor ---- */

struct link {
	void *socket;
	void *monitor;
	bool connected;
};

/* type: ZMQ_DEALER or ZMQ_SUB. 0 or -1 with errno. */
int link_open(struct link *link, void *zmq, int type, const char *endpoint, const struct reeve_options *options);
void link_close(struct link *link);
/* Reads what the monitor has to say. True: a connection was lost (what was sent may be, too). */
bool link_broke(struct link *link);
/* 0, or -1 with errno (EAGAIN: nobody takes it now). Does not wait. */
int link_send(struct link *link, struct span frame);

/* ---- client.c ---- */

struct pending;

struct reeve_client {
	void *zmq;
	struct link service;
	struct reeve_options options;
	char *feed_endpoint;
	char *actor;
	char session[20];         /* random: makes request ids unique */
	uint64_t next_number;
	struct pending *by_id;    /* uthash: everything held */
	struct pending *queued;   /* utlist, in order */
	struct pending *sent;     /* utlist, oldest first */
	struct pending *delayed;  /* utlist, waits for a busy daemon */
	struct pending *limited;  /* utlist, everything with a time limit */
	size_t held;
	size_t own_held;          /* of these the library's own (replays) */
	size_t queued_count;
	size_t sent_count;
	size_t sent_bytes;
	size_t suspects;          /* sent one at a time, because a whole frame was refused */
	bool syncing;             /* a hello is under way that parts old refusals from new ones */
	int64_t pause_until_ms;   /* the daemon is busy: nothing is sent before */
	bool window_full;         /* what is queued waits for replies, not for the socket */
	bool inside;              /* a callback is running */
	int callbacks;            /* made in this turn */
	struct buf frame;
	struct reeve_subscription *subscription;
};

int64_t now_ms(void);

/* ---- requests.c ---- */

/* Holds a copy of the request until its reply came: REEVE_OK, or REEVE_INVALID when its id is held already. */
int requests_add(struct reeve_client *client, const struct record *request, int64_t timeout_ms, reeve_reply *each, void *context);
void requests_send(struct reeve_client *client);
void requests_receive(struct reeve_client *client);
/* What is due by now: delayed ones, unanswered ones, and those whose time is over. */
void requests_look(struct reeve_client *client, int64_t now);
/* The connection broke: everything under way goes back to the head of the queue, in its old order. */
void requests_return(struct reeve_client *client);
/* Milliseconds until requests_look has something to do, -1: never. */
int64_t requests_wait_ms(const struct reeve_client *client, int64_t now);
/* The context goes away: its callbacks are not called any more. */
void requests_forget(struct reeve_client *client, const void *context);
/* Ends everything held. */
void requests_drop(struct reeve_client *client);

/* ---- subscribe.c ---- */

struct link *subscription_link(struct reeve_subscription *subscription);
/* Does what can be done without waiting. */
void subscription_run(struct reeve_subscription *subscription);
/* Live messages are wanted (not while a replay runs). */
bool subscription_reads(const struct reeve_subscription *subscription);
/* Milliseconds until it wants to run by itself, -1: not before something comes. */
int64_t subscription_wait_ms(const struct reeve_subscription *subscription);

#endif
