/* Walks every pair of a state and a command that refers to a case: each finds a row of lifecycle.def or a refusal with a name, and never
 * anything else. It knows nothing of single commands: it reads the tables, makes up fields, and searches, breadth first, for ways into every state
 * (and every set of open requests, clocks and links beside it), so that new rows are walked without a change here.
 *
 * story_walk POLICIES FOLDER...; exit status 1 when a pair misbehaves, or a row of the table was never taken. */
#include "tests/story/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/fields.h"

#define NODES_MOST 600
#define PATH_MOST 10
#define VARIANTS_MOST 16
#define START_MS INT64_C(1790560800000) /* 2026-09-28 10:00 in Shanghai: a working hour */

/* What a command carries, from commands.def. */
struct shape {
	const char *name;
	uint64_t needs[FIELD_WORDS], takes[FIELD_WORDS];
	bool on_case;
	bool inside; /* the daemon's own: it may find nothing to do */
};

static struct shape shapes[256];

enum { DOOR_service, DOOR_work, DOOR_inside };

#define BIT(words, member) ((words)[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64))

static void shapes_fill(void)
{
#define NEEDS(member) BIT(shape->needs, member);
#define TAKES(member) BIT(shape->takes, member);
#define R(role) 0
#define COMMAND(number, command, door, roles, fields, meaning) { struct shape *shape = &shapes[number]; shape->name = #command; shape->inside = DOOR_ ## door == DOOR_ ## inside; fields }
#include "schema/commands.def"
#undef NEEDS
#undef TAKES
#undef R
	for (int i = 0; i < 256; i++)
		shapes[i].on_case = ((shapes[i].needs[FIELD_case_id / 64] | shapes[i].takes[FIELD_case_id / 64]) >> (FIELD_case_id % 64)) & 1;
}

struct row {
	int state, command, event, next;
	bool taken;
};

static struct row rows[] = {
#define MOVE(state, command, event, next) {STATE_##state, COMMAND_##command, EVENT_##event, STATE_##next, false},
#define MANY MOVE
#include "schema/lifecycle.def"
};
#define ROWS (sizeof rows / sizeof *rows)

static bool moves_cases(int command)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].command == command)
			return true;
	return false;
}

static struct row *row_of(int state, int command, int event, int next)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].state == state && rows[i].command == command && (!event || rows[i].event == event) && (!next || rows[i].next == next))
			return &rows[i];
	return NULL;
}

struct step {
	uint8_t command, variant;
};

/* A way into a situation. */
struct node {
	uint64_t key;
	uint8_t state, opening, length;
	struct step path[PATH_MOST];
};

struct walk {
	struct world *world;
	int64_t master, opened;
	struct node nodes[NODES_MOST];
	size_t count;
	bool walked[STATE_LIMIT][256], wrong[STATE_LIMIT][256];
	long pairs, tries, moved, refused;
	int bad;
};

static int decide_apply(struct walk *walk, const struct record *command)
{
	struct world *world = walk->world;
	int refused = decide(world->state, world->now, command, &world->decision);

	for (size_t i = 0; !refused && i < world->decision.count; i++)
		state_apply(world->state, state_last_seq(world->state) + 1, &world->decision.events[i]);
	return refused;
}

/* Categories of the policy take turns, so that every switch of the policy is met. */
static int64_t case_open(struct walk *walk, int opening)
{
	const struct policy *policy = state_policy(walk->world->state);
	struct record command;
	char ref[32];

	snprintf(ref, sizeof ref, "%lld", (long long)++walk->opened);
	record_clear(&command);
	record_set(&command, command, COMMAND_submit);
	record_set(&command, source, span_of("walk"));
	record_set(&command, source_ref, span_of(ref));
	record_set(&command, text, span_of("."));
	record_set(&command, caller_phone, span_of("0"));
	record_set(&command, category, policy->categories[(size_t)opening % policy->category_count].code);
	if (decide_apply(walk, &command) || !walk->world->decision.number)
		abort();
	return walk->world->decision.number;
}

static int64_t fence_of(const struct casefile *casefile, int command)
{
	if (command != COMMAND_escalate_result)
		return stage_fence(casefile);
	for (int slot = 0; slot < SLA_ALL && casefile_sla(casefile, slot); slot++)
		if (casefile_sla(casefile, slot)->phase == LADDER_WANTING)
			return ladder_fence(casefile, slot);
	return 0;
}

