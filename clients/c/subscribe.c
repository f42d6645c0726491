/* The subscription: events of the feed, none missing, none twice.
 *
 * The conversation: subscribe at the feed; when connected, ask the service for `replay` from reached + 1 until it says caught_up; only then
 * read what the feed has queued meanwhile, dropping what the replay brought. Live, three things show a loss: a stream number that
 * skips one (at once), a mark whose count of events is not what came (within feed.mark_ms), a mark whose last seq never came. Each
 * starts a repair, which is the same replay again. So does a new connection, and, because marks can be lost too, the time.
 *
 * Invariants: everything up to `reached` has been delivered; `beyond` holds what was delivered above it, in order. An event is
 * delivered if it is in neither. With several prefixes their replays are merged by sequence number. */
#include "clients/c/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PAGE_EVENTS 1000
#define LIVE_MOST 1000      /* messages in one go */
#define BEYOND_MOST 100000  /* then a replay moves `reached` up */
#define FIRST_VERIFY_MS 1000
#define VERIFY_MS 30000
#define RETRY_MS 1000
#define TOPICS_MOST 64

struct prefix {
	struct reeve_subscription *owner;
	char *topic;
	/* replay */
	bool asked;
	bool caught_up;
	int64_t next_seq;
	int64_t retry_at_ms;
	struct buf page;
	struct span rest;    /* of the page */
	struct span head;    /* the next map, empty: none */
	int64_t head_seq;
	/* marks */
	bool marked;         /* a mark has come since the feed connected */
	int64_t base_count;  /* of the last mark, -1: it had none */
	int64_t came;        /* events since then */
	int64_t verified;    /* nothing is missing up to here */
};

/* The last number seen in one topic's stream. */
struct stream {
	UT_hash_handle hh;
	int64_t number;
	char topic[];
};

struct reeve_subscription {
	struct reeve_client *client;
	struct reeve_listener listener;
	struct link feed;
	struct prefix *prefixes;
	size_t prefix_count;
	bool knows_start;
	bool start_asked;
	bool was_connected;
	bool replaying;
	bool quiet;            /* this replay only verifies: no notes */
	int64_t verify_at_ms;
	int64_t reached;
	int64_t *beyond;
	size_t beyond_count, beyond_room;
	struct stream *streams;
	bool from_beginning;   /* from_seq 1: a topic that is not in streams had no event yet */
	struct buf topic;
};

struct link *subscription_link(struct reeve_subscription *subscription)
{
	return &subscription->feed;
}

bool subscription_reads(const struct reeve_subscription *subscription)
{
	return subscription->knows_start && !subscription->replaying;
}

/* ---- what has been delivered ---- */

