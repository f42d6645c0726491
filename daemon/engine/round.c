/* The round: decide, apply to memory, append to the journal; then one commit; then everything is revealed. Nothing leaves
 * the process before the commit that holds it: replies wait with their peers, news here in feed_bytes.
 *
 * A commit that fails is a fault: the process ends and starts again from what is on disk. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#define MARKS_PER_TURN 512

int round_fault(struct engine *engine, const char *what)
{
	if (!engine->fault[0])
		snprintf(engine->fault, sizeof engine->fault, "%s: %s", what, engine->journal->error[0] ? engine->journal->error : "no further detail");
	return -1;
}

/* The caller's name, phone and contact: in the private table, in the same transaction, never in the record. */
static void keep_private(struct engine *engine, const struct record *event, const struct record *command)
{
	if (event->event != EVENT_case_opened || !record_has(event, contact_kept))
		return;
	buf_clear(&engine->encoded);
	codec_write_private(&engine->encoded, command);
	if (engine->journal->ops->private_put(engine->journal, event->case_id, buf_span(&engine->encoded)))
		round_fault(engine, "the caller's contact could not be stored");
	engine->dirty_journal++;
}

void stream_keep(struct engine *engine, const struct record *event)
{
	char key[8];
	uint32_t path = state_interned(engine->state, event->path);

	name_key(key, event->event);
	name_key(key + 4, path);
	archive_put(engine->archive, TABLE_STREAMS, (struct span){key, sizeof key},
		(struct span){(const char *)&event->stream, sizeof event->stream});
}

static void feed_push(struct engine *engine, struct feed_item item)
{
	if (engine->feed_count == engine->feed_room) {
		engine->feed_room = engine->feed_room ? engine->feed_room * 2 : 256;
		engine->feed = must_realloc(engine->feed, engine->feed_room * sizeof *engine->feed);
	}
	engine->feed[engine->feed_count++] = item;
}

static struct subscription *subscription_of(struct engine *engine, struct span topic)
{
	struct subscription *found;

	HASH_FIND(hh, engine->subscriptions, topic.data, topic.len, found);
	return found;
}

static void mark_wanted(struct engine *engine, struct subscription *subscription)
{
	if (subscription->changed)
		return;
	subscription->changed = true;
	DL_APPEND(engine->changed, subscription);
}

/* By every length that somebody subscribed to, and not by every subscription: there may be a hundred thousand. False: nobody wants it. */
static bool subscriptions_count(struct engine *engine, int64_t seq, struct span topic)
{
	struct subscription *subscription;
	bool wanted = false;

	for (size_t len = 0; len <= topic.len && len <= PREFIX_MOST; len++) {
		if (!engine->prefixes[len])
			continue;
		HASH_FIND(hh, engine->subscriptions, topic.data, len, subscription);
		if (!subscription)
			continue;
		subscription->last_seq = seq;
		subscription->count++;
		mark_wanted(engine, subscription);
		wanted = true;
	}
	return wanted;
}

static void feed_add(struct engine *engine, int64_t seq, struct record *event)
{
	struct buf *bytes = &engine->feed_bytes;
	struct feed_item item = {.topic = bytes->len};

	if (!engine->subscriptions)
		return;
	buf_printf(bytes, "%s/", event_name(event->event));
	if (record_has(event, path)) {
		buf_add_span(bytes, event->path);
		buf_add(bytes, "/", 1);
	}
	item.topic_len = bytes->len - item.topic;
	if (!subscriptions_count(engine, seq, (struct span){bytes->data + item.topic, item.topic_len})) {
		bytes->len = item.topic;
		return;
	}
	item.payload = bytes->len;
	record_set(event, seq, seq);
	event_strip(event);
	codec_write(bytes, event, CODEC_NAMES);
	item.payload_len = bytes->len - item.payload;
	feed_push(engine, item);
}