/* A text that means something where the policy is asked, else any. */
static struct span text_for(const struct walk *walk, const struct casefile *casefile, enum field field, int variant)
{
	const struct policy *policy = state_policy(walk->world->state);

	switch (field) {
	case FIELD_category:
		return state_text(walk->world->state, casefile->category);
	case FIELD_area: case FIELD_audience_area:
		return policy->areas[0].code;
	case FIELD_unit: case FIELD_assistant:
		return policy->units[(size_t)variant % policy->unit_count].code;
	case FIELD_emergency:
		return policy->emergency_count ? policy->emergencies[0].number : span_of("112");
	default:
		return span_of("x");
	}
}

static void field_fill(const struct walk *walk, const struct casefile *casefile, enum field field, int variant, struct record *record)
{
	void *place = (char *)record + field_table[field].offset;

	switch (field_table[field].type) {
	case TYPE_TEXT: case TYPE_PRIVATE: case TYPE_BYTES:
		*(struct span *)place = text_for(walk, casefile, field, variant);
		break;
	case TYPE_TIME:
		*(int64_t *)place = walk->world->now + 86400000;
		break;
	case TYPE_CASE:
		*(int64_t *)place = field == FIELD_case_id ? casefile->number : walk->master;
		break;
	case TYPE_INT:
		*(int64_t *)place = field == FIELD_fence ? fence_of(casefile, record->command) : 1;
		break;
	case TYPE_FLAG:
		*(bool *)place = variant >> (field % 3) & 1;
		break;
	case TYPE_COMMAND:
		*(uint8_t *)place = (uint8_t)(COMMAND_request_return + variant % 3);
		break;
	case TYPE_TASK:
		*(uint8_t *)place = casefile->task ? casefile->task : TASK_escalate;
		break;
	case TYPE_LIST:
		return;
	default:
		*(uint8_t *)place = 1;
	}
	record_mark(record, field);
}

/* All that it needs, and its flags: they decide between ways. */
static void command_fill(const struct walk *walk, const struct casefile *casefile, struct step step, struct record *record)
{
	const struct shape *shape = &shapes[step.command];

	record_clear(record);
	record_set(record, command, step.command);
	record_set(record, case_id, casefile->number);
	for (int i = 0; i < FIELD_COUNT; i++) {
		bool needs = shape->needs[i / 64] >> (i % 64) & 1, takes = shape->takes[i / 64] >> (i % 64) & 1;
		if (needs || (takes && field_table[i].type == TYPE_FLAG))
			field_fill(walk, casefile, (enum field)i, step.variant, record);
	}
	if (step.command == COMMAND_close && step.variant) /* it may be refused as solved, and not otherwise */
		record_set(record, outcome, OUTCOME_rejected);
}

static int variants_of(int command)
{
	int flags = 0, others = command == COMMAND_close ? 2 : 1;

	for (int i = 0; i < FIELD_COUNT; i++) {
		bool needs = shapes[command].needs[i / 64] >> (i % 64) & 1, takes = shapes[command].takes[i / 64] >> (i % 64) & 1;
		if ((needs || takes) && field_table[i].type == TYPE_FLAG)
			flags = 8;
		if (needs && (i == FIELD_unit || i == FIELD_assistant || i == FIELD_asked))
			others = 3;
	}
	return flags > others ? flags : others;
}

static uint64_t situation(const struct casefile *casefile, int opening)
{
	const struct details *details = casefile_details(casefile);
	uint64_t key = (uint64_t)casefile->state | (uint64_t)opening << 4 | (uint64_t)casefile->task << 8 | (uint64_t)casefile->attention << 10;

	for (int slot = SLA_SLOTS; slot <= SLOT_ASSIST && casefile->details; slot++)
		key |= (uint64_t)(casefile_sla(casefile, slot)->kind != 0) << (11 + slot - SLA_SLOTS);
	key |= (uint64_t)(details->master != 0) << 20 | (uint64_t)details->final << 21 | (uint64_t)details->supervised << 22;
	return key | (uint64_t)(details->extensions > 0) << 23 | (uint64_t)(casefile->unit != 0) << 24;
}

static void node_add(struct walk *walk, const struct casefile *casefile, const struct node *from, struct step step)
{
	struct node node = *from;

	node.key = situation(casefile, node.opening);
	node.state = casefile->state;
	if (walk->count == NODES_MOST || node.length == PATH_MOST)
		return;
	for (size_t i = 0; i < walk->count; i++)
		if (walk->nodes[i].key == node.key)
			return;
	if (step.command)
		node.path[node.length++] = step;
	walk->nodes[walk->count++] = node;
}

