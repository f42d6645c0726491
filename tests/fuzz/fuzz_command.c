/* A life of an engine: raw frames, commands made by grammar.c, time, restarts, workers and subscribers that come and go. After each
 * step nothing may be out of count; at the end the journal must give the same state again, twice. */
#include "tests/fuzz/stage.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MOST 60

struct life {
	struct settings settings;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;
	struct grammar grammar;
	struct choices choices;
	int64_t now;
	struct record task;  /* numbers of the last task offered */
	char notice[NOTICE_TEXT + 1];
	struct record command, output;
};

static void life_open(struct life *life)
{
	char error[400] = "";

	life->engine = engine_open(&life->settings, life->journal, life->archive, life->now, error, sizeof error);
	FUZZ_CHECK(life->engine, "the journal is refused: %s", error);
}

static struct span peer_of_choice(uint8_t choice)
{
	static const char names[] = "abcdefghijklmnop";

	return (struct span){names + choice % 12, 1};
}

static void outputs_take(struct life *life)
{
	struct engine_output output;

	while (engine_output(life->engine, &output)) {
		rules_output(&output, &life->output);
		if (output.door == DOOR_WORK && record_has(&life->output, task) && record_has(&life->output, fence)) {
			record_clear(&life->task);
			record_copy(&life->task, &life->output, task);
			record_copy(&life->task, &life->output, fence);
			record_copy(&life->task, &life->output, case_id);
			record_copy(&life->task, &life->output, clock);
			record_copy(&life->task, &life->output, rung);
			life->grammar.fence = life->output.fence;
		}
		if (record_has(&life->output, notice) && life->output.notice.len < sizeof life->notice) {
			memcpy(life->notice, life->output.notice.data, life->output.notice.len);
			life->grammar.notice = (struct span){life->notice, life->output.notice.len};
		}
	}
}

static void turn(struct life *life)
{
	FUZZ_CHECK(engine_turn(life->engine, life->now) == 0, "a turn fails: %s", engine_fault(life->engine));
	outputs_take(life);
	rules_engine(life->engine);
	engine_wait_ms(life->engine, life->now);
}

static void step_command(struct life *life, enum door door, struct span peer)
{
	struct buf frame = {0};
	int count = choose(&life->choices) % 4 == 3 ? 3 : 1;

	for (int i = 0; i < count; i++) {
		grammar_command(&life->choices, &life->grammar, &life->command);
		codec_write_all(&frame, &life->command);
	}
	engine_receive(life->engine, door, peer, buf_span(&frame));
	buf_free(&frame);
}

/* The answer of a worker to the last task, sensible but for what the choices spoil. */
static void step_result(struct life *life, struct span peer)
{
	static const uint8_t kinds[] = {COMMAND_triage_result, COMMAND_assign_result, COMMAND_escalate_result};
	static const enum field fields[][4] = {{FIELD_category, FIELD_urgency, FIELD_kind, FIELD_area}, {FIELD_unit, FIELD_reason}, {FIELD_audience, FIELD_audience_area, FIELD_text, FIELD_ladder}};
	struct record *command = &life->command;
	uint8_t task = record_get(&life->task, task, TASK_triage);
	struct buf frame = {0};

	record_clear(command);
	record_set(command, command, kinds[(task - 1) % 3]);
	record_set(command, case_id, record_get(&life->task, case_id, 1));
	record_set(command, fence, record_get(&life->task, fence, 0));
	for (int i = 0; i < (task == TASK_assign ? 2 : 4); i++)
		grammar_field(&life->choices, &life->grammar, command, fields[(task - 1) % 3][i]);
	if (task == TASK_escalate) {
		record_copy(command, &life->task, clock);
		record_copy(command, &life->task, rung);
	}
	codec_write_all(&frame, command);
	engine_receive(life->engine, DOOR_WORK, peer, buf_span(&frame));
	buf_free(&frame);
}

