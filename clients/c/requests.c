/* The requests of a client: held, packed into frames, sent, answered, sent again.
 *
 * Each request is in the table by its id and in exactly one list: queued (to be sent), sent (waits for its reply) or delayed (the daemon
 * was busy). It leaves the table when its reply came, its time is over, or the client closes; then its callback is called, once.
 * When the connection breaks, everything sent goes back to the head of the queue: the daemon knows repeated request ids.
 *
 * A frame that is refused as a whole has no request id in its refusal: then everything under way is sent again one at a time,
 * so that the refusal finds the one request that it is about. */
#include "clients/c/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#define FRAME_BYTES_MOST (256 << 10)
#define RECEIVE_MOST 256 /* frames in one go, so that sending gets its turn */
#define RETRY_DEFAULT_MS 250
#define RETRY_MOST_MS 60000
#define UNREAD_MS 1000 /* what was read after all is answered by then */

struct pending {
	UT_hash_handle hh;
	struct pending *prev, *next;   /* in the list of where it is */
	struct pending *until_prev, *until_next; /* in the list of those with a time limit */
	enum { PENDING_QUEUED, PENDING_SENT, PENDING_DELAYED } where;
	bool resend;      /* sent again when it stays unanswered */
	int64_t due_ms;   /* delayed: not before; sent: when it was sent */
	int64_t until_ms; /* INT64_MAX: kept until it is answered */
	reeve_reply *each;
	void *context;
	char id[65];
	size_t len;
	char bytes[];
};

/* ---- lists ---- */

static struct pending **list_of(struct reeve_client *client, const struct pending *pending)
{
	return pending->where == PENDING_QUEUED ? &client->queued : pending->where == PENDING_SENT ? &client->sent : &client->delayed;
}

static void pending_leave(struct reeve_client *client, struct pending *pending)
{
	DL_DELETE(*list_of(client, pending), pending);
	if (pending->where == PENDING_QUEUED)
		client->queued_count--;
	if (pending->where == PENDING_SENT) {
		client->sent_count--;
		client->sent_bytes -= pending->len;
	}
}

static void pending_queue(struct reeve_client *client, struct pending *pending, bool first)
{
	pending->where = PENDING_QUEUED;
	client->queued_count++;
	if (first)
		DL_PREPEND(client->queued, pending);
	else
		DL_APPEND(client->queued, pending);
}

static void pending_end(struct reeve_client *client, struct pending *pending, int result, const struct reeve_message *reply)
{
	bool was_inside = client->inside;

	pending_leave(client, pending);
	HASH_DEL(client->by_id, pending);
	if (pending->until_ms != INT64_MAX)
		DL_DELETE2(client->limited, pending, until_prev, until_next);
	client->held--;
	if (client->suspects > 0)
		client->suspects--;
	if (pending->each) {
		client->inside = true;
		pending->each(pending->context, result, reply);
		client->inside = was_inside;
	}
	client->callbacks++;
	free(pending);
}

/* Everything under way goes back to the head of the queue, in its old order. */
void requests_return(struct reeve_client *client)
{
	while (client->sent) {
		struct pending *last = client->sent->prev; /* utlist: the head's prev is the tail */
		pending_leave(client, last);
		pending_queue(client, last, true);
	}
}

/* ---- sending ---- */

static void pending_sent(struct reeve_client *client, struct pending *pending, int64_t now)
{
	pending_leave(client, pending);
	pending->where = PENDING_SENT;
	pending->due_ms = now;
	client->sent_count++;
	client->sent_bytes += pending->len;
	DL_APPEND(client->sent, pending);
}

/* How many of the queue's head fit into one frame now. */
static size_t frame_gather(struct reeve_client *client)
{
	size_t most = client->suspects > 0 ? 1 : client->options.frame_requests;
	size_t window = client->suspects > 0 ? 1 : client->options.window;
	size_t count = 0;

	client->window_full = false;
	buf_clear(&client->frame);
	for (struct pending *pending = client->queued; pending && count < most; pending = pending->next) {
		bool first = client->sent_count + count == 0;
		client->window_full = client->sent_count + count >= window ||
			(!first && client->sent_bytes + client->frame.len + pending->len > client->options.window_bytes);
		if (client->window_full)
			break;
		if (count > 0 && client->frame.len + pending->len > FRAME_BYTES_MOST)
			break;
		buf_add(&client->frame, pending->bytes, pending->len);
		count++;
	}
	return count;
}

