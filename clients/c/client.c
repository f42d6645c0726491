/* The client: opening, closing, and the turn of work that everything waits in.
 *
 * A turn sends what it can, waits for one of the sockets or for the next time that something is due, and takes what came. There is no
 * thread: between calls nothing moves but what libzmq holds. */
#include "clients/c/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define SERVICE_DEFAULT "ipc:///run/reeve/service"
#define FEED_DEFAULT "ipc:///run/reeve/feed"
#define WAIT_MOST_MS 3600000

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *reeve_result_text(int result)
{
	switch (result) {
	case REEVE_OK: return "done";
	case REEVE_REFUSED: return "refused: see error, message and field of the reply";
	case REEVE_TIMEOUT: return "no answer in time: is the daemon running, and is this its endpoint?";
	case REEVE_FULL: return "too many requests are held: let reeve_run work, then send again";
	case REEVE_INVALID: return "a field or value that the protocol does not have, or a call from inside of a callback";
	case REEVE_SYSTEM: return "the system refused: see errno";
	default: return "unknown result";
	}
}

static void options_fill(struct reeve_client *client, const struct reeve_options *options)
{
	struct reeve_options *own = &client->options;

	if (options)
		*own = *options;
	own->queue = own->queue ? own->queue : 65536;
	own->window = own->window ? own->window : 4096;
	own->window_bytes = own->window_bytes ? own->window_bytes : 4 << 20;
	own->frame_requests = own->frame_requests ? own->frame_requests : 64;
	own->resend_ms = own->resend_ms > 0 ? own->resend_ms : 30000;
	client->actor = span_dup(span_of(own->actor ? own->actor : "libreeve"));
	client->feed_endpoint = span_dup(span_of(own->feed ? own->feed : FEED_DEFAULT));
	own->actor = client->actor;
	own->feed = client->feed_endpoint;
}

static int session_make(char *session, size_t size)
{
	uint64_t random;

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		return -1;
	snprintf(session, size, "%016llx", (unsigned long long)random);
	return 0;
}

struct reeve_client *reeve_open(const struct reeve_options *options)
{
	struct reeve_client *client = must_calloc(1, sizeof *client);
	const char *endpoint = options && options->service ? options->service : SERVICE_DEFAULT;

	options_fill(client, options);
	client->zmq = zmq_ctx_new();
	if (client->zmq && session_make(client->session, sizeof client->session) == 0 &&
	    link_open(&client->service, client->zmq, ZMQ_DEALER, endpoint, &client->options) == 0)
		return client;
	int error = errno;
	reeve_close(client);
	errno = error;
	return NULL;
}

void reeve_close(struct reeve_client *client)
{
	if (!client)
		return;
	reeve_unsubscribe(client->subscription);
	requests_drop(client);
	link_close(&client->service);
	if (client->zmq)
		zmq_ctx_term(client->zmq);
	buf_free(&client->frame);
	free(client->feed_endpoint);
	free(client->actor);
	free(client);
}

/* Whole frames leave at once; a part of one waits for reeve_run. */
static int request_hold(struct reeve_client *client, const struct record *request, int64_t timeout_ms, reeve_reply *each, void *context)
{
	if (client->held >= client->options.queue)
		return REEVE_FULL;
	int result = requests_add(client, request, timeout_ms, each, context);
	if (result == REEVE_OK && !client->inside && client->queued_count >= client->options.frame_requests)
		requests_send(client);
	return result;
}

int reeve_send(struct reeve_client *client, const struct reeve_message *request, int64_t timeout_ms, reeve_reply *each, void *context)
{
	if (!record_has(&request->record, command))
		return REEVE_INVALID;
	return request_hold(client, &request->record, timeout_ms, each, context);
}

