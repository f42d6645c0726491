/* The engine: opening, frames in, turns, outputs out. See inside.h for who does what.
 *
 * Order within a turn: time, leases, waiting queries, driven commands, ticks, commit, offers, marks. Offers come after the
 * commit because a task is built from what the journal holds. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/instant.h"

#define TICKS_PER_TURN 4096
#define QUIET_ROOM_MS 9000 /* a disk that fills while nothing comes in is looked at so much later */

static void set_limits(struct engine *engine)
{
	const struct settings *settings = engine->settings;

	state_set_limits(engine->state, (struct state_limits){
		.future_ms = settings->limits_future_ms,
		.past_ms = settings->limits_past_ms,
		.open_cases = settings->limits_open_cases,
		.remembered_requests = settings->limits_remembered_requests,
	});
}

static int64_t driven_start(const struct settings *settings)
{
	int64_t at = 0;

	instant_read(span_of(settings->daemon_driven_start), &at);
	return at;
}

static void set_time(struct engine *engine, int64_t now)
{
	engine->real = now;
	if (engine->driven)
		return;
	engine->now = now > engine->now ? now : engine->now;
}

struct engine *engine_open(const struct settings *settings, struct journal *journal, struct archive *archive, int64_t now,
	char *error, size_t error_size)
{
	struct engine *engine = must_calloc(1, sizeof *engine);

	engine->settings = settings;
	engine->journal = journal;
	engine->archive = archive;
	engine->driven = span_is(span_of(settings->daemon_clock), "driven");
	engine->state = state_new();
	engine->started = engine->real = now;
	for (int task = 0; settings->worker_count && task < TASK_LIMIT; task++)
		engine->worker_grace[task] = now + settings->work_worker_silence_ms;
	set_limits(engine);
	prune_open(engine);
	if (recover(engine, error, error_size)) {
		engine_close(engine);
		return NULL;
	}
	engine->now = state_now(engine->state);
	if (engine->driven && engine->now < driven_start(settings))
		engine->now = driven_start(settings);
	set_time(engine, now);
	room_look(engine); /* requests are handled before the first turn, and a disk may have been full before */
	return engine;
}

void engine_close(struct engine *engine)
{
	struct touched *touched, *next;

	if (!engine)
		return;
	backup_free(engine);
	prune_free(engine);
	waiting_free(&engine->queries);
	waiting_free(&engine->driven_commands);
	work_free(engine);
	peers_free(engine);
	HASH_ITER(hh, engine->touched, touched, next) {
		HASH_DEL(engine->touched, touched);
		free(touched);
	}
	while (engine->subscriptions)
		engine_subscription(engine, (struct span){engine->subscriptions->topic, engine->subscriptions->len}, false);
	figures_free(engine);
	state_free(engine->state);
	buf_free(&engine->encoded);
	buf_free(&engine->feed_bytes);
	free(engine->feed);
	free(engine->policy_seqs);
	free(engine);
}

/* The last turn's outputs were taken: what comes now belongs to the next one. */
static void begin(struct engine *engine)
{
	if (!engine->revealed)
		return;
	engine->revealed = engine->hurried = false;
	peers_sent(engine);
	round_sent(engine);
}

static struct frame_limits limits_of(const struct settings *settings)
{
	return (struct frame_limits){
		.bytes = (size_t)settings->limits_frame_bytes,
		.objects = (size_t)settings->limits_frame_objects,
		.depth = (size_t)settings->limits_frame_depth,
		.nodes = (size_t)settings->limits_frame_nodes,
	};
}

bool engine_begin(struct engine *engine)
{
	begin(engine);
	return !engine->fault[0];
}

void engine_time(struct engine *engine, int64_t now)
{
	set_time(engine, now);
}

int engine_scan(const struct engine *engine, struct span frame, size_t *ret_objects, struct flaw *ret_flaw)
{
	struct frame_limits limits = limits_of(engine->settings);

	return frame_scan(frame, &limits, ret_objects, ret_flaw);
}

void engine_receive(struct engine *engine, enum door door, struct span peer_id, struct span frame)
{
	struct peer *peer;
	struct span map;
	struct flaw flaw;
	size_t objects;

	if (!engine_begin(engine))
		return;
	peer = peer_of(engine, door, peer_id);
	if (engine_scan(engine, frame, &objects, &flaw)) {
		struct record nothing;
		record_clear(&nothing);
		reply_flaw(engine, &(struct caller){peer, &nothing, {0}}, &flaw);
		return;
	}
	while (frame_next(&frame, &map)) {
		request_handle(engine, peer, map, true);
		if (engine->round_requests >= engine->settings->limits_round_requests)
			round_commit(engine);
	}
}

void engine_refuse(struct engine *engine, enum door door, struct span peer_id, enum error_kind error)
{
	struct record nothing;

	begin(engine);
	record_clear(&nothing);
	reply_refusal(engine, &(struct caller){peer_of(engine, door, peer_id), &nothing, {0}}, error, FIELD_COUNT, NULL);
}

