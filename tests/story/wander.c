/* Wanders: random commands, random fields, random time, from a seed; afterwards everything that must hold after a story must hold, and the
 * state must be the same after a replay and after a restart from the archive's rows in the middle.
 *
 * story_wander POLICIES FIRST_SEED SEEDS STEPS FOLDER...; prints the seed that goes wrong, exit status 1; with SEEDS 1 its events too. */
#include "tests/story/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/fields.h"

#define START_MS INT64_C(1790560800000) /* 2026-09-28 10:00 in Shanghai */

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static uint64_t below(uint64_t *seed, uint64_t limit)
{
	return next_random(seed) % limit;
}

/* The fields of each command. */
static void fields_of(int command, uint64_t needs[FIELD_WORDS], uint64_t takes[FIELD_WORDS])
{
	switch (command) {
#define NEEDS(member) needs[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define TAKES(member) takes[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define R(role) 0
#define COMMAND(number, name, door, roles, fields, meaning) case number: fields break;
#include "schema/commands.def"
#undef NEEDS
#undef TAKES
#undef R
	default:
		break;
	}
}

static const uint8_t asked[] = {
#define MOVE(state, command, event, next) COMMAND_##command,
#define MANY(state, command, event, next)
#include "schema/lifecycle.def"
	COMMAND_submit, COMMAND_submit, COMMAND_submit, COMMAND_submit, COMMAND_submit, COMMAND_submit, COMMAND_acknowledge, COMMAND_acknowledge,
	COMMAND_request_return, COMMAND_request_return, COMMAND_request_extension, COMMAND_request_extension, COMMAND_request_suspension,
	COMMAND_request_suspension, COMMAND_request_suspension, COMMAND_approve_extension, COMMAND_deny, COMMAND_assist, COMMAND_assist_report, COMMAND_remind,
	COMMAND_supervise, COMMAND_supervise_reply, COMMAND_supervise_close, COMMAND_seal, COMMAND_mute_notices, COMMAND_unmute, COMMAND_contact,
	COMMAND_give_up, COMMAND_restage,
};

static struct span text_of(const struct world *world, enum field field, uint64_t *seed, char room[32])
{
	static const char *const reports[] = {"路灯不亮", "燃气泄漏", "噪音扰民", "垃圾", "爆管", "说不清楚", "井盖"};
	const struct policy *policy = state_policy(world->state);

	switch (field) {
	case FIELD_text:
		return span_of(reports[below(seed, sizeof reports / sizeof *reports)]);
	case FIELD_category:
		return policy->categories[below(seed, policy->category_count)].code;
	case FIELD_area:
		return policy->areas[below(seed, policy->area_count)].code;
	case FIELD_unit: case FIELD_assistant: case FIELD_department:
		return policy->units[below(seed, policy->unit_count)].code;
	case FIELD_emergency:
		return policy->emergency_count ? policy->emergencies[0].number : span_of("112");
	case FIELD_source:
		return span_of(below(seed, 2) ? "12345" : "app");
	case FIELD_source_ref:
		snprintf(room, 32, "%d", (int)below(seed, 60));
		return span_of(room);
	default:
		return span_of("x");
	}
}

static void field_fill(const struct world *world, enum field field, uint64_t *seed, char room[32], struct record *record)
{
	void *place = (char *)record + field_table[field].offset;

	switch (field_table[field].type) {
	case TYPE_TEXT: case TYPE_PRIVATE: case TYPE_BYTES:
		*(struct span *)place = text_of(world, field, seed, room);
		break;
	case TYPE_TIME:
		*(int64_t *)place = world->now + (int64_t)below(seed, 400000000) - 40000000;
		break;
	case TYPE_CASE:
		*(int64_t *)place = 1 + (int64_t)below(seed, (uint64_t)state_next_number(world->state));
		break;
	case TYPE_INT:
		*(int64_t *)place = 1 + (int64_t)below(seed, 4);
		break;
	case TYPE_FLAG:
		*(bool *)place = below(seed, 2);
		break;
	case TYPE_COMMAND:
		*(uint8_t *)place = (uint8_t)(COMMAND_request_return + below(seed, 3));
		break;
	case TYPE_TASK: case TYPE_KIND: case TYPE_OUTCOME: case TYPE_CLOCK:
		*(uint8_t *)place = (uint8_t)(1 + below(seed, 3));
		break;
	case TYPE_REAL:
		*(double *)place = (field_table[field].limit >= 90 ? 36.65 : 0) + (double)below(seed, 100) / 10000;
		break;
	default:
		return;
	}
	record_mark(record, field);
}

