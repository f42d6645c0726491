/* What a ROUTER has to remember of its peers: whether they frame with a delimiter, and what could not be sent yet. */
#ifndef REEVE_NET_BACKLOG_H
#define REEVE_NET_BACKLOG_H

#include "base/memory.h"
#include <uthash.h>

#include "base/span.h"

struct backlog_item {
	struct backlog_item *next;
	size_t len;
	char data[];
};

struct backlog_peer {
	UT_hash_handle hh;
	struct backlog_peer *previous_waiting, *next_waiting; /* the ring of peers with something waiting */
	struct backlog_item *first, *last;
	int64_t waiting_bytes;
	bool delimited; /* sends an empty frame before the payload, as a REQ socket does, and wants one back */
	size_t id_len;
	char id[];
};

struct backlog {
	struct backlog_peer *table;   /* oldest use first */
	struct backlog_peer *waiting; /* ring, NULL: nobody waits */
	int64_t waiting_bytes;
	/* limits */
	int64_t most_peers;
	int64_t most_peer_bytes;
	int64_t most_bytes;
};

/* NULL: nothing is remembered of this one. */
struct backlog_peer *backlog_find(struct backlog *backlog, struct span id);
/* How the peer framed its last message. */
void backlog_note(struct backlog *backlog, struct span id, bool delimited);
/* Keeps a copy of the payload until it can be sent. False: it would be over a limit; nothing was kept. */
bool backlog_keep(struct backlog *backlog, struct span id, struct span payload);
/* The payload at the head was sent. The peer stays known while something waits or it is delimited: do not use it afterwards. */
void backlog_sent(struct backlog *backlog, struct backlog_peer *peer);
/* Forgets a peer and what waits for it. Takes NULL. */
void backlog_forget(struct backlog *backlog, struct backlog_peer *peer);
void backlog_free(struct backlog *backlog);

#endif
