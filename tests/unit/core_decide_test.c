/* The door: decide reads and never writes, a refusal leaves nothing but its reason, events of one decision stand in one chain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/decide.h"
#include "policy/words.h"
#include "town.h"

/* 187 bytes, more than any message quotes, and no cut at an even place ends a character. */
#define LONG_WORD "x一个很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长的词"
#define NOW INT64_C(1790604000000) /* 2026-09-28 14:00 UTC */

static struct decision decision;

static struct state *town(void)
{
	struct state *state = state_new();
	struct policy *policy = town_policy("policy.yaml", "name: town\nzone: America/New_York\nlevels: [city, district, street]\nfallback_category: other\n"
		"danger_words: [{word: gas, urgency: 1}, {word: " LONG_WORD ", urgency: 1}]\n");
	struct record event;

	policy->version = 1;
	state_take_policy(state, policy);
	record_clear(&event);
	record_set(&event, event, EVENT_policy_adopted);
	record_set(&event, at, NOW);
	record_set(&event, policy, 1);
	state_apply(state, 1, &event);
	return state;
}

static struct record command_of(int command, int64_t number)
{
	struct record record;

	record_clear(&record);
	record_set(&record, command, (uint8_t)command);
	if (number)
		record_set(&record, case_id, number);
	return record;
}

static struct record report(const char *ref, const char *text)
{
	struct record record = command_of(COMMAND_submit, 0);

	record_set(&record, source, span_of("web"));
	record_set(&record, source_ref, span_of(ref));
	record_set(&record, text, span_of(text));
	return record;
}

static int run(struct state *state, struct record command)
{
	int refused = decide(state, NOW, &command, &decision);

	for (size_t i = 0; !refused && i < decision.count; i++)
		state_apply(state, state_last_seq(state) + 1, &decision.events[i]);
	return refused;
}

static void digest(const struct state *state, struct buf *buf)
{
	buf_printf(buf, "%lld %lld %u ", (long long)state_last_seq(state), (long long)state_next_number(state), state_interned_count(state));
	for (int64_t number = 1; number < state_next_number(state); number++)
		casefile_write(buf, state_case(state, number));
}

static void without_a_policy_only_a_tick_is_taken(void **unused)
{
	struct state *state = state_new();
	struct record command = report("1", "lamp"), tick = command_of(COMMAND_tick, 0);

	(void)unused;
	assert_int_equal(decide(state, NOW, &command, &decision), ERROR_no_policy);
	assert_int_equal(decide(state, NOW, &tick, &decision), 0);
	assert_int_equal(decision.count, 0);
	state_free(state);
}

static void deciding_changes_nothing(void **unused)
{
	struct state *state = town();
	struct record submit = report("2", "gas"), triage = command_of(COMMAND_triage, 1);
	struct buf before = {0}, after = {0};

	(void)unused;
	assert_int_equal(run(state, report("1", "lamp")), 0);
	record_set(&triage, category, span_of("roads"));
	digest(state, &before);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(decide(state, NOW, &submit, &decision), 0);
		assert_int_equal(decide(state, NOW, &triage, &decision), 0);
		assert_int_equal(decision.seq, state_last_seq(state) + 1);
	}
	digest(state, &after);
	assert_true(span_equal(buf_span(&before), buf_span(&after)));
	buf_free(&before);
	buf_free(&after);
	state_free(state);
}

static void a_refusal_leaves_no_event_and_names_the_field(void **unused)
{
	struct state *state = town();
	struct record triage = command_of(COMMAND_triage, 1), sign = command_of(COMMAND_sign, 1);

	(void)unused;
	assert_int_equal(run(state, report("1", "lamp")), 0);
	record_set(&triage, category, span_of("lamps"));
	assert_int_equal(run(state, triage), ERROR_unknown_category);
	assert_int_equal(decision.count, 0);
	assert_int_equal(decision.field, FIELD_category);
	assert_int_equal(run(state, sign), ERROR_illegal_transition);
	assert_int_equal(decision.field, FIELD_state);
	assert_string_equal(decision.detail, "the case is received");
	state_free(state);
}

static void events_of_one_decision_stand_in_one_chain(void **unused)
{
	struct state *state = town();
	const char *ladders = "ladders:\n  - {name: now, at_once: true, urgency: 1, rungs: [{after: 0 %, role: supervisor, level: city}]}\n";
	struct policy *policy = town_policy("ladders.yaml", ladders);
	struct record event, command = report("1", "a fire"), named = command;

	(void)unused;
	policy->version = 2;
	state_take_policy(state, policy);
	record_clear(&event);
	record_set(&event, event, EVENT_policy_adopted);
	record_set(&event, at, NOW);
	record_set(&event, policy, 2);
	state_apply(state, 2, &event);
	record_set(&named, urgency, 1);
	record_set(&named, actor, span_of("ann"));
	assert_int_equal(decide(state, NOW, &named, &decision), 0);
	assert_int_equal(decision.count, 2);
	assert_int_equal(decision.events[0].event, EVENT_case_opened);
	assert_int_equal(decision.events[0].previous, 0);
	assert_int_equal(decision.events[1].event, EVENT_escalation_due);
	assert_int_equal(decision.events[1].previous, 3);
	assert_int_equal(decision.events[1].case_id, 1);
	assert_true(span_is(decision.events[1].actor, "ann"));
	assert_int_equal(decision.seq, 3);
	assert_int_equal(decision.number, 1);
	state_free(state);
}