int reeve_publish(struct reeve_client *client, const struct reeve_message *report, reeve_reply *each, void *context)
{
	struct record record = report->record;

	if (!record_has(&record, command))
		record_set(&record, command, COMMAND_submit);
	if (codec_check_command(&record, NULL) != 0 || record.command != COMMAND_submit)
		return REEVE_INVALID;
	return request_hold(client, &record, 0, each, context);
}

size_t reeve_held(const struct reeve_client *client)
{
	return client->held;
}

/* Waits for a socket. 0, or -1 with errno. */
static int turn_wait(struct reeve_client *client, int64_t wait)
{
	zmq_pollitem_t items[4] = {
		{.socket = client->service.socket, .events = ZMQ_POLLIN},
		{.socket = client->service.monitor, .events = ZMQ_POLLIN},
	};
	int count = 2;

	/* what is queued leaves as soon as somebody takes it */
	if (client->service.connected && client->queued && client->sent_count < client->options.window && now_ms() >= client->pause_until_ms && !client->window_full)
		items[0].events |= ZMQ_POLLOUT;
	if (client->subscription) {
		const struct link *feed = subscription_link(client->subscription);
		if (subscription_reads(client->subscription))
			items[count++] = (zmq_pollitem_t){.socket = feed->socket, .events = ZMQ_POLLIN};
		items[count++] = (zmq_pollitem_t){.socket = feed->monitor, .events = ZMQ_POLLIN};
	}
	if (zmq_poll(items, count, (long)wait) < 0 && errno != EINTR)
		return -1;
	return 0;
}

static int64_t least_wait(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 || a < b ? a : b;
}

/* What can be done without waiting. */
static void turn_work(struct reeve_client *client)
{
	if (link_broke(&client->service)) {
		requests_return(client);
		client->pause_until_ms = 0;
	}
	requests_receive(client);
	if (client->subscription)
		subscription_run(client->subscription);
	requests_look(client, now_ms());
	requests_send(client);
}

int reeve_run(struct reeve_client *client, int64_t timeout_ms)
{
	int64_t until = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;

	if (client->inside)
		return REEVE_INVALID;
	client->callbacks = 0;
	for (;;) {
		turn_work(client);
		int64_t now = now_ms();
		if (client->callbacks > 0 || now >= until)
			return client->callbacks;
		int64_t wait = until == INT64_MAX ? -1 : until - now;
		wait = least_wait(wait, requests_wait_ms(client, now));
		if (client->subscription)
			wait = least_wait(wait, subscription_wait_ms(client->subscription));
		if (turn_wait(client, wait > WAIT_MOST_MS ? WAIT_MOST_MS : wait) != 0)
			return REEVE_SYSTEM;
	}
}

int reeve_flush(struct reeve_client *client, int64_t timeout_ms)
{
	int64_t until = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;

	while (client->held > client->own_held) {
		int64_t now = now_ms();
		if (now >= until)
			return REEVE_TIMEOUT;
		int result = reeve_run(client, until == INT64_MAX ? -1 : until - now);
		if (result < 0)
			return result;
	}
	return REEVE_OK;
}

struct asked {
	bool done;
	int result;
	struct reeve_message *reply;
};

static void asked_reply(void *context, int result, const struct reeve_message *reply)
{
	struct asked *asked = context;

	asked->done = true;
	asked->result = result;
	asked->reply = reply ? reeve_message_copy(reply) : NULL;
}

int reeve_ask(struct reeve_client *client, const struct reeve_message *request, int64_t timeout_ms, struct reeve_message **ret_reply)
{
	struct asked asked = {0};

	if (client->inside)
		return REEVE_INVALID;
	int result = reeve_send(client, request, timeout_ms < 0 ? 0 : timeout_ms + 1, asked_reply, &asked);
	while (result >= 0 && !asked.done)
		result = reeve_run(client, -1);
	if (!asked.done) {
		requests_forget(client, &asked);
		return result;
	}
	if (ret_reply && asked.reply)
		*ret_reply = asked.reply;
	else
		reeve_message_free(asked.reply);
	return asked.result;
}
