/* Subscribers, with libreeve as it is: each keeps a note of every event that it dealt with and of the number up to which nothing is missing; when it died
 * it goes on from there, and leaves out what it knows, as docs/INTEGRATING.md says. What they are told must be in the journal, each event once in one life,
 * in order within its topic, and in the end nothing may be missing. Some are supervisors, who answer notices. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "clients/c/private.h"

struct topic_seen {
	UT_hash_handle hh;
	int64_t number;
	char topic[];
};

struct watcher {
	int number;
	const char *const *topics;
	size_t topic_count;
	struct reeve_client *client; /* NULL: died */
	int64_t up_us, asleep_until_us;
	struct reeve_subscription *subscription;
	int64_t reached;  /* nothing is missing up to here */
	uint32_t life;
	uint32_t *seen;   /* by sequence number: the life in which it was told last, 0: never */
	int64_t seen_room;
	struct topic_seen *streams;
	bool resumed, repairs;
};

static const char *const topics[WATCHERS][2] = {{"", NULL}, {"case_escalated/", "case_opened/"}, {"case_escalated/3701/370102/", "case_closed/3701/"}};

static bool wants(const struct watcher *watcher, struct span topic)
{
	for (size_t i = 0; i < watcher->topic_count; i++)
		if (span_starts(topic, span_of(watcher->topics[i])))
			return true;
	return false;
}

static struct span topic_of(const struct record *event, char room[512])
{
	int len = record_has(event, path) ? snprintf(room, 512, "%s/%.*s/", event_name(event->event), (int)event->path.len, event->path.data)
		: snprintf(room, 512, "%s/", event_name(event->event));

	return (struct span){room, (size_t)len};
}

static void order_look(struct watcher *watcher, const struct record *event, struct span topic)
{
	struct topic_seen *seen;

	if (!record_has(event, stream))
		return;
	HASH_FIND(hh, watcher->streams, topic.data, topic.len, seen);
	if (!seen) {
		seen = must_calloc(1, sizeof *seen + topic.len + 1);
		memcpy(seen->topic, topic.data, topic.len);
		HASH_ADD_KEYPTR(hh, watcher->streams, seen->topic, topic.len, seen);
	}
	if (event->stream != seen->number + 1)
		complain("subscriber %d got number %" PRId64 " of %.*s after number %" PRId64, watcher->number, event->stream, (int)topic.len, topic.data, seen->number);
	seen->number = event->stream;
}

/* True when it is new. */
static bool seen_mark(struct watcher *watcher, int64_t seq)
{
	uint32_t before;

	if (seq >= watcher->seen_room) {
		int64_t room = watcher->seen_room ? watcher->seen_room : 1024;
		while (room <= seq)
			room *= 2;
		watcher->seen = must_realloc(watcher->seen, (size_t)room * sizeof *watcher->seen);
		memset(watcher->seen + watcher->seen_room, 0, (size_t)(room - watcher->seen_room) * sizeof *watcher->seen);
		watcher->seen_room = room;
	}
	before = watcher->seen[seq];
	if (before == watcher->life)
		complain("subscriber %d got event %" PRId64 " twice", watcher->number, seq);
	watcher->seen[seq] = watcher->life;
	return !before;
}

static void answer_notice(struct watcher *watcher, const struct record *event)
{
	struct memory *memory;
	struct reeve_message message;

	message_borrow(&message, &memory);
	record_set(&message.record, command, COMMAND_acknowledge);
	record_set(&message.record, case_id, event->case_id);
	if (dice(2))
		record_copy(&message.record, event, notice);
	reeve_send(watcher->client, &message, 60000, NULL, NULL);
	message_return(&message);
}

static void on_event(void *context, const struct reeve_message *message)
{
	struct watcher *watcher = context;
	const struct record *event = &message->record;
	char room[512];
	struct span topic = topic_of(event, room);
	bool known;

	if (event->seq > sim->daemon.journal->last_seq)
		complain("subscriber %d got event %" PRId64 ", which is not stored", watcher->number, event->seq);
	if (!wants(watcher, topic))
		complain("subscriber %d got an event of %.*s, which it did not ask for", watcher->number, (int)topic.len, topic.data);
	trace("watcher %d: event %" PRId64, watcher->number, event->seq);
	known = !seen_mark(watcher, event->seq);
	SOMETIMES(known_again, known);
	if (known)
		return;
	order_look(watcher, event, topic);
	model_published(sim->model, watcher->number, event);
	SOMETIMES(gap_repaired, watcher->repairs);
	SOMETIMES(watcher_resumed, watcher->resumed);
	watcher->repairs = watcher->resumed = false;
	if (event->event == EVENT_case_escalated && record_has(event, acknowledge_by) && dice(3) == 0)
		answer_notice(watcher, event);
}