/* event: as decided; command: what it came from (for the private fields), may be NULL. */
void round_record(struct engine *engine, struct record *event, const struct record *command)
{
	int64_t seq = state_last_seq(engine->state) + 1;
	const struct casefile *casefile;

	if (engine->fault[0])
		return;
	buf_clear(&engine->encoded);
	codec_write(&engine->encoded, event, CODEC_NUMBERS);
	if (engine->journal->ops->append(engine->journal, seq, buf_span(&engine->encoded))) {
		round_fault(engine, "an event could not be appended to the journal");
		return;
	}
	engine->dirty_journal++;
	engine->room_written += (int64_t)engine->encoded.len;
	if (command)
		keep_private(engine, event, command);
	project_event(engine, event);
	casefile = state_apply(engine->state, seq, event);
	if (casefile) {
		stream_keep(engine, event);
		work_note(engine, casefile, event);
	}
	engine->round_events++;
	feed_add(engine, seq, event);
}

int round_decide(struct engine *engine, const struct record *command)
{
	int refused = decide(engine->state, engine->now, command, &engine->decision);

	for (size_t i = 0; !refused && i < engine->decision.count; i++)
		round_record(engine, &engine->decision.events[i], command);
	return refused;
}

int round_commit(struct engine *engine)
{
	if (engine->fault[0])
		return -1;
	if (engine->dirty_journal) {
		if (engine->journal->ops->commit(engine->journal))
			return round_fault(engine, "the journal could not be committed");
		figure_add(engine, "commits", 1);
		figure_add(engine, "events", engine->round_events);
		project_round(engine);
	}
	engine->dirty_journal = engine->round_events = engine->round_requests = 0;
	state_forget(engine->state, archive_reached(engine->archive));
	return 0;
}

/* A mark tells a subscriber the last sequence number under its prefix, so that it sees when the end of its stream was lost. */
void round_marks(struct engine *engine)
{
	struct record mark;

	if (engine->real < engine->mark_at)
		return;
	for (int left = MARKS_PER_TURN; engine->changed && left > 0; left--) {
		struct subscription *subscription = engine->changed;
		struct buf *bytes = &engine->feed_bytes;
		struct feed_item item = {.topic = bytes->len, .topic_len = subscription->len};
		DL_DELETE(engine->changed, subscription);
		subscription->changed = false;
		buf_add(bytes, subscription->topic, subscription->len);
		record_clear(&mark);
		record_set(&mark, seq, subscription->last_seq);
		record_set(&mark, topic, ((struct span){subscription->topic, subscription->len}));
		record_set(&mark, stream, subscription->count);
		record_set(&mark, caught_up, true);
		item.payload = bytes->len;
		codec_write(bytes, &mark, CODEC_NAMES);
		item.payload_len = bytes->len - item.payload;
		feed_push(engine, item);
	}
	engine->mark_at = engine->changed ? engine->real : engine->real + engine->settings->feed_mark_ms;
}

bool round_output(struct engine *engine, struct engine_output *ret_output)
{
	const char *bytes = engine->feed_bytes.data;
	const struct feed_item *item;

	if (engine->feed_sent == engine->feed_count)
		return false;
	item = &engine->feed[engine->feed_sent++];
	*ret_output = (struct engine_output){
		.door = DOOR_FEED,
		.topic = {bytes + item->topic, item->topic_len},
		.payload = {bytes + item->payload, item->payload_len},
	};
	return true;
}

void round_sent(struct engine *engine)
{
	engine->feed_count = engine->feed_sent = 0;
	if (engine->feed_bytes.room > 1 << 24)
		buf_free(&engine->feed_bytes);
	buf_clear(&engine->feed_bytes);
}

/* A new prefix gets a mark at once: the subscription holds, and this is how far the journal is. */
void engine_subscription(struct engine *engine, struct span topic, bool on)
{
	struct subscription *subscription = subscription_of(engine, topic);

	if (!on && subscription) {
		if (subscription->changed)
			DL_DELETE(engine->changed, subscription);
		engine->prefixes[topic.len]--;
		HASH_DEL(engine->subscriptions, subscription);
		free(subscription);
	}
	if (!on || subscription || topic.len > PREFIX_MOST)
		return;
	engine->prefixes[topic.len]++;
	subscription = must_calloc(1, sizeof *subscription + topic.len + 1);
	subscription->len = topic.len;
	subscription->last_seq = state_last_seq(engine->state);
	engine->mark_at = 0;
	if (topic.len)
		memcpy(subscription->topic, topic.data, topic.len);
	HASH_ADD_KEYPTR(hh, engine->subscriptions, subscription->topic, subscription->len, subscription);
	mark_wanted(engine, subscription);
}
