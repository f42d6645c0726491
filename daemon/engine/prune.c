/* When old records leave the journal. Three steps, and the process may end between any two of them: a thread writes them as a segment and reads it
 * back; one commit says so in an event and takes the first of them out; the others follow, a few in each commit. Owns the segment under way and the
 * list of those that are finished; which records may leave, and what is kept of them, is prune_slice.c's.
 *
 * Invariant: a record is in the journal, or in a segment that was found whole on the disk, or in both. Nothing leaves while a backup is made or while
 * somebody reads an old state of the file: its pages could not be used again. */
#include "engine/inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define LOOK_MS 50
#define AGAIN_MS 60000 /* after one that failed */

void prune_open(struct engine *engine)
{
	struct prune *prune = &engine->prune;
	struct segments *segments = &prune->segments;

	segments_clean(engine->settings->daemon_state_dir, engine->journal);
	segments_find(segments, engine->settings->daemon_state_dir, engine->journal);
	if (segments->lacks_to)
		log_line(LOG_LEVEL_WARNING, "segment missing", "reason", segments->lack, "effect", "the archive could not be rebuilt", NULL);
	/* It had begun to leave when the process ended. */
	if (segments->count && segments->rows[segments->count - 1].to >= engine->journal->first_seq)
		prune->until = segments->rows[segments->count - 1].to;
}

static bool leaving(const struct engine *engine)
{
	return engine->prune.until >= engine->journal->first_seq;
}

/* On a low disk what is in a segment still leaves: that makes room. A new segment would take some: only if somebody asks for it. */
static bool held_up(const struct engine *engine)
{
	return engine->backup || engine->stopping || engine->readers.warned || archive_fault(engine->archive) || engine->no_room;
}

static void answer_done(struct engine *engine, const struct caller *caller, int64_t count)
{
	const struct segments *segments = &engine->prune.segments;
	struct record reply;

	reply_begin(caller, &reply);
	record_set(&reply, from_seq, engine->journal->first_seq);
	record_set(&reply, count, count);
	record_set(&reply, bytes, segments->bytes);
	record_set(&reply, directory, span_of(segments->directory));
	if (record_get(caller->request, dry_run, false))
		record_set(&reply, dry_run, true);
	peer_send(engine, caller->peer, &reply);
}

/* Everybody who waits. refused: 0, or why. */
static void answer_all(struct engine *engine, enum error_kind refused, const char *why)
{
	struct prune *prune = &engine->prune;
	struct waiting *one;
	struct record request;
	struct flaw flaw;

	while ((one = waiting_take(&prune->waits))) {
		struct caller caller = {one->peer, &request, {one->map, one->len}};
		if (codec_read(caller.map, &request, &flaw) == 0) {
			if (refused)
				reply_refusal(engine, &caller, refused, FIELD_COUNT, why);
			else
				answer_done(engine, &caller, prune->gone);
		}
		free(one);
	}
	prune->asked = false;
	prune->gone = 0;
}

void prune_command(struct engine *engine, const struct caller *caller)
{
	const struct policy *policy = state_policy(engine->state);
	int64_t limit;

	if (!policy || !policy->retention_ms) {
		reply_refusal(engine, caller, policy ? ERROR_no_retention : ERROR_no_policy, FIELD_COUNT, NULL);
		return;
	}
	if (engine->stopping) {
		reply_refusal(engine, caller, ERROR_stopping, FIELD_COUNT, NULL);
		return;
	}
	if (round_commit(engine))
		return;
	if (!record_get(caller->request, dry_run, false)) {
		engine->prune.asked = true;
		engine->prune.look_at = engine->prune.slice_at = 0;
		waiting_add(&engine->prune.waits, caller, 0, 0);
		return;
	}
	limit = prune_limit(engine);
	answer_done(engine, caller, limit >= engine->journal->first_seq ? limit - engine->journal->first_seq + 1 : 0);
}

static void job_begin(struct engine *engine, int64_t limit)
{
	struct prune *prune = &engine->prune;
	int64_t most = engine->journal->first_seq + engine->settings->prune_segment_records - 1;
	char error[400] = "";

	prune->job = segment_job_start(engine->journal, engine->settings->daemon_state_dir, limit < most ? limit : most, error, sizeof error);
	prune->look_at = engine->real + LOOK_MS;
	if (prune->job)
		return;
	log_line(LOG_LEVEL_WARNING, "segment not begun", "reason", error, NULL);
	prune->look_at = engine->real + AGAIN_MS;
	answer_all(engine, ERROR_prune_failed, error);
}

/* Is it time, and is there anything? */
static void begin_maybe(struct engine *engine)
{
	struct prune *prune = &engine->prune;
	const struct policy *policy = state_policy(engine->state);
	int64_t every = engine->settings->prune_every_ms;

	if (held_up(engine) || engine->real < prune->look_at)
		return;
	if (!prune->asked && (!every || engine->low_room || !policy || !policy->retention_ms || engine->now < prune->next_at))
		return;
	int64_t limit = prune_limit(engine);
	if (limit >= engine->journal->first_seq) {
		job_begin(engine, limit);
		return;
	}
	prune->next_at = engine->now + every;
	answer_all(engine, ERROR_none, NULL);
}