void requests_send(struct reeve_client *client)
{
	int64_t now = now_ms();
	size_t count;

	if (now < client->pause_until_ms)
		return; /* the daemon is busy: more would only be sent back */
	while ((count = frame_gather(client)) > 0) {
		if (link_send(&client->service, buf_span(&client->frame)) != 0)
			return; /* nobody there, or full: later */
		while (count-- > 0)
			pending_sent(client, client->queued, now);
	}
}

/* ---- replies ---- */

static void reply_delay(struct reeve_client *client, struct pending *pending, const struct record *reply)
{
	int64_t wait = record_get(reply, retry_after_ms, RETRY_DEFAULT_MS);

	pending_leave(client, pending);
	pending->where = PENDING_DELAYED;
	pending->due_ms = now_ms() + (wait < 1 ? 1 : wait > RETRY_MOST_MS ? RETRY_MOST_MS : wait);
	client->pause_until_ms = pending->due_ms;
	DL_APPEND(client->delayed, pending);
}

/* Too much was under way: some of it was not even looked at, and will not be answered. What is not answered soon is sent again. */
static void requests_unread(struct reeve_client *client, const struct record *reply)
{
	struct pending *pending, *next;

	DL_FOREACH_SAFE(client->sent, pending, next) {
		if (pending->resend) {
			reply_delay(client, pending, reply);
			pending->due_ms += UNREAD_MS;
		}
	}
}

static void synced(void *context, int result, const struct reeve_message *reply)
{
	struct reeve_client *client = context;

	(void)result;
	(void)reply;
	client->syncing = false;
	client->own_held--;
}

/* A whole frame was refused. Other frames under way may be refused, too: a hello goes out alone, and once it is answered every
 * such refusal has come. Then the suspects follow one at a time. */
static void frame_refused(struct reeve_client *client, const struct reeve_message *reply)
{
	struct record hello;

	if (client->syncing)
		return;
	if (client->sent_count == 1) {
		pending_end(client, client->sent, REEVE_REFUSED, reply);
		return;
	}
	client->suspects = client->sent_count + 1;
	requests_return(client);
	client->syncing = true;
	client->own_held++;
	record_clear(&hello);
	record_set(&hello, command, COMMAND_hello);
	requests_add(client, &hello, 0, synced, client);
	struct pending *last = client->queued->prev;
	pending_leave(client, last);
	pending_queue(client, last, true);
}

static void reply_take(struct reeve_client *client, struct span map)
{
	struct memory *memory;
	struct reeve_message reply;
	struct pending *pending = NULL;

	message_borrow(&reply, &memory);
	codec_read_lenient(map, &reply.record, NULL);
	const struct record *record = &reply.record;
	bool refused = record_has(record, error) || !record_has(record, reply);
	enum error_kind error = record_get(record, error, ERROR_none);
	bool later = error == ERROR_busy || error == ERROR_stopping;
	if (record_has(record, request))
		HASH_FIND(hh, client->by_id, record->request.data, record->request.len, pending);
	else if (later)
		requests_unread(client, record);
	else if (refused && client->sent_count > 0)
		frame_refused(client, &reply);
	if (pending && later)
		reply_delay(client, pending, record);
	else if (pending)
		pending_end(client, pending, refused ? REEVE_REFUSED : REEVE_OK, &reply);
	message_return(&reply);
}

static void frame_take(struct reeve_client *client, zmq_msg_t *message)
{
	const struct frame_limits limits = {.bytes = SIZE_MAX, .objects = SIZE_MAX, .depth = 32, .nodes = SIZE_MAX};
	struct span rest = {zmq_msg_data(message), zmq_msg_size(message)}, map;
	struct flaw flaw;
	size_t objects;

	if (frame_scan(rest, &limits, &objects, &flaw) != 0)
		return; /* not from a daemon of ours; the requests stay unanswered */
	while (frame_next(&rest, &map))
		reply_take(client, map);
}

