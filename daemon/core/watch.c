/* What is watched beside the cases: mutes (who wants no notices of what, until when) and sources (a call centre that
 * normally publishes and went quiet). Few of each, so lists. */
#include <stdlib.h>

#include "core/state_inside.h"

const struct mute *state_mutes(const struct state *state)
{
	return state->mutes;
}

int64_t state_next_mute(const struct state *state)
{
	return state->next_mute + 1;
}

static struct source *source_of(const struct state *state, uint32_t name)
{
	struct source *source = state->sources;

	while (source && source->name != name)
		source = source->next;
	return source;
}

const struct source *state_source(const struct state *state, struct span name)
{
	uint32_t known = state_interned(state, name);

	return known ? source_of(state, known) : NULL;
}

static void mute_add(struct state *state, struct mute mute)
{
	struct mute **last = &state->mutes, *made = must_calloc(1, sizeof *made);

	*made = mute;
	made->next = NULL;
	while (*last)
		last = &(*last)->next;
	*last = made;
	if (mute.number > state->next_mute)
		state->next_mute = mute.number;
}

static void mute_remove(struct state *state, int64_t number)
{
	for (struct mute **at = &state->mutes; *at; at = &(*at)->next)
		if ((*at)->number == number) {
			struct mute *gone = *at;
			*at = gone->next;
			free(gone);
			return;
		}
}

/* Those that are over hide nothing any more; they go when the next one is set, so that there are never more than were in force at once. */
static void mutes_expire(struct state *state, int64_t now)
{
	struct mute **at = &state->mutes;

	while (*at) {
		struct mute *mute = *at;
		if (mute->until > now) {
			at = &mute->next;
			continue;
		}
		*at = mute->next;
		free(mute);
	}
}

void watch_heard(struct state *state, uint32_t name, int64_t at)
{
	struct source *source = source_of(state, name);

	if (!source) {
		struct source **last = &state->sources; /* in order of first appearance, also after a restart from the archive's row */
		while (*last)
			last = &(*last)->next;
		source = *last = must_calloc(1, sizeof *source);
		source->name = name;
	}
	if (at > source->heard)
		source->heard = at;
}

void watch_apply(struct state *state, const struct record *event)
{
	struct source *source;

	switch (event->event) {
	case EVENT_mute_set:
		mutes_expire(state, event->at);
		mute_add(state, (struct mute){
			.number = event->mute,
			.until = event->until,
			.area = record_has(event, area) ? state_intern(state, event->area) : 0,
			.category = record_has(event, category) ? state_intern(state, event->category) : 0,
			.clock = record_get(event, clock, CLOCK_none),
		});
		break;
	case EVENT_mute_lifted:
		mute_remove(state, event->mute);
		break;
	case EVENT_source_silent:
	case EVENT_source_heard:
		source = source_of(state, state_intern(state, event->source));
		if (source)
			source->silent = event->event == EVENT_source_silent;
		break;
	default:
		break;
	}
}

const struct source *state_next_silence(const struct state *state, int64_t *ret_at, int64_t *ret_row)
{
	const struct policy *policy = state_policy(state);
	const struct source *found = NULL;

	for (size_t i = 0; policy && i < policy->source_count; i++) {
		const struct source_row *row = &policy->sources[i];
		const struct source *source = state_source(state, row->name);
		int64_t at;
		if (!source || source->silent)
			continue;
		if (row->calendar < 0)
			at = source->heard + row->quiet_ms;
		else if (calendar_add(&policy->calendars[row->calendar], source->heard, row->quiet_ms, &at))
			continue;
		if (!found || at < *ret_at) {
			found = source;
			*ret_at = at;
			*ret_row = (int64_t)i;
		}
	}
	return found;
}

static void row_add(struct buf *buf, const void *data, size_t size)
{
	buf_add(buf, data, size);
}

void state_write_watch(const struct state *state, struct buf *buf)
{
	uint32_t count = 0;

	for (const struct mute *mute = state->mutes; mute; mute = mute->next)
		count++;
	row_add(buf, &state->next_mute, sizeof state->next_mute);
	row_add(buf, &count, sizeof count);
	for (const struct mute *mute = state->mutes; mute; mute = mute->next)
		row_add(buf, mute, offsetof(struct mute, next));
	for (const struct source *source = state->sources; source; source = source->next)
		row_add(buf, source, offsetof(struct source, next));
}

bool state_restore_watch(struct state *state, struct span row)
{
	uint32_t count;
	struct mute mute;
	struct source source;

	if (row.len < sizeof state->next_mute + sizeof count)
		return false;
	memcpy(&state->next_mute, row.data, sizeof state->next_mute);
	memcpy(&count, row.data + sizeof state->next_mute, sizeof count);
	row.data += sizeof state->next_mute + sizeof count;
	row.len -= sizeof state->next_mute + sizeof count;
	for (; count && row.len >= offsetof(struct mute, next); count--) {
		memcpy(&mute, row.data, offsetof(struct mute, next));
		mute_add(state, mute);
		row.data += offsetof(struct mute, next);
		row.len -= offsetof(struct mute, next);
	}
	for (; row.len >= offsetof(struct source, next); row.len -= offsetof(struct source, next), row.data += offsetof(struct source, next)) {
		memcpy(&source, row.data, offsetof(struct source, next));
		watch_heard(state, source.name, source.heard);
		source_of(state, source.name)->silent = source.silent;
	}
	return count == 0 && row.len == 0;
}

void watch_free(struct state *state)
{
	while (state->mutes)
		mute_remove(state, state->mutes->number);
	while (state->sources) {
		struct source *next = state->sources->next;
		free(state->sources);
		state->sources = next;
	}
}