void engine_unreachable(struct engine *engine, enum door door, struct span peer_id)
{
	begin(engine);
	peer_forget(engine, peer_of(engine, door, peer_id));
}

/* Time has passed: the earliest deadlines first, each its own decision. */
bool engine_tick(struct engine *engine, int64_t most)
{
	const struct casefile *casefile;
	struct record tick;
	int64_t at;
	int slot;

	record_clear(&tick);
	record_set(&tick, command, COMMAND_tick);
	for (int64_t done = 0; !engine->fault[0] && !engine->no_room && state_next_timer(engine->state, &at, &casefile, &slot) == 0 && at <= engine->now; done++) {
		if (done == most)
			return true;
		round_decide(engine, &tick);
	}
	return false;
}

/* Nobody can look any more whether a report was there before: all of it is opened again (main.c) rather than refused from now on. */
static int archive_lost(struct engine *engine)
{
	const char *why = archive_fault(engine->archive);

	if (!engine->fault[0])
		snprintf(engine->fault, sizeof engine->fault, "the archive has to be opened again: %s", why ? why : "it is broken; restart");
	return -1;
}

int engine_turn(struct engine *engine, int64_t now)
{
	begin(engine);
	set_time(engine, now);
	if (archive_broken(engine->archive))
		return archive_lost(engine);
	room_turn(engine);
	scrub_turn(engine);
	work_turn(engine);
	if (!engine->sliced)
		query_turn(engine);
	backup_turn(engine);
	readers_turn(engine);
	prune_turn(engine);
	if (engine->driven)
		drive_turn(engine);
	engine->more = engine_tick(engine, TICKS_PER_TURN);
	if (round_commit(engine))
		return -1;
	work_offer(engine);
	round_marks(engine);
	engine->revealed = true;
	return 0;
}

bool engine_output(struct engine *engine, struct engine_output *ret_output)
{
	if (!engine->revealed || engine->fault[0])
		return false;
	return peers_output(engine, ret_output) || round_output(engine, ret_output);
}

static int64_t sooner(int64_t wait, int64_t other)
{
	if (other < 0)
		return wait;
	return wait < 0 || other < wait ? other : wait;
}

int64_t engine_wait_ms(const struct engine *engine, int64_t now)
{
	const struct casefile *casefile;
	int64_t wait = work_wait_ms(engine), at;
	int slot;

	if (engine->more || (engine->driven_commands.first && !engine->leases && !engine->no_room))
		return engine->workers ? 0 : 10;
	int64_t look_at = engine->room_at + (engine->low_room || engine->no_room ? 0 : QUIET_ROOM_MS);
	wait = sooner(wait, look_at > now ? look_at - now : 0);
	if (engine->scrub_next <= engine->scrub_last)
		wait = sooner(wait, engine->scrub_at > now ? engine->scrub_at - now : 0);
	if (!engine->driven && !engine->no_room && state_next_timer(engine->state, &at, &casefile, &slot) == 0)
		wait = sooner(wait, at > now ? at - now : 0);
	if (engine->left)
		return 0;
	if (engine->queries.first || engine->pending || engine->fresh)
		wait = sooner(wait, 20);
	wait = sooner(wait, prune_wait_ms(engine, now));
	if (engine->backup)
		wait = sooner(wait, engine->backup_look_at > now ? engine->backup_look_at - now : 0);
	if (engine->changed)
		wait = sooner(wait, engine->mark_at > now ? engine->mark_at - now : 0);
	return wait;
}

int64_t engine_open_cases(const struct engine *engine)
{
	return state_open_cases(engine->state);
}

const char *engine_fault(const struct engine *engine)
{
	return engine->fault;
}

void engine_stop(struct engine *engine)
{
	engine->stopping = true;
}

bool engine_idle(const struct engine *engine)
{
	return !engine->leases && !engine->left;
}

void engine_reload(struct engine *engine, const struct settings *settings)
{
	engine->settings = settings;
	set_limits(engine);
}

int64_t engine_archive_format(void)
{
	return ARCHIVE_FORMAT;
}

static void digest_case(void *context, const struct casefile *casefile)
{
	casefile_write(context, casefile);
}

void engine_digest(const struct engine *engine, unsigned char ret_digest[32])
{
	struct buf rows = {0};
	int64_t scalars[] = {state_next_number(engine->state), state_policy_version(engine->state), state_open_cases(engine->state),
		state_last_seq(engine->state)};

	state_each_open(engine->state, digest_case, &rows);
	buf_add(&rows, scalars, sizeof scalars);
	journal_chain((const unsigned char[JOURNAL_HASH_BYTES]){0}, 0, buf_span(&rows), ret_digest);
	buf_free(&rows);
}