static void every_stage_has_a_fence_of_its_own(void **unused)
{
	struct state *state = town();
	struct record result = command_of(COMMAND_triage_result, 1);
	int64_t first;

	(void)unused;
	assert_int_equal(run(state, report("1", "lamp")), 0);
	first = stage_fence(state_case(state, 1));
	record_set(&result, category, span_of("roads"));
	record_set(&result, fence, first);
	assert_int_equal(run(state, result), 0);
	assert_int_not_equal(stage_fence(state_case(state, 1)), first);
	assert_int_equal(run(state, result), ERROR_stale);
	assert_int_equal(decision.field, FIELD_fence);
	state_free(state);
}

static void a_notice_is_named_by_case_clock_epoch_and_rung(void **unused)
{
	struct casefile casefile = {.number = 31828};
	char text[NOTICE_TEXT];

	(void)unused;
	casefile.sla[SLOT_PROMISE] = (struct sla){.kind = CLOCK_promise, .epoch = 4};
	notice_write(&casefile, SLOT_PROMISE, 2, text);
	assert_string_equal(text, "31828/promise/4/2");
	assert_int_not_equal(ladder_fence(&casefile, SLOT_PROMISE), ladder_fence(&casefile, SLOT_STAGE));
}

static void the_table_of_life_says_what_follows(void **unused)
{
	int event = 0;

	(void)unused;
	assert_int_equal(lifecycle_next(STATE_received, COMMAND_triage, &event), STATE_triaged);
	assert_int_equal(event, EVENT_case_triaged);
	assert_int_equal(lifecycle_next(STATE_closed, COMMAND_reopen, &event), STATE_triaged);
	assert_int_equal(lifecycle_next(STATE_closed, COMMAND_sign, &event), STATE_none);
	assert_int_equal(lifecycle_next(STATE_received, COMMAND_show, &event), STATE_none);
}

static void a_known_report_answers_with_its_first_event(void **unused)
{
	struct state *state = town();

	(void)unused;
	assert_int_equal(run(state, report("1", "lamp")), 0);
	assert_int_equal(run(state, report("2", "lamp")), 0);
	assert_int_equal(run(state, report("1", "something else")), 0);
	assert_true(decision.duplicate);
	assert_int_equal(decision.count, 0);
	assert_int_equal(decision.number, 1);
	assert_int_equal(decision.seq, 2);
	state_free(state);
}

static void a_tick_before_the_first_deadline_does_nothing_and_at_it_one_thing(void **unused)
{
	struct state *state = town();
	struct record tick = command_of(COMMAND_tick, 0);
	const struct casefile *casefile;
	int64_t at;
	int slot;

	(void)unused;
	assert_int_equal(run(state, report("1", "lamp")), 0);
	assert_int_equal(state_next_timer(state, &at, &casefile, &slot), 0);
	assert_int_equal(decide(state, at - 1, &tick, &decision), 0);
	assert_int_equal(decision.count, 0);
	assert_int_equal(decide(state, at, &tick, &decision), 0);
	assert_true(decision.count > 0);
	assert_int_equal(decision.events[0].at, at);
	state_free(state);
}

static void texts_of_a_decision_live_in_the_decision(void **unused)
{
	struct state *state = town();
	struct record command = report("1", "gas");

	(void)unused;
	assert_int_equal(decide(state, NOW, &command, &decision), 0);
	assert_true(span_is(decision.events[0].reason, "danger word \"gas\""));
	assert_true(decision.events[0].reason.data >= decision.text && decision.events[0].reason.data < decision.text + sizeof decision.text);
	command = report("2", "哪里有 " LONG_WORD);
	assert_int_equal(decide(state, NOW, &command, &decision), 0);
	assert_true(span_starts(decision.events[0].reason, span_of("danger word \"x一个很长")));
	assert_int_equal(utf8_flaw(decision.events[0].reason), -1);
	state_free(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_policy_only_a_tick_is_taken),
		cmocka_unit_test(deciding_changes_nothing),
		cmocka_unit_test(a_refusal_leaves_no_event_and_names_the_field),
		cmocka_unit_test(events_of_one_decision_stand_in_one_chain),
		cmocka_unit_test(every_stage_has_a_fence_of_its_own),
		cmocka_unit_test(a_notice_is_named_by_case_clock_epoch_and_rung),
		cmocka_unit_test(the_table_of_life_says_what_follows),
		cmocka_unit_test(a_known_report_answers_with_its_first_event),
		cmocka_unit_test(a_tick_before_the_first_deadline_does_nothing_and_at_it_one_thing),
		cmocka_unit_test(texts_of_a_decision_live_in_the_decision),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
