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
	char session[20];        /* random: makes request ids unique */
	uint64_t next_number;
	struct pending *by_id;   /* uthash: everything held */
	struct pending *queued;  /* utlist, in order */
	struct pending *sent;    /* utlist, oldest first */
	struct pending *delayed; /* utlist, waits for a busy daemon */
	size_t held;
	size_t queued_count;
	size_t sent_count;
	size_t sent_bytes;
	size_t suspects; /* sent one at a time, because a whole frame was refused */
	bool inside;     /* a callback is running */
	int callbacks;
	struct buf frame;
	struct reeve_subscription *subscription;
};

int64_t now_ms(void);
/* Asks as soon as there is room, past the limit of the queue; for the library's own requests. */
void client_request(struct reeve_client *client, const struct record *request, reeve_reply *each, void *context);
/* Takes back every request with this context: its callback is not called any more. */
void client_forget(struct reeve_client *client, void *context);

/* ---- subscribe.c ---- */

struct link *subscription_link(struct reeve_subscription *subscription);
/* Does what can be done without waiting. */
void subscription_run(struct reeve_subscription *subscription);
/* Live messages are wanted (not while a replay runs). */
bool subscription_reads(const struct reeve_subscription *subscription);
/* Milliseconds until it wants to run by itself, -1: not before something comes. */
int64_t subscription_wait_ms(const struct reeve_subscription *subscription);

#endif