void requests_receive(struct reeve_client *client)
{
	for (int i = 0; i < RECEIVE_MOST; i++) {
		zmq_msg_t message;
		zmq_msg_init(&message);
		int len = zmq_msg_recv(&message, client->service.socket, ZMQ_DONTWAIT);
		if (len > 0)
			frame_take(client, &message);
		zmq_msg_close(&message);
		if (len < 0)
			return;
	}
}

/* ---- time ---- */

void requests_look(struct reeve_client *client, int64_t now)
{
	struct pending *pending, *next;

	DL_FOREACH_SAFE(client->delayed, pending, next) {
		if (pending->due_ms <= now) {
			pending_leave(client, pending);
			pending_queue(client, pending, true);
		}
	}
	/* oldest first: the first young one ends the search */
	for (pending = client->sent; pending && pending->due_ms + client->options.resend_ms <= now; pending = next) {
		next = pending->next;
		if (pending->resend) {
			pending_leave(client, pending);
			pending_queue(client, pending, true);
		} else {
			pending_sent(client, pending, now); /* waits on */
		}
	}
	/* a callback may add to the list, but takes nothing out of it */
	DL_FOREACH_SAFE2(client->limited, pending, next, until_next)
		if (pending->until_ms <= now)
			pending_end(client, pending, REEVE_TIMEOUT, NULL);
}

/* ---- coming and going ---- */

static struct pending *pending_make(struct reeve_client *client, const struct record *request, int64_t timeout_ms, reeve_reply *each, void *context)
{
	struct record record = *request;
	struct buf buf = {0};
	char id[65];

	if (!record_has(&record, actor))
		record_set(&record, actor, span_of(client->actor));
	if (record_has(&record, request))
		snprintf(id, sizeof id, "%.*s", (int)record.request.len, record.request.data);
	else
		snprintf(id, sizeof id, "%s.%llu", client->session, (unsigned long long)++client->next_number);
	record_set(&record, request, span_of(id));
	codec_write_all(&buf, &record);
	struct pending *pending = must_calloc(1, sizeof *pending + buf.len);
	memcpy(pending->bytes, buf.data, buf.len);
	memcpy(pending->id, id, sizeof id);
	pending->len = buf.len;
	pending->resend = record.command != COMMAND_advance; /* which may take its time */
	pending->until_ms = timeout_ms > 0 ? now_ms() + timeout_ms : INT64_MAX;
	pending->each = each;
	pending->context = context;
	buf_free(&buf);
	return pending;
}

int requests_add(struct reeve_client *client, const struct record *request, int64_t timeout_ms, reeve_reply *each, void *context)
{
	struct pending *pending = pending_make(client, request, timeout_ms, each, context), *same;

	HASH_FIND_STR(client->by_id, pending->id, same);
	if (same) {
		free(pending);
		return REEVE_INVALID;
	}
	HASH_ADD_STR(client->by_id, id, pending);
	if (pending->until_ms != INT64_MAX)
		DL_APPEND2(client->limited, pending, until_prev, until_next);
	client->held++;
	pending_queue(client, pending, false);
	return REEVE_OK;
}

void requests_forget(struct reeve_client *client, const void *context)
{
	for (struct pending *pending = client->by_id; pending; pending = pending->hh.next)
		if (pending->context == context)
			pending->each = NULL;
}

void requests_drop(struct reeve_client *client)
{
	struct pending *pending, *next;

	HASH_ITER(hh, client->by_id, pending, next)
		pending_end(client, pending, REEVE_TIMEOUT, NULL);
}

int64_t requests_wait_ms(const struct reeve_client *client, int64_t now)
{
	int64_t until = INT64_MAX;
	const struct pending *pending;

	DL_FOREACH(client->delayed, pending)
		until = pending->due_ms < until ? pending->due_ms : until;
	DL_FOREACH2(client->limited, pending, until_next)
		until = pending->until_ms < until ? pending->until_ms : until;
	if (client->sent && client->sent->due_ms + client->options.resend_ms < until)
		until = client->sent->due_ms + client->options.resend_ms;
	if (client->queued && client->pause_until_ms > now && client->pause_until_ms < until)
		until = client->pause_until_ms;
	if (until == INT64_MAX)
		return -1;
	return until > now ? until - now : 0;
}
