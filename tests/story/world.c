/* The world of a story: a state, the journal of its events, and a clock that stands still until it is told. It does what the engine
 * does with every command (decide, apply, append), without sockets and files.
 *
 * Every event is kept as the journal would keep it, and read back; whatever the codec loses would show in the replay. */
#include "tests/story/story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/compile.h"
#include "tests/sim/model.h"
#include "workers/triage.h"

#define STEPS_MOST 100000 /* of one stretch of time: more is an endless loop */

void world_break(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->broken[0])
		return;
	va_start(arguments, format);
	vsnprintf(world->broken, sizeof world->broken, format, arguments);
	va_end(arguments);
}

struct world *world_new(const char *policy_home)
{
	struct world *world = must_calloc(1, sizeof *world);

	world->policy_home = policy_home;
	world->arena = arena_new();
	world->state = state_new();
	world->model = model_new();
	return world;
}

void world_free(struct world *world)
{
	if (!world)
		return;
	for (size_t i = 0; i < world->journal_count; i++)
		buf_free(&world->journal[i]);
	free(world->journal);
	words_free(world->words);
	model_end(world->model);
	state_free(world->state);
	arena_free(world->arena);
	free(world);
}

const struct zone *world_zone(const struct world *world)
{
	const struct policy *policy = state_policy(world->state);

	return policy ? policy->time_zone : NULL;
}

/* Files of all layers, each name once; the arrays of each layer are freed by files_free. */
struct layered {
	struct policy_file *layers[LAYERS_MOST];
	size_t counts[LAYERS_MOST];
	struct policy_file *files;
	size_t count;
};

static void layered_free(struct layered *layered)
{
	for (int i = 0; i < LAYERS_MOST; i++)
		if (layered->layers[i])
			policy_files_free(layered->layers[i], layered->counts[i]);
	free(layered->files);
}

static void layered_put(struct layered *layered, struct policy_file file)
{
	for (size_t i = 0; i < layered->count; i++)
		if (span_equal(layered->files[i].name, file.name)) {
			layered->files[i] = file;
			return;
		}
	layered->files = must_realloc(layered->files, (layered->count + 1) * sizeof *layered->files);
	layered->files[layered->count++] = file;
}

static bool layered_read(const struct world *world, const struct policy_source *source, struct layered *ret, char *problem, size_t size)
{
	char folder[512];

	*ret = (struct layered){0};
	for (int i = 0; i < source->layer_count; i++) {
		snprintf(folder, sizeof folder, "%s/%.*s", world->policy_home, (int)source->layers[i].len, source->layers[i].data);
		if (policy_files_read(folder, &ret->layers[i], &ret->counts[i], problem, size))
			return false;
		for (size_t file = 0; file < ret->counts[i]; file++)
			layered_put(ret, ret->layers[i][file]);
	}
	return true;
}

static struct policy *source_compile(const struct world *world, const struct policy_source *source, int64_t version, char *problem, size_t size)
{
	struct findings findings = {0};
	struct policy *policy = NULL;
	struct layered layered;

	if (layered_read(world, source, &layered, problem, size)) {
		policy = policy_compile(layered.files, layered.count, &findings);
		if (policy)
			policy->version = version;
		else
			snprintf(problem, size, "%s:%lld: %s", findings.rows[0].file, (long long)findings.rows[0].row, findings.rows[0].message);
		findings_free(&findings);
	}
	layered_free(&layered);
	return policy;
}

static void journal_add(struct world *world, const struct record *event)
{
	if (world->journal_count == world->journal_room) {
		world->journal_room = world->journal_room ? world->journal_room * 2 : 64;
		world->journal = must_realloc(world->journal, world->journal_room * sizeof *world->journal);
	}
	world->journal[world->journal_count] = (struct buf){0};
	codec_write(&world->journal[world->journal_count++], event, CODEC_NUMBERS);
}

static void record_event(struct world *world, const struct record *event)
{
	journal_add(world, event);
	state_apply(world->state, state_last_seq(world->state) + 1, event);
	model_event(world->model, state_last_seq(world->state), event);
}

bool world_adopt(struct world *world, const struct policy_source *source, char *problem, size_t size)
{
	int64_t version = state_policy_version(world->state) + 1;
	struct policy *policy = version > POLICIES_MOST ? NULL : source_compile(world, source, version, problem, size);
	struct record event;

	if (!policy)
		return false;
	world->sources[version] = *source;
	state_take_policy(world->state, policy);
	record_clear(&event);
	record_set(&event, event, EVENT_policy_adopted);
	record_set(&event, at, world->now);
	record_set(&event, policy, version);
	record_set(&event, policy_name, policy->name);
	record_set(&event, files, ((struct span){"\x90", 1}));
	record_event(world, &event);
	words_free(world->words);
	world->words = triage_words(policy);
	return true;
}