static void step_enlist(struct life *life, uint8_t choice)
{
	struct buf frame = {0};

	record_clear(&life->command);
	record_set(&life->command, command, COMMAND_enlist);
	record_set(&life->command, worker, span_of("w"));
	record_set(&life->command, task, (uint8_t)(choice % 3 + 1));
	record_set(&life->command, credit, choice % 7);
	codec_write_all(&frame, &life->command);
	engine_receive(life->engine, DOOR_WORK, peer_of_choice(choice), buf_span(&frame));
	buf_free(&frame);
}

static void step_time(struct life *life, uint8_t choice)
{
	static const int64_t steps[] = {1, 1000, 60000, 600000, 3600000, 28800000, 86400000, INT64_C(604800000), INT64_C(2592000000), -1, -3600000, INT64_C(17280000000)};

	life->now += steps[choice % (sizeof steps / sizeof *steps)];
	life->grammar.now = life->now;
}

/* The process ends and another one starts: what was in the round under way is gone, and so is what the archive had not written. */
static void step_restart(struct life *life, uint8_t choice)
{
	engine_close(life->engine);
	life->journal = journal_memory_reopen(life->journal);
	stand_in_crash(life->archive);
	if (choice & 1) {
		stand_in_close(life->archive);
		life->archive = stand_in_open();
	}
	stand_in_lag(life->archive, choice & 2);
	life_open(life);
}

static void step_transport(struct life *life, uint8_t choice)
{
	static const char *const topics[] = {"", "case_opened/", "case_escalated/3701/370102/", "x", "a/b/c/d"};

	switch (choice % 4) {
	case 0:
		engine_unreachable(life->engine, choice & 4 ? DOOR_WORK : DOOR_SERVICE, peer_of_choice(choice >> 3));
		break;
	case 1:
		engine_subscription(life->engine, span_of(topics[choice / 8 % 5]), choice & 4);
		break;
	case 2:
		engine_refuse(life->engine, DOOR_SERVICE, peer_of_choice(choice >> 3), ERROR_oversized);
		break;
	default:
		stand_in_catch_up(life->archive);
		break;
	}
}

static void step(struct life *life)
{
	uint8_t what = choose(&life->choices), choice = choose(&life->choices);

	switch (what % 10) {
	case 0:
		engine_receive(life->engine, choice & 1 ? DOOR_WORK : DOOR_SERVICE, peer_of_choice(choice >> 1), choose_bytes(&life->choices));
		return;
	case 1: case 2: case 3:
		step_command(life, DOOR_SERVICE, peer_of_choice(choice));
		break;
	case 4:
		step_command(life, DOOR_WORK, peer_of_choice(choice));
		break;
	case 5:
		step_result(life, peer_of_choice(choice));
		break;
	case 6:
		step_time(life, choice);
		break;
	case 7:
		step_enlist(life, choice);
		break;
	case 8:
		step_transport(life, choice);
		break;
	default:
		step_restart(life, choice);
		return;
	}
	if (!(what & 0x80))
		turn(life);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct life life;
	static struct record adoption;

	if (rules_marked((struct span){(const char *)data, size}))
		return -1;
	life = (struct life){.choices = {data, size}, .now = STAGE_START};
	uint8_t first = choose(&life.choices);
	stage_settings(&life.settings, first & 1);
	life.journal = journal_memory_open();
	life.archive = stand_in_open();
	stand_in_lag(life.archive, first & 2);
	life.grammar.policies = stage_policies(&life.grammar.policy_count);
	life.grammar.now = life.now;
	stage_adoption(&adoption, &life.grammar.policies[0], 1, STAGE_START - 1000);
	if (!(first & 4))
		stage_append(life.journal, &adoption);
	life_open(&life);
	for (int i = 0; i < STEPS_MOST && life.choices.left; i++)
		step(&life);
	turn(&life);
	rules_replay(life.engine, life.journal, life.archive, &life.settings, life.now);
	engine_close(life.engine);
	stand_in_close(life.archive);
	life.journal->ops->close(life.journal);
	settings_free(&life.settings);
	return 0;
}