static void on_note(void *context, enum reeve_note note, int64_t seq)
{
	struct watcher *watcher = context;

	trace("watcher %d: note %d at %" PRId64, watcher->number, (int)note, seq);
	if (note == REEVE_NOTE_REPAIR)
		watcher->repairs = true;
	if (note == REEVE_NOTE_GAP)
		complain("subscriber %d was told of a gap at %" PRId64 ", and nothing was pruned", watcher->number, seq);
}

static void watcher_starts(struct watcher *watcher)
{
	const struct reeve_options options = {.service = "sim://service", .feed = "sim://feed", .actor = "dora"};
	const struct reeve_listener listener = {on_event, on_note, watcher};

	watcher->client = reeve_open(&options);
	watcher->life++;
	watcher->subscription = reeve_subscribe(watcher->client, watcher->topics, watcher->topic_count, watcher->reached + 1, &listener);
	if (!watcher->subscription)
		complain("libreeve does not subscribe");
}

static void watcher_run(struct watcher *watcher)
{
	reeve_run(watcher->client, 0);
	watcher->reached = reeve_subscription_reached(watcher->subscription);
}

void watch_begin(void)
{
	sim->watchers = must_calloc(WATCHERS, sizeof *sim->watchers);
	for (int i = 0; i < WATCHERS; i++) {
		struct watcher *watcher = &sim->watchers[i];
		watcher->number = i;
		watcher->topics = topics[i];
		watcher->topic_count = i ? 2 : 1;
		watcher_starts(watcher);
	}
}

void watch_run(void)
{
	for (int i = 0; i < WATCHERS; i++) {
		struct watcher *watcher = &sim->watchers[i];
		if (!watcher->client && watcher->up_us <= sim->now_us)
			watcher_starts(watcher);
		if (watcher->client && watcher->asleep_until_us <= sim->now_us && wire_context_readable(watcher->client->zmq))
			watcher_run(watcher);
	}
}

void watch_step(void)
{
	struct watcher *watcher = &sim->watchers[dice(WATCHERS)];
	bool dies = fault_happens(FAULT_watcher_dies), sleeps = fault_happens(FAULT_watcher_slow);

	if (dies && watcher->client) {
		trace("watcher %d: dies at %" PRId64, watcher->number, watcher->reached);
		reeve_close(watcher->client);
		watcher->client = NULL;
		watcher->resumed = true;
		watcher->up_us = sim->now_us + dice_spread(100000, 20 * SECOND_US);
	} else if (sleeps) {
		watcher->asleep_until_us = sim->now_us + dice_spread(SECOND_US, 10 * MINUTE_US);
	}
	for (int i = 0; i < WATCHERS; i++)
		if (sim->watchers[i].client && sim->watchers[i].asleep_until_us <= sim->now_us)
			watcher_run(&sim->watchers[i]);
}

void watch_heal(void)
{
	for (int i = 0; i < WATCHERS; i++)
		sim->watchers[i].asleep_until_us = sim->watchers[i].up_us = 0;
}

static bool missing_look(const struct watcher *watcher, int64_t seq, bool final)
{
	char room[512];
	struct span topic = topic_of(&sim->record, room);

	if (!wants(watcher, topic) || (seq < watcher->seen_room && watcher->seen[seq]))
		return true;
	if (final)
		complain("subscriber %d never got event %" PRId64 " of %.*s, though everything works again", watcher->number, seq, (int)topic.len, topic.data);
	return false;
}

bool watch_complete(bool final)
{
	struct journal *journal = sim->daemon.journal;
	bool complete = true;
	struct span bytes;
	struct flaw flaw;

	journal->ops->read_begin(journal);
	for (int64_t seq = 1; complete && seq <= journal->last_seq; seq++) {
		journal->ops->read(journal, seq, &bytes, NULL);
		codec_read_lenient(bytes, &sim->record, &flaw);
		for (int i = 0; i < WATCHERS; i++)
			complete &= missing_look(&sim->watchers[i], seq, final);
	}
	journal->ops->read_end(journal);
	return complete;
}

void watch_end(void)
{
	for (int i = 0; i < WATCHERS; i++) {
		struct watcher *watcher = &sim->watchers[i];
		struct topic_seen *seen, *next;
		reeve_close(watcher->client);
		HASH_ITER(hh, watcher->streams, seen, next) {
			HASH_DEL(watcher->streams, seen);
			free(seen);
		}
		free(watcher->seen);
	}
	free(sim->watchers);
}