/* A case by its number and not by its reference, and the unit that has it more often than not: otherwise little would succeed. */
static void command_aim(const struct world *world, uint64_t *seed, struct record *record)
{
	const struct casefile *casefile;

	if (record->command == COMMAND_submit || record->command == COMMAND_mute_notices || record->command == COMMAND_unmute)
		return;
	record_drop(record, FIELD_source);
	record_drop(record, FIELD_source_ref);
	if (!record_has(record, case_id))
		record_set(record, case_id, 1 + (int64_t)below(seed, (uint64_t)state_next_number(world->state)));
	casefile = state_case(world->state, record->case_id);
	if (!casefile)
		return;
	if (record_has(record, fence))
		record_set(record, fence, stage_fence(casefile));
	if (casefile->unit && below(seed, 3) && (record->command == COMMAND_sign || record->command == COMMAND_report))
		record_set(record, unit, state_text(world->state, casefile->unit));
	if (record->command == COMMAND_request_return || record->command == COMMAND_request_extension || record->command == COMMAND_request_suspension)
		record_drop(record, FIELD_unit);
}

static void command_make(const struct world *world, uint64_t *seed, char room[32], struct record *record)
{
	uint64_t needs[FIELD_WORDS] = {0}, takes[FIELD_WORDS] = {0};

	record_clear(record);
	record_set(record, command, asked[below(seed, sizeof asked)]);
	fields_of(record->command, needs, takes);
	for (int field = 0; field < FIELD_COUNT; field++)
		if (needs[field / 64] >> (field % 64) & 1 || (takes[field / 64] >> (field % 64) & 1 && below(seed, 3) == 0))
			field_fill(world, (enum field)field, seed, room, record);
	if (record->command == COMMAND_submit)
		record_drop(record, FIELD_reported_at);
	command_aim(world, seed, record);
	if (record->command == COMMAND_call_back)
		record_set(record, solved, below(seed, 2));
}

static void wander_step(struct world *world, uint64_t *seed)
{
	struct record command;
	char room[32];
	uint64_t dice = below(seed, 100);

	if (dice < 20) {
		world_advance(world, world->now + (int64_t)below(seed, dice < 3 ? 400000000 : 20000000));
	} else if (dice < 22) {
		world_take(world, below(seed, 2) ? world_restore(world) : world_replay(world));
	} else if (dice < 25) {
		world->workers = (unsigned)below(seed, 16);
		world_advance(world, world->now);
	} else {
		command_make(world, seed, room, &command);
		world_command(world, &command);
		world_advance(world, world->now);
	}
}

/* What happened, for whoever looks at one seed that goes wrong. */
static void events_print(const struct world *world)
{
	struct buf line = {0};
	struct record event;

	for (int64_t seq = 1; seq <= (int64_t)world->journal_count; seq++) {
		world_event(world, seq, &event);
		buf_clear(&line);
		buf_printf(&line, "%lld ", (long long)seq);
		moment_write(world_zone(world), event.at, &line);
		buf_printf(&line, " %s", event_name(event.event));
		for (int field = 0; field < FIELD_COUNT; field++)
			if (field != FIELD_event && field != FIELD_at && field != FIELD_files && record_holds(&event, (enum field)field)) {
				buf_printf(&line, " %s=", field_name((enum field)field));
				field_write(world_zone(world), &event, (enum field)field, &line);
			}
		printf("%.*s\n", (int)line.len, line.data);
	}
	buf_free(&line);
}

static bool wander(const char *policies, const struct policy_source *source, uint64_t from, int steps, bool alone)
{
	struct world *world = world_new(policies);
	uint64_t seed = from * 0x9e3779b97f4a7c15ull + 1;
	struct buf report = {0};
	char problem[512] = "";
	bool well = true;

	world->now = START_MS;
	world->workers = ~0u;
	if (!world_adopt(world, source, problem, sizeof problem))
		world_break(world, "the policy cannot be used: %s", problem);
	for (int step = 0; step < steps && !world->broken[0]; step++)
		wander_step(world, &seed);
	if (world->broken[0] || audit(world, &report)) {
		printf("seed %llu: %s\n%.*s", (unsigned long long)from, world->broken, (int)report.len, report.data ? report.data : "");
		if (alone)
			events_print(world);
		fflush(stdout);
		well = false;
	}
	buf_free(&report);
	world_free(world);
	return well;
}

int main(int argc, char **argv)
{
	struct policy_source source = {.layer_count = 0};
	uint64_t first, count;
	int bad = 0;

	if (argc < 6) {
		fprintf(stderr, "usage: story_wander POLICIES FIRST_SEED SEEDS STEPS FOLDER...\n");
		return 2;
	}
	first = strtoull(argv[2], NULL, 10);
	count = strtoull(argv[3], NULL, 10);
	for (int i = 5; i < argc && source.layer_count < LAYERS_MOST; i++)
		source.layers[source.layer_count++] = span_of(argv[i]);
	for (uint64_t seed = first; seed < first + count; seed++)
		bad += !wander(argv[1], &source, seed, atoi(argv[4]), count == 1);
	fflush(stdout);
	printf("%llu seeds of %s steps: %d went wrong\n", (unsigned long long)count, argv[4], bad);
	return bad > 0;
}
