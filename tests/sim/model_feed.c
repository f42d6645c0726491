/* What the feed said: each event once, in order within its stream, as the journal has it, less what must not leave. */
#include "tests/sim/model_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"

/* LIST fields are written otherwise in the journal than on the wire: that they are there is compared, not their bytes. */
static bool field_same(const struct record *a, const struct record *b, enum field field)
{
#define SAME_INT(member) (a->member == b->member)
#define SAME_TIME(member) (a->member == b->member)
#define SAME_CASE(member) (a->member == b->member)
#define SAME_FLAG(member) (a->member == b->member)
#define SAME_REAL(member) (a->member == b->member)
#define SAME_TEXT(member) span_equal(a->member, b->member)
#define SAME_BYTES(member) span_equal(a->member, b->member)
#define SAME_PRIVATE(member) false
#define SAME_LIST(member) true
#define SAME_STATE(member) (a->member == b->member)
#define SAME_KIND(member) (a->member == b->member)
#define SAME_OUTCOME(member) (a->member == b->member)
#define SAME_CLOCK(member) (a->member == b->member)
#define SAME_TASK(member) (a->member == b->member)
#define SAME_ROLE(member) (a->member == b->member)
#define SAME_COMMAND(member) (a->member == b->member)
#define SAME_EVENT(member) (a->member == b->member)
#define SAME_ERROR(member) (a->member == b->member)
	switch (field) {
#define FIELD(number, member, wire, type, limit, meaning) case FIELD_##member: return SAME_##type(member);
#include "schema/fields.def"
	default:
		return false;
	}
}

static bool is_words(enum field field)
{
	return field == FIELD_title || field == FIELD_text || field == FIELD_address || field == FIELD_latitude || field == FIELD_longitude ||
		field == FIELD_reason || field == FIELD_result || field == FIELD_opinion || field == FIELD_similar;
}

/* On the feed a confidential case's events have no words; in its timeline, which only those who may see, they have. The files of a policy
 * never leave; seq is not the event's own. */
static bool field_right(const struct record *published, const struct record *journal, enum field field, bool feed)
{
	bool here = record_holds(published, field), sealed = feed && record_get(published, confidential, false);

	if (field == FIELD_seq)
		return here;
	if (field == FIELD_files || (sealed && is_words(field)))
		return !here;
	if (feed && field == FIELD_confidential && here && published->confidential && !record_get(journal, confidential, false))
		return true; /* sealed since: the older events lose their words too */
	return here == record_holds(journal, field) && (!here || field_same(published, journal, field));
}

void event_compare(struct model *model, const char *who, const struct record *event, bool feed)
{
	if (!heard_read(model, event->seq, &model->scratch)) {
		model_complain(model, "%s was told event %lld, but the journal ends at %lld", who, (long long)event->seq, (long long)model->last_seq);
		return;
	}
	for (int field = 0; field < FIELD_COUNT; field++)
		if ((record_holds(event, (enum field)field) || record_holds(&model->scratch, (enum field)field) || field == FIELD_seq) &&
			!field_right(event, &model->scratch, (enum field)field, feed)) {
			model_complain(model, "%s: event %lld, %s, has a %s that the journal has not", who, (long long)event->seq,
				event_name(model->scratch.event), field_name((enum field)field));
			return;
		}
}

static void seen_add(struct model *model, int number, struct subscriber *subscriber, int64_t seq)
{
	if (seq >= subscriber->seen_room) {
		int64_t room = seq * 2 + 64;
		subscriber->seen = must_realloc(subscriber->seen, (size_t)room);
		memset(subscriber->seen + subscriber->seen_room, 0, (size_t)(room - subscriber->seen_room));
		subscriber->seen_room = room;
	}
	if (subscriber->seen[seq])
		model_complain(model, "subscriber %d was told event %lld twice", number, (long long)seq);
	subscriber->seen[seq] = 1;
}

static void stream_add(struct model *model, int number, struct subscriber *subscriber, const struct record *event)
{
	uint64_t key = (uint64_t)event->event << 32 | (uint32_t)word_of(model, event->path);
	int64_t link = index_after(&subscriber->streams, key, 0), *last = link ? &subscriber->streams.links[link].value : NULL;

	if (!last) {
		index_add(&subscriber->streams, key, event->stream);
		return;
	}
	if (event->stream <= *last)
		model_complain(model, "subscriber %d: %s %lld of %.*s comes after %lld", number, event_name(event->event), (long long)event->stream,
			(int)event->path.len, event->path.data, (long long)*last);
	*last = event->stream;
}

void model_published(struct model *model, int subscriber, const struct record *event)
{
	struct subscriber **place = &model->subscribers[subscriber];
	char who[32];

	if (subscriber < 0 || subscriber >= SUBSCRIBERS_MOST || !record_has(event, event) || model->complaint[0])
		return; /* a mark is no event */
	if (!*place)
		*place = must_calloc(1, sizeof **place);
	snprintf(who, sizeof who, "subscriber %d", subscriber);
	event_compare(model, who, event, true);
	if (model->complaint[0])
		return;
	seen_add(model, subscriber, *place, event->seq);
	if (record_has(event, stream))
		stream_add(model, subscriber, *place, event);
}