/* A new case in the node's situation. */
static const struct casefile *node_enter(struct walk *walk, const struct node *node)
{
	int64_t number = case_open(walk, node->opening);
	struct record command;

	for (int i = 0; i < node->length; i++) {
		command_fill(walk, state_case(walk->world->state, number), node->path[i], &command);
		if (decide_apply(walk, &command))
			abort();
	}
	return state_case(walk->world->state, number);
}

static void complain(struct walk *walk, int state, int command, const char *what)
{
	if (!walk->wrong[state][command])
		printf("%s + %s: %s\n", state_name(state), shapes[command].name, what);
	walk->wrong[state][command] = true;
	walk->bad++;
}

static void judge_refusal(struct walk *walk, int state, int command, int refused)
{
	walk->refused++;
	if (refused < 0 || !error_name(refused) || !error_text(refused))
		complain(walk, state, command, "refused without a name");
	else if (moves_cases(command) && !row_of(state, command, 0, 0) && refused != ERROR_illegal_transition && refused != ERROR_stale)
		complain(walk, state, command, error_name(refused));
}

static void judge_move(struct walk *walk, int state, int command, const struct casefile *casefile)
{
	const struct decision *decision = &walk->world->decision;
	struct row *row = decision->count ? row_of(state, command, decision->events[0].event, casefile->state) : NULL;

	walk->moved++;
	if (row)
		row->taken = true;
	else if (moves_cases(command))
		complain(walk, state, command, "it moved, but no row of the table says so");
	else if (state != casefile->state)
		complain(walk, state, command, "it is no move and changed the state");
	if (!decision->count && !decision->duplicate && !shapes[command].inside)
		complain(walk, state, command, "neither an event nor a refusal");
}

static void step_try(struct walk *walk, const struct node *node, struct step step)
{
	const struct casefile *casefile = node_enter(walk, node);
	struct record command;
	int refused;

	walk->tries++;
	walk->pairs += !walk->walked[node->state][step.command];
	walk->walked[node->state][step.command] = true;
	command_fill(walk, casefile, step, &command);
	refused = decide_apply(walk, &command);
	if (refused) {
		judge_refusal(walk, node->state, step.command, refused);
		return;
	}
	judge_move(walk, node->state, step.command, casefile);
	node_add(walk, casefile, node, step);
}

static void node_walk(struct walk *walk, size_t at)
{
	const struct node node = walk->nodes[at];

	for (int command = 1; command < 256; command++)
		for (int variant = 0; shapes[command].on_case && variant < variants_of(command); variant++)
			step_try(walk, &node, (struct step){(uint8_t)command, (uint8_t)variant});
}

static void walk_check(struct walk *walk)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!rows[i].taken)
			complain(walk, rows[i].state, rows[i].command, "this row of the table was never taken");
	for (int state = 1; state < STATE_LIMIT; state++)
		for (int command = 1; command < 256; command++)
			if (state_name(state) && shapes[command].on_case && !walk->walked[state][command])
				complain(walk, state, command, "no way into this state was found");
}

int main(int argc, char **argv)
{
	struct walk *walk = must_calloc(1, sizeof *walk);
	struct policy_source source = {.layer_count = 0};
	char problem[512] = "";

	for (int i = 2; i < argc && source.layer_count < LAYERS_MOST; i++)
		source.layers[source.layer_count++] = span_of(argv[i]);
	shapes_fill();
	walk->world = world_new(argc > 1 ? argv[1] : ".");
	walk->world->now = START_MS;
	if (!world_adopt(walk->world, &source, problem, sizeof problem)) {
		printf("the policy cannot be used: %s\n", problem);
		return 2;
	}
	walk->master = case_open(walk, 0);
	for (size_t opening = 0; opening < state_policy(walk->world->state)->category_count; opening++) {
		struct node begin = {.opening = (uint8_t)opening};
		node_add(walk, state_case(walk->world->state, case_open(walk, (int)opening)), &begin, (struct step){0, 0});
	}
	for (size_t at = 0; at < walk->count; at++)
		node_walk(walk, at);
	walk_check(walk);
	printf("%ld pairs of state and command walked, from %zu situations, %ld tries: %ld moved, %ld refused by name; %zu rows taken, %d wrong\n", walk->pairs,
		walk->count, walk->tries, walk->moved, walk->refused, ROWS, walk->bad);
	int bad = walk->bad;
	world_free(walk->world);
	free(walk);
	return bad > 0;
}