void world_event(const struct world *world, int64_t seq, struct record *ret_event)
{
	struct flaw flaw;

	record_clear(ret_event);
	if (codec_read_lenient(buf_span(&world->journal[seq - 1]), ret_event, &flaw))
		record_clear(ret_event);
}

/* Workers do what waits at once: in a story they are quick, or off. */
static void workers_run(struct world *world)
{
	for (int steps = 0; !world->broken[0] && work_step(world); steps++)
		if (steps > STEPS_MOST)
			world_break(world, "the workers never come to an end");
}

/* As the engine would answer. */
static void tell_model(struct world *world, const struct record *command, int refused)
{
	const struct decision *decision = &world->decision;
	struct record reply;

	record_clear(&reply);
	record_set(&reply, reply, command->command);
	record_copy(&reply, command, request);
	if (refused)
		record_set(&reply, error, (uint8_t)refused);
	else
		record_set(&reply, seq, decision->seq);
	if (!refused && decision->number)
		record_set(&reply, case_id, decision->number);
	if (!refused && decision->duplicate)
		record_set(&reply, duplicate, true);
	model_answered(world->model, &reply);
	model_compare(world->model, world->state);
}

int world_command(struct world *world, const struct record *command)
{
	int refused;

	model_asked(world->model, command);
	refused = decide(world->state, world->now, command, &world->decision);
	for (size_t i = 0; !refused && i < world->decision.count; i++)
		record_event(world, &world->decision.events[i]);
	tell_model(world, command, refused);
	return refused;
}

static void tick(struct world *world)
{
	struct record command;
	int64_t before = state_last_seq(world->state);

	record_clear(&command);
	record_set(&command, command, COMMAND_tick);
	if (world_command(world, &command))
		world_break(world, "a tick was refused");
	else if (state_last_seq(world->state) == before)
		world_break(world, "a deadline has come and nothing happens: the daemon would never sleep again");
}

void world_advance(struct world *world, int64_t to)
{
	const struct casefile *casefile;
	int64_t at;
	int slot;

	workers_run(world);
	for (int steps = 0; !world->broken[0] && state_next_timer(world->state, &at, &casefile, &slot) == 0 && at <= to; steps++) {
		if (at > world->now)
			world->now = at;
		tick(world);
		workers_run(world);
		if (steps > STEPS_MOST)
			world_break(world, "time never passes: too many deadlines");
	}
	world->now = to;
	model_time(world->model, to);
}

static void policies_give(struct world *world, struct state *state)
{
	char problem[256];

	for (int64_t version = 1; version <= state_policy_version(world->state); version++) {
		struct policy *policy = source_compile(world, &world->sources[version], version, problem, sizeof problem);
		if (policy)
			state_take_policy(state, policy);
	}
	state_set_limits(state, *state_limits(world->state));
}

struct state *world_replay(struct world *world)
{
	struct state *state = state_new();
	struct record event;

	policies_give(world, state);
	for (size_t i = 0; i < world->journal_count; i++) {
		world_event(world, (int64_t)i + 1, &event);
		state_apply(state, (int64_t)i + 1, &event);
	}
	return state;
}

static void row_restore(struct state *state, const struct casefile *casefile)
{
	struct buf row = {0};
	struct casefile read;
	struct span ref;

	casefile_write(&row, casefile);
	if (casefile_read(buf_span(&row), &read, &ref))
		state_restore_case(state, &read, ref); /* takes the row's details */
	buf_free(&row);
}

struct state *world_restore(struct world *world)
{
	struct state *state = state_new();
	const struct casefile *casefile;
	struct buf watch = {0};
	struct record event;

	policies_give(world, state);
	for (uint32_t name = 1; name <= state_interned_count(world->state); name++)
		state_restore_name(state, name, state_text(world->state, name));
	for (int64_t number = 1; number < state_next_number(world->state); number++)
		if ((casefile = state_case(world->state, number)))
			row_restore(state, casefile);
	for (size_t i = 0; i < world->journal_count; i++) {
		world_event(world, (int64_t)i + 1, &event);
		state_restore_request(state, (int64_t)i + 1, &event);
		if (record_has(&event, stream))
			state_restore_stream(state, event.event, state_interned(state, event.path), event.stream);
	}
	state_restore_scalars(state, state_last_seq(world->state), state_now(world->state), state_next_number(world->state), state_policy_version(world->state));
	state_write_watch(world->state, &watch);
	if (!state_restore_watch(state, buf_span(&watch)))
		world_break(world, "the row of mutes and sources cannot be read back");
	buf_free(&watch);
	return state;
}

void world_take(struct world *world, struct state *state)
{
	state_free(world->state);
	world->state = state;
	words_free(world->words);
	world->words = triage_words(state_policy(state));
}