/* The first place in `beyond` that is not below seq. */
static size_t beyond_place(const struct reeve_subscription *subscription, int64_t seq)
{
	size_t low = 0, high = subscription->beyond_count;

	if (high > 0 && subscription->beyond[high - 1] < seq)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (subscription->beyond[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool was_delivered(const struct reeve_subscription *subscription, int64_t seq)
{
	size_t place = beyond_place(subscription, seq);

	return seq <= subscription->reached || (place < subscription->beyond_count && subscription->beyond[place] == seq);
}

static void beyond_add(struct reeve_subscription *subscription, int64_t seq)
{
	size_t place = beyond_place(subscription, seq);

	if (subscription->beyond_count == subscription->beyond_room) {
		subscription->beyond_room = subscription->beyond_room ? 2 * subscription->beyond_room : 256;
		subscription->beyond = must_realloc(subscription->beyond, subscription->beyond_room * sizeof *subscription->beyond);
	}
	memmove(subscription->beyond + place + 1, subscription->beyond + place, (subscription->beyond_count - place) * sizeof *subscription->beyond);
	subscription->beyond[place] = seq;
	subscription->beyond_count++;
}

static void reached_set(struct reeve_subscription *subscription, int64_t seq)
{
	if (seq <= subscription->reached)
		return;
	size_t gone = beyond_place(subscription, seq + 1);
	if (gone < subscription->beyond_count)
		memmove(subscription->beyond, subscription->beyond + gone, (subscription->beyond_count - gone) * sizeof *subscription->beyond);
	subscription->beyond_count -= gone;
	subscription->reached = seq;
}

static void note(struct reeve_subscription *subscription, enum reeve_note what, int64_t seq)
{
	struct reeve_client *client = subscription->client;

	if (!subscription->listener.note)
		return;
	client->inside = true;
	subscription->listener.note(subscription->listener.context, what, seq);
	client->inside = false;
	client->callbacks++;
}

/* ---- streams ---- */

/* The topic that an event is published under; its path is the case's area, or that of the people who are told. */
static void topic_write(const struct record *event, struct buf *ret_topic)
{
	buf_printf(ret_topic, "%s/%.*s/", event_name(event->event), (int)event->path.len, event->path.data);
}

/* The last number seen in a topic. -1: not known; 0: none yet, which only who reads from the very beginning can know. */
static struct stream *stream_of(struct reeve_subscription *subscription, struct span topic)
{
	struct stream *stream;

	HASH_FIND(hh, subscription->streams, topic.data, topic.len, stream);
	if (!stream) {
		stream = must_calloc(1, sizeof *stream + topic.len + 1);
		memcpy(stream->topic, topic.data, topic.len);
		stream->number = subscription->from_beginning ? 0 : -1;
		HASH_ADD_KEYPTR(hh, subscription->streams, stream->topic, topic.len, stream);
	}
	return stream;
}

static void stream_note(struct reeve_subscription *subscription, const struct record *event)
{
	if (!record_has(event, event) || !record_has(event, path) || !record_has(event, stream))
		return;
	buf_clear(&subscription->topic);
	topic_write(event, &subscription->topic);
	struct stream *stream = stream_of(subscription, buf_span(&subscription->topic));
	if (event->stream > stream->number)
		stream->number = event->stream;
}

static void deliver(struct reeve_subscription *subscription, const struct reeve_message *event)
{
	struct reeve_client *client = subscription->client;

	stream_note(subscription, &event->record);
	if (was_delivered(subscription, event->record.seq))
		return;
	beyond_add(subscription, event->record.seq);
	client->inside = true;
	subscription->listener.event(subscription->listener.context, event);
	client->inside = false;
	client->callbacks++;
}

static void deliver_map(struct reeve_subscription *subscription, struct span map)
{
	struct memory *memory;
	struct reeve_message event;

	message_borrow(&event, &memory);
	if (codec_read_lenient(map, &event.record, NULL) == 0 && record_has(&event.record, seq))
		deliver(subscription, &event);
	message_return(&event);
}

/* ---- replay ---- */

static void streams_forget(struct reeve_subscription *subscription)
{
	struct stream *stream, *next;

	HASH_ITER(hh, subscription->streams, stream, next) {
		HASH_DEL(subscription->streams, stream);
		free(stream);
	}
}

static void replay_begin(struct reeve_subscription *subscription, bool quiet)
{
	if (subscription->replaying)
		return;
	subscription->replaying = true;
	subscription->quiet = quiet;
	if (!quiet)
		note(subscription, REEVE_NOTE_REPAIR, subscription->reached);
	for (size_t i = 0; i < subscription->prefix_count; i++) {
		struct prefix *prefix = &subscription->prefixes[i];
		prefix->caught_up = false;
		prefix->next_seq = subscription->reached + 1;
		prefix->rest = prefix->head = (struct span){0};
	}
}

static void replay_page(struct prefix *prefix, const struct record *reply)
{
	struct span maps = {0};

	list_open(record_get(reply, events, ((struct span){0})), &maps);
	buf_clear(&prefix->page);
	buf_add_span(&prefix->page, maps);
	prefix->rest = buf_span(&prefix->page);
	prefix->caught_up = record_get(reply, caught_up, false);
	if (record_get(reply, next_seq, 0) > prefix->next_seq)
		prefix->next_seq = reply->next_seq;
	else if (!prefix->caught_up)
		prefix->retry_at_ms = now_ms() + RETRY_MS; /* a page that leads nowhere: do not spin */
}

static void replay_reply(void *context, int result, const struct reeve_message *reply)
{
	struct prefix *prefix = context;
	struct reeve_subscription *subscription = prefix->owner;

	prefix->asked = false;
	subscription->client->own_held--;
	if (result == REEVE_OK && subscription->replaying) {
		subscription->from_beginning &= !record_get(&reply->record, gap, false);
		if (record_get(&reply->record, gap, false))
			note(subscription, REEVE_NOTE_GAP, record_get(&reply->record, from_seq, prefix->next_seq));
		replay_page(prefix, &reply->record);
		return;
	}
	prefix->retry_at_ms = now_ms() + RETRY_MS;
	if (result == REEVE_REFUSED)
		note(subscription, REEVE_NOTE_REFUSED, prefix->next_seq);
}

static void replay_ask(struct prefix *prefix)
{
	struct reeve_client *client = prefix->owner->client;
	struct record request;

	record_clear(&request);
	record_set(&request, command, COMMAND_replay);
	record_set(&request, from_seq, prefix->next_seq);
	record_set(&request, count, PAGE_EVENTS);
	if (prefix->topic[0])
		record_set(&request, topic, span_of(prefix->topic));
	prefix->asked = true;
	client->own_held++;
	requests_add(client, &request, 0, replay_reply, prefix);
}

/* The head of the prefix's page, reading on if there is none. */
static void head_fill(struct prefix *prefix)
{
	struct record record;

	while (prefix->head.len == 0 && frame_next(&prefix->rest, &prefix->head)) {
		if (codec_read_lenient(prefix->head, &record, NULL) == 0 && record_has(&record, seq))
			prefix->head_seq = record.seq;
		else
			prefix->head = (struct span){0};
	}
}

/* Everything below this number has been read for this prefix. */
static int64_t prefix_frontier(const struct prefix *prefix)
{
	return prefix->head.len ? prefix->head_seq : prefix->next_seq;
}

/* The prefix whose next event is the lowest; NULL when one has to be asked first, or when all are through (*ret_done): as far as the first
 * one was when it had caught up, since what came later is in the feed, in order with the others'. */
static struct prefix *merge_next(struct reeve_subscription *subscription, bool *ret_done)
{
	struct prefix *lowest = NULL;
	int64_t end = INT64_MAX;
	bool waits = false;

	for (size_t i = 0; i < subscription->prefix_count; i++) {
		struct prefix *prefix = &subscription->prefixes[i];
		head_fill(prefix);
		if (prefix->head.len) {
			lowest = !lowest || prefix->head_seq < lowest->head_seq ? prefix : lowest;
		} else if (prefix->caught_up && !prefix->asked) {
			end = prefix->next_seq < end ? prefix->next_seq : end;
		} else {
			waits = true;
		}
	}
	*ret_done = !waits && (!lowest || lowest->head_seq >= end);
	return waits || *ret_done ? NULL : lowest;
}

static void merge_frontier(struct reeve_subscription *subscription)
{
	int64_t frontier = INT64_MAX;

	for (size_t i = 0; i < subscription->prefix_count; i++)
		if (prefix_frontier(&subscription->prefixes[i]) < frontier)
			frontier = prefix_frontier(&subscription->prefixes[i]);
	reached_set(subscription, frontier - 1);
}

static void replay_end(struct reeve_subscription *subscription)
{
	subscription->replaying = false;
	for (size_t i = 0; i < subscription->prefix_count; i++)
		if (subscription->prefixes[i].verified < subscription->reached)
			subscription->prefixes[i].verified = subscription->reached;
	if (!subscription->quiet)
		note(subscription, REEVE_NOTE_CAUGHT_UP, subscription->reached);
	subscription->quiet = true;
}

static void replay_run(struct reeve_subscription *subscription)
{
	struct prefix *prefix;
	bool done;

	while ((prefix = merge_next(subscription, &done))) {
		struct span map = prefix->head;
		prefix->head = (struct span){0};
		deliver_map(subscription, map);
	}
	merge_frontier(subscription);
	if (done) {
		replay_end(subscription);
		return;
	}
	for (size_t i = 0; i < subscription->prefix_count; i++) {
		prefix = &subscription->prefixes[i];
		if (!prefix->asked && !prefix->caught_up && prefix->head.len == 0 && prefix->retry_at_ms <= now_ms())
			replay_ask(prefix);
	}
}

/* ---- live ---- */

static struct prefix *prefix_named(struct reeve_subscription *subscription, struct span topic)
{
	for (size_t i = 0; i < subscription->prefix_count; i++)
		if (span_is(topic, subscription->prefixes[i].topic))
			return &subscription->prefixes[i];
	return NULL;
}

/* A mark: the last sequence number under the prefix, and how many events there were. */
static void mark_take(struct reeve_subscription *subscription, const struct record *mark)
{
	struct prefix *prefix = prefix_named(subscription, record_get(mark, topic, ((struct span){0})));
	int64_t count = record_get(mark, stream, -1), seq = record_get(mark, seq, 0);

	if (!prefix)
		return; /* another subscriber's */
	bool first = !prefix->marked, lost = (seq > 0 && !was_delivered(subscription, seq)) ||
		(prefix->base_count >= 0 && count >= 0 && count - prefix->base_count != prefix->came);
	prefix->marked = true;
	prefix->base_count = count;
	prefix->came = 0;
	if (lost || first)
		replay_begin(subscription, !lost);
	if (lost || first || count < 0)
		return; /* a mark without a count proves only its own event */
	prefix->verified = seq > prefix->verified ? seq : prefix->verified;
	int64_t least = INT64_MAX;
	for (size_t i = 0; i < subscription->prefix_count; i++)
		least = subscription->prefixes[i].verified < least ? subscription->prefixes[i].verified : least;
	reached_set(subscription, least);
}

static void event_take(struct reeve_subscription *subscription, struct span topic, const struct reeve_message *event)
{
	for (size_t i = 0; i < subscription->prefix_count; i++)
		if (span_starts(topic, span_of(subscription->prefixes[i].topic)))
			subscription->prefixes[i].came++;
	if (was_delivered(subscription, event->record.seq))
		return;
	struct stream *stream = stream_of(subscription, topic);
	int64_t number = record_get(&event->record, stream, 0);
	/* A topic that was not seen since the start: its event before this one may be older than the start, or lost. The replay knows. */
	bool unknown = stream->number < 0 && number > 1;
	if (unknown || (stream->number >= 0 && number > stream->number + 1))
		replay_begin(subscription, unknown); /* which brings this one, too, after what is missing */
	else
		deliver(subscription, event);
}

static void live_take(struct reeve_subscription *subscription, struct span topic, struct span payload)
{
	const struct frame_limits limits = {.bytes = SIZE_MAX, .objects = SIZE_MAX, .depth = 32, .nodes = SIZE_MAX};
	struct memory *memory;
	struct reeve_message event;
	struct flaw flaw;
	struct span map;
	size_t objects;

	if (frame_scan(payload, &limits, &objects, &flaw) != 0)
		return;
	while (!subscription->replaying && frame_next(&payload, &map)) {
		message_borrow(&event, &memory);
		codec_read_lenient(map, &event.record, NULL);
		if (record_has(&event.record, event) && record_has(&event.record, seq))
			event_take(subscription, topic, &event);
		else if (!record_has(&event.record, event))
			mark_take(subscription, &event.record);
		message_return(&event);
	}
}

static bool live_receive(struct reeve_subscription *subscription)
{
	zmq_msg_t topic, payload;
	bool got = false;

	zmq_msg_init(&topic);
	zmq_msg_init(&payload);
	if (zmq_msg_recv(&topic, subscription->feed.socket, ZMQ_DONTWAIT) >= 0) {
		got = true;
		if (zmq_msg_more(&topic) && zmq_msg_recv(&payload, subscription->feed.socket, ZMQ_DONTWAIT) >= 0)
			live_take(subscription, (struct span){zmq_msg_data(&topic), zmq_msg_size(&topic)},
				(struct span){zmq_msg_data(&payload), zmq_msg_size(&payload)});
	}
	zmq_msg_close(&payload);
	zmq_msg_close(&topic);
	return got;
}

/* ---- the turn ---- */

static void start_reply(void *context, int result, const struct reeve_message *reply)
{
	struct reeve_subscription *subscription = context;

	subscription->start_asked = false;
	subscription->client->own_held--;
	if (result != REEVE_OK || !record_has(&reply->record, seq))
		return; /* asked again by the next run */
	subscription->reached = reply->record.seq;
	subscription->knows_start = true;
	replay_begin(subscription, true);
	subscription->quiet = false;
}

static void start_ask(struct reeve_subscription *subscription)
{
	struct record request;

	record_clear(&request);
	record_set(&request, command, COMMAND_status);
	subscription->start_asked = true;
	subscription->client->own_held++;
	requests_add(subscription->client, &request, 0, start_reply, subscription);
}

/* A connection is new: marks count from here, and whatever was missed is fetched. */
static void feed_connected(struct reeve_subscription *subscription)
{
	bool first = subscription->verify_at_ms == 0;

	for (size_t i = 0; i < subscription->prefix_count; i++) {
		subscription->prefixes[i].marked = false;
		subscription->prefixes[i].base_count = -1;
		subscription->prefixes[i].came = 0;
	}
	subscription->verify_at_ms = now_ms() + FIRST_VERIFY_MS;
	if (subscription->knows_start)
		replay_begin(subscription, first);
	if (first)
		subscription->quiet = false; /* say when it has caught up */
}

void subscription_run(struct reeve_subscription *subscription)
{
	bool broke = link_broke(&subscription->feed);

	if (subscription->feed.connected && (broke || !subscription->was_connected))
		feed_connected(subscription);
	subscription->was_connected = subscription->feed.connected;
	if (!subscription->knows_start) {
		if (subscription->feed.connected && !subscription->start_asked)
			start_ask(subscription);
		return;
	}
	for (int i = 0; i < LIVE_MOST && !subscription->replaying && live_receive(subscription); i++)
		;
	if (!subscription->replaying && subscription->feed.connected &&
	    (subscription->verify_at_ms <= now_ms() || subscription->beyond_count > BEYOND_MOST)) {
		subscription->verify_at_ms = now_ms() + VERIFY_MS;
		replay_begin(subscription, true);
	}
	if (subscription->replaying)
		replay_run(subscription);
}

int64_t subscription_wait_ms(const struct reeve_subscription *subscription)
{
	int64_t now = now_ms(), until = INT64_MAX;

	if (subscription->feed.connected && subscription->knows_start && !subscription->replaying)
		until = subscription->verify_at_ms;
	for (size_t i = 0; i < subscription->prefix_count && subscription->replaying; i++) {
		const struct prefix *prefix = &subscription->prefixes[i];
		if (!prefix->asked && !prefix->caught_up && prefix->retry_at_ms < until)
			until = prefix->retry_at_ms;
	}
	return until == INT64_MAX ? -1 : until > now ? until - now : 0;
}

static void prefixes_make(struct reeve_subscription *subscription, const char *const *topics, size_t count)
{
	static const char *const everything[] = {""};

	subscription->prefix_count = count ? count : 1;
	topics = count ? topics : everything;
	subscription->prefixes = must_calloc(subscription->prefix_count, sizeof *subscription->prefixes);
	for (size_t i = 0; i < subscription->prefix_count; i++) {
		subscription->prefixes[i].owner = subscription;
		subscription->prefixes[i].topic = span_dup(span_of(topics[i]));
		subscription->prefixes[i].base_count = -1;
	}
}

struct reeve_subscription *reeve_subscribe(struct reeve_client *client, const char *const *topics, size_t topic_count, int64_t from_seq,
	const struct reeve_listener *listener)
{
	if (client->subscription || topic_count > TOPICS_MOST || from_seq < 0 || !listener || !listener->event) {
		errno = client->subscription ? EBUSY : EINVAL;
		return NULL;
	}
	struct reeve_subscription *subscription = must_calloc(1, sizeof *subscription);
	*subscription = (struct reeve_subscription){.client = client, .listener = *listener, .knows_start = from_seq > 0, .from_beginning = from_seq == 1,
		.reached = from_seq > 0 ? from_seq - 1 : 0};
	prefixes_make(subscription, topics, topic_count);
	int error = link_open(&subscription->feed, client->zmq, ZMQ_SUB, client->feed_endpoint, &client->options);
	for (size_t i = 0; !error && i < subscription->prefix_count; i++)
		error = zmq_setsockopt(subscription->feed.socket, ZMQ_SUBSCRIBE, subscription->prefixes[i].topic, strlen(subscription->prefixes[i].topic));
	client->subscription = subscription;
	if (!error)
		return subscription;
	error = errno;
	reeve_unsubscribe(subscription);
	errno = error;
	return NULL;
}

int64_t reeve_subscription_reached(const struct reeve_subscription *subscription)
{
	return subscription->reached;
}

void reeve_unsubscribe(struct reeve_subscription *subscription)
{
	if (!subscription)
		return;
	struct reeve_client *client = subscription->client;
	requests_forget(client, subscription);
	client->own_held -= subscription->start_asked;
	for (size_t i = 0; i < subscription->prefix_count; i++) {
		struct prefix *prefix = &subscription->prefixes[i];
		requests_forget(client, prefix);
		client->own_held -= prefix->asked;
		buf_free(&prefix->page);
		free(prefix->topic);
	}
	link_close(&subscription->feed);
	streams_forget(subscription);
	buf_free(&subscription->topic);
	free(subscription->prefixes);
	free(subscription->beyond);
	client->subscription = NULL;
	free(subscription);
}
