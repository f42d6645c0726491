/* Arbitrary records in a journal whose chain is right: at start each is either applied or refused with its number and why; never a
 * crash. What was taken gives the same state a second time, and an engine that took it can be asked and lives on. */
#include "tests/fuzz/stage.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS_MOST 24

static void record_add(struct choices *choices, const struct grammar *grammar, struct journal *journal, int64_t *next_number)
{
	static struct record event;
	uint8_t how = choose(choices);

	if (how == 255) {
		stage_append_raw(journal, choose_bytes(choices));
		return;
	}
	grammar_event(choices, grammar, &event);
	if (how & 1 && record_has(&event, at))
		event.at = grammar->now;
	if (how & 2 && event.event == EVENT_case_opened) {
		record_set(&event, case_id, *next_number);
		++*next_number;
	}
	stage_append(journal, &event);
}

static void ask(struct engine *engine, int command, int64_t number)
{
	struct record request;
	struct buf frame = {0};

	record_clear(&request);
	record_set(&request, command, (uint8_t)command);
	if (number)
		record_set(&request, case_id, number);
	if (command == COMMAND_replay)
		record_set(&request, from_seq, 1);
	codec_write_all(&frame, &request);
	engine_receive(engine, DOOR_SERVICE, span_of("p"), buf_span(&frame));
	buf_free(&frame);
}

static void live_on(struct engine *engine)
{
	static const uint8_t questions[] = {COMMAND_show, COMMAND_timeline, COMMAND_explain};
	static struct record output_record;
	struct engine_output output;
	int64_t now = STAGE_START;

	for (int day = 0; day < 3; day++, now += 86400000 * 20) {
		for (int64_t number = 1; number < 5; number++)
			for (size_t i = 0; i < sizeof questions; i++)
				ask(engine, questions[i], number);
		ask(engine, COMMAND_list, 0);
		ask(engine, COMMAND_replay, 0);
		ask(engine, COMMAND_list_mutes, 0);
		ask(engine, COMMAND_policy_list, 0);
		FUZZ_CHECK(engine_turn(engine, now) == 0, "a turn fails: %s", engine_fault(engine));
		while (engine_output(engine, &output))
			rules_output(&output, &output_record);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices choices = {data, size};
	struct grammar grammar = {.now = STAGE_START};
	struct settings settings;
	static struct record adoption;
	struct journal *journal = journal_memory_open();
	struct archive *archive = stand_in_open(), *other = stand_in_open();
	unsigned char here[32], there[32];
	char error[400] = "";
	int64_t next_number = 1;

	grammar.policies = stage_policies(&grammar.policy_count);
	stage_settings(&settings, false);
	settings.limits_peer_requests = 100;
	stage_adoption(&adoption, &grammar.policies[0], 1, STAGE_START - 1000);
	if (!(choose(&choices) & 1))
		stage_append(journal, &adoption);
	for (int i = 0; i < RECORDS_MOST && choices.left; i++)
		record_add(&choices, &grammar, journal, &next_number);
	struct engine *engine = engine_open(&settings, journal, archive, STAGE_START, error, sizeof error);
	FUZZ_CHECK(engine || strstr(error, "record") || strstr(error, "policy"), "refused without the record: '%s'", error);
	if (engine) {
		struct engine *twin = engine_open(&settings, journal, other, STAGE_START, error, sizeof error);
		FUZZ_CHECK(twin, "taken once and refused then: %s", error);
		engine_digest(engine, here);
		engine_digest(twin, there);
		FUZZ_CHECK(!memcmp(here, there, sizeof here), "two states of one journal");
		engine_close(twin);
		live_on(engine);
	}
	engine_close(engine);
	stand_in_close(archive);
	stand_in_close(other);
	journal->ops->close(journal);
	settings_free(&settings);
	return 0;
}