/* In the commit in which the first of its records leave. */
static void note_event(struct engine *engine, const struct segment_job_state *state)
{
	struct record event;

	record_clear(&event);
	record_set(&event, event, EVENT_journal_pruned);
	record_set(&event, at, engine->now);
	record_set(&event, from_seq, state->segment.from);
	record_set(&event, to_seq, state->segment.to);
	record_set(&event, file, span_of(state->segment.name));
	record_set(&event, hash, ((struct span){(const char *)state->last_hash, sizeof state->last_hash}));
	round_record(engine, &event, NULL);
}

static void job_look(struct engine *engine)
{
	struct prune *prune = &engine->prune;
	struct segment_job_state state;

	if (engine->real < prune->look_at && !engine->stopping)
		return;
	prune->look_at = engine->real + LOOK_MS;
	segment_job_poll(prune->job, &state);
	if (!state.over && !engine->stopping)
		return;
	segment_job_end(prune->job);
	prune->job = NULL;
	if (!state.over)
		return; /* it goes on after the next start */
	if (state.failed) {
		log_line(LOG_LEVEL_WARNING, "segment not written", "reason", state.error, "effect", "its records stay in the journal", NULL);
		figure_add(engine, "prunes_failed", 1);
		prune->look_at = engine->real + AGAIN_MS;
		answer_all(engine, ERROR_prune_failed, state.error);
		return;
	}
	segments_add(&prune->segments, &state.segment);
	prune->until = state.segment.to;
	prune->slice_at = 0;
	note_event(engine, &state);
	log_line(LOG_LEVEL_NOTICE, "segment written", "file", state.segment.name, "records", log_number(state.segment.to - state.segment.from + 1),
		"bytes", log_number(state.segment.bytes), NULL);
}

static void slice(struct engine *engine)
{
	struct prune *prune = &engine->prune;
	int64_t most = engine->settings->prune_slice_records, left = prune->until - engine->journal->first_seq + 1;

	if (engine->real < prune->slice_at || held_up(engine))
		return;
	prune->slice_at = engine->real + engine->settings->prune_pause_ms;
	prune_slice(engine, prune->until, most < left ? most : left);
	prune->gone += most < left ? most : left;
	figure_add(engine, "records_pruned", most < left ? most : left);
}

void prune_turn(struct engine *engine)
{
	struct prune *prune = &engine->prune;

	/* what a slice took out is committed at the end of its turn */
	if (engine->fault[0])
		return;
	if (prune->job)
		job_look(engine);
	if (leaving(engine))
		slice(engine);
	else if (!prune->job)
		begin_maybe(engine);
	if (engine->stopping && prune->waits.first)
		answer_all(engine, ERROR_stopping, NULL);
}

int64_t prune_wait_ms(const struct engine *engine, int64_t now)
{
	const struct prune *prune = &engine->prune;
	const struct policy *policy = state_policy(engine->state);
	int64_t at = prune->job || prune->asked ? prune->look_at : 0;

	if (leaving(engine)) {
		at = prune->slice_at;
	} else if (!prune->job && !prune->asked) {
		bool later = prune->next_at > engine->now;
		if (!engine->settings->prune_every_ms || engine->low_room || !policy || !policy->retention_ms || (later && engine->driven))
			return -1;
		at = later ? prune->next_at : prune->look_at;
	}
	if (held_up(engine) && at < now + LOOK_MS)
		at = now + LOOK_MS;
	return at > now ? at - now : 0;
}

void prune_figures(struct engine *engine)
{
	const struct prune *prune = &engine->prune;
	const struct policy *policy = state_policy(engine->state);
	int64_t first = engine->journal->first_seq, limit = policy && policy->retention_ms ? prune_limit(engine) : 0;

	figure_set(engine, "journal_first_seq", first);
	figure_set(engine, "journal_prunable", limit >= first ? limit - first + 1 : 0);
	figure_set(engine, "segments", (int64_t)prune->segments.count);
	figure_set(engine, "segment_bytes", prune->segments.bytes);
	figure_set(engine, "segments_missing_to", prune->segments.lacks_to);
	figure_set(engine, "prune_under_way", prune->job || leaving(engine));
}

void prune_into(const struct engine *engine, struct record *reply, int64_t seq)
{
	const struct segment *segment = seq > 0 && seq < engine->journal->first_seq ? segments_with(&engine->prune.segments, seq) : NULL;

	if (seq <= 0 || seq >= engine->journal->first_seq)
		return;
	record_set(reply, gap, true);
	record_set(reply, to_seq, seq);
	if (segment)
		record_set(reply, file, span_of(segment->name));
}

void prune_free(struct engine *engine)
{
	segment_job_end(engine->prune.job);
	segments_free(&engine->prune.segments);
	waiting_free(&engine->prune.waits);
}
