/* What events change in the state, and what else keeps the state: counts, timers, answered requests, closed cases that are forgotten, rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/state.h"

static struct record event_of(int kind, int64_t number, int64_t at, int64_t epoch)
{
	struct record event;

	record_clear(&event);
	record_set(&event, event, (uint8_t)kind);
	record_set(&event, case_id, number);
	record_set(&event, at, at);
	record_set(&event, path, span_of("town/north"));
	record_set(&event, stream, 1);
	record_set(&event, epoch, epoch);
	return event;
}

static struct record opened(int64_t number, const char *ref, int64_t at)
{
	struct record event = event_of(EVENT_case_opened, number, at, 1);

	record_set(&event, source, span_of("call-centre"));
	record_set(&event, source_ref, span_of(ref));
	record_set(&event, text, span_of("lamp"));
	record_set(&event, area, span_of("north"));
	record_set(&event, reported_at, at - 5);
	record_set(&event, address, span_of("Main Street 1"));
	record_set(&event, limit, span_of("2-days"));
	record_set(&event, start, at - 5);
	record_set(&event, due, at + 100);
	record_set(&event, warn, at + 80);
	record_set(&event, next_at, at + 10);
	return event;
}

static const struct casefile *apply(struct state *state, struct record event)
{
	return state_apply(state, state_last_seq(state) + 1, &event);
}

static void dispatch(struct state *state, int64_t number, const char *unit, int64_t at)
{
	struct record event = event_of(EVENT_case_dispatched, number, at, 3);

	record_set(&event, unit, span_of(unit));
	record_set(&event, first_contact, span_of(unit));
	apply(state, event);
}

static void close_case(struct state *state, int64_t number, int64_t at)
{
	struct record event = event_of(EVENT_case_closed, number, at, 4);

	record_set(&event, outcome, OUTCOME_solved);
	record_set(&event, late, false);
	apply(state, event);
}

static int64_t next_timer(const struct state *state)
{
	const struct casefile *casefile;
	int64_t at;
	int slot;

	return state_next_timer(state, &at, &casefile, &slot) ? 0 : at;
}

static void an_opened_case_is_found_by_number_and_reference_and_waits_for_triage(void **unused)
{
	struct state *state = state_new();
	const struct casefile *casefile = apply(state, opened(1, "7", 1000));

	(void)unused;
	assert_ptr_equal(state_case(state, 1), casefile);
	assert_ptr_equal(state_case_by_ref(state, span_of("call-centre"), span_of("7")), casefile);
	assert_null(state_case_by_ref(state, span_of("call-centre"), span_of("8")));
	assert_null(state_case_by_ref(state, span_of("app"), span_of("7")));
	assert_int_equal(casefile->task, TASK_triage);
	assert_int_equal(casefile->state, STATE_received);
	assert_int_equal(state_next_number(state), 2);
	assert_int_equal(next_timer(state), 1010);
	assert_int_equal(state_now(state), 1000);
	state_free(state);
}

static void a_unit_holds_a_case_from_dispatch_to_closing(void **unused)
{
	struct state *state = state_new();

	(void)unused;
	apply(state, opened(1, "1", 1000));
	apply(state, opened(2, "2", 1000));
	dispatch(state, 1, "works", 1001);
	dispatch(state, 2, "works", 1002);
	assert_int_equal(state_unit_open(state, state_interned(state, span_of("works"))), 2);
	close_case(state, 1, 1003);
	assert_int_equal(state_unit_open(state, state_interned(state, span_of("works"))), 1);
	assert_int_equal(state_open_cases(state), 1);
	assert_int_equal(state_held_cases(state), 2);
	state_free(state);
}

static void closing_stops_every_clock_and_keeps_the_promise_to_be_read(void **unused)
{
	struct state *state = state_new();

	(void)unused;
	apply(state, opened(1, "1", 1000));
	close_case(state, 1, 1001);
	assert_int_equal(next_timer(state), 0);
	assert_int_equal(state_case(state, 1)->sla[SLOT_PROMISE].due, 1100);
	assert_int_equal(state_case(state, 1)->task, TASK_none);
	state_free(state);
}

static void reopening_starts_the_promise_where_it_was(void **unused)
{
	struct state *state = state_new();
	struct record event = event_of(EVENT_case_reopened, 1, 1050, 5);

	(void)unused;
	apply(state, opened(1, "1", 1000));
	close_case(state, 1, 1001);
	record_set(&event, reason, span_of("again"));
	record_set(&event, reopens, 1);
	record_set(&event, next_at, 1060);
	apply(state, event);
	assert_int_equal(state_open_cases(state), 1);
	assert_int_equal(state_case(state, 1)->sla[SLOT_PROMISE].start, 995);
	assert_int_equal(state_case(state, 1)->task, TASK_assign);
	assert_int_equal(next_timer(state), 1060);
	state_free(state);
}

static void closed_cases_are_forgotten_when_the_archive_has_their_last_event(void **unused)
{
	struct state *state = state_new();

	(void)unused;
	apply(state, opened(1, "1", 1000));
	apply(state, opened(2, "2", 1000));
	apply(state, opened(3, "3", 1000));
	close_case(state, 2, 1001); /* event 4 */
	close_case(state, 1, 1002); /* event 5 */
	state_forget(state, 3);
	assert_int_equal(state_held_cases(state), 3);
	state_forget(state, 4);
	assert_null(state_case(state, 2));
	assert_null(state_case_by_ref(state, span_of("call-centre"), span_of("2")));
	assert_non_null(state_case(state, 1));
	state_forget(state, 99);
	assert_null(state_case(state, 1));
	assert_non_null(state_case(state, 3));
	assert_int_equal(state_held_cases(state), 1);
	state_free(state);
}

static void a_forgotten_case_comes_back_from_its_row(void **unused)
{
	struct state *state = state_new();
	struct buf row = {0}, again = {0};
	struct casefile read;
	struct span ref;

	(void)unused;
	apply(state, opened(1, "1", 1000));
	close_case(state, 1, 1001);
	casefile_write(&row, state_case(state, 1));
	state_forget(state, 2);
	assert_null(state_case(state, 1));
	assert_true(casefile_read(buf_span(&row), &read, &ref));
	state_restore_case(state, &read, ref);
	casefile_write(&again, state_case_by_ref(state, span_of("call-centre"), span_of("1")));
	assert_true(span_equal(buf_span(&row), buf_span(&again)));
	assert_int_equal(state_open_cases(state), 0);
	state_forget(state, 2);
	assert_null(state_case(state, 1));
	buf_free(&row);
	buf_free(&again);
	state_free(state);
}

static void merge_case(struct state *state, int64_t number, int64_t into, int64_t at)
{
	struct record merged = event_of(EVENT_case_merged, number, at, 2), joined = event_of(EVENT_case_joined, into, at, 1);

	record_set(&merged, into, into);
	record_set(&merged, outcome, OUTCOME_merged);
	record_set(&merged, late, false);
	record_set(&joined, follower, number);
	apply(state, merged);
	apply(state, joined);
}

static void reopen_case(struct state *state, int64_t number, int64_t at)
{
	struct record event = event_of(EVENT_case_reopened, number, at, 5);

	record_set(&event, reason, span_of("again"));
	record_set(&event, reopens, 1);
	apply(state, event);
}

static void a_merged_case_is_forgotten_when_the_archive_has_its_masters_closing(void **unused)
{
	struct state *state = state_new();

	(void)unused;
	apply(state, opened(1, "1", 1000));
	apply(state, opened(2, "2", 1000));
	merge_case(state, 2, 1, 1001); /* events 3 and 4 */
	state_forget(state, 4);
	assert_non_null(state_case(state, 2)); /* it waits for its master */
	close_case(state, 1, 1002); /* event 5 changes both */
	assert_int_equal(casefile_details(state_case(state, 2))->call_at, -1);
	assert_int_equal(state_case(state, 2)->last_seq, 3);
	reopen_case(state, 1, 1003); /* and nothing stands before the follower any more */
	state_forget(state, 4);
	assert_non_null(state_case(state, 2));
	state_forget(state, 5);
	assert_null(state_case(state, 2));
	close_case(state, 1, 1004);
	assert_int_equal(casefile_details(state_case(state, 1))->follower_count, 1);
	state_forget(state, 7);
	assert_int_equal(state_held_cases(state), 0);
	state_free(state);
}

static void a_merged_case_whose_caller_is_to_be_called_stays_until_that_is_done(void **unused)
{
	struct state *state = state_new();
	struct record closing = event_of(EVENT_case_closed, 1, 1002, 2), calling = event_of(EVENT_call_back_due, 2, 1002, 3);

	(void)unused;
	apply(state, opened(1, "1", 1000));
	apply(state, opened(2, "2", 1000));
	merge_case(state, 2, 1, 1001);
	record_set(&closing, outcome, OUTCOME_solved);
	record_set(&closing, late, false);
	record_set(&closing, call_followers, true);
	apply(state, closing);
	state_forget(state, 5);
	assert_null(state_case(state, 1));
	assert_int_equal(next_timer(state), 1002);
	apply(state, calling);
	state_forget(state, 6);
	assert_int_equal(state_open_cases(state), 1);
	close_case(state, 2, 1003);
	state_forget(state, 7);
	assert_int_equal(state_held_cases(state), 0);
	assert_int_equal(next_timer(state), 0);
	state_free(state);
}

static void answered_requests_are_remembered_up_to_a_number_the_oldest_goes_first(void **unused)
{
	struct state *state = state_new();
	char request[16];

	(void)unused;
	state_set_limits(state, (struct state_limits){1000, 1000, 1000, 3});
	apply(state, opened(1, "1", 1000));
	for (int i = 0; i < 4; i++) {
		struct record event = event_of(EVENT_contact_read, 1, 1001, 1);
		snprintf(request, sizeof request, "r%d", i);
		record_set(&event, actor, span_of("ann"));
		record_set(&event, request, span_of(request));
		apply(state, event);
	}
	assert_int_equal(state_remembered(state, span_of("ann"), span_of("r0")).seq, 0);
	assert_int_equal(state_remembered(state, span_of("ann"), span_of("r1")).seq, 3);
	assert_int_equal(state_remembered(state, span_of("ann"), span_of("r3")).number, 1);
	assert_int_equal(state_remembered(state, span_of("bob"), span_of("r3")).seq, 0);
	state_free(state);
}

static void open_cases_come_in_the_order_of_their_numbers(void *context, const struct casefile *casefile)
{
	int64_t *last = context;

	assert_true(casefile->number > *last);
	assert_int_not_equal(casefile->state, STATE_closed);
	*last = casefile->number;
}

static void many_cases_are_counted_and_visited_in_order(void **unused)
{
	struct state *state = state_new();
	int64_t last = 0;
	char ref[16];

	(void)unused;
	for (int i = 1; i <= 3000; i++) {
		snprintf(ref, sizeof ref, "%d", i);
		apply(state, opened(i, ref, 1000 + i));
		if (i % 3 == 0)
			close_case(state, i, 1000 + i);
	}
	assert_int_equal(state_open_cases(state), 2000);
	state_each_open(state, open_cases_come_in_the_order_of_their_numbers, &last);
	assert_int_equal(last, 2999);
	state_free(state);
}

static void streams_and_names_are_kept_by_event_and_path(void **unused)
{
	struct state *state = state_new();
	struct record event = opened(1, "1", 1000);

	(void)unused;
	record_set(&event, stream, 41);
	apply(state, event);
	assert_int_equal(state_stream(state, EVENT_case_opened, state_interned(state, span_of("town/north"))), 41);
	assert_int_equal(state_stream(state, EVENT_case_closed, state_interned(state, span_of("town/north"))), 0);
	assert_int_equal(state_interned(state, span_of("nowhere")), 0);
	state_free(state);
}

static void mute(struct state *state, int64_t number, int64_t at, int64_t until)
{
	struct record event;

	record_clear(&event);
	record_set(&event, event, EVENT_mute_set);
	record_set(&event, at, at);
	record_set(&event, mute, number);
	record_set(&event, until, until);
	apply(state, event);
}

static void mutes_that_are_over_leave_memory_and_their_numbers_are_not_used_again(void **unused)
{
	struct state *state = state_new();

	(void)unused;
	mute(state, 1, 1000, 2000);
	mute(state, 2, 1100, 5000);
	mute(state, 3, 2000, 3000);
	assert_int_equal(state_mutes(state)->number, 2);
	assert_int_equal(state_mutes(state)->next->number, 3);
	assert_null(state_mutes(state)->next->next);
	assert_int_equal(state_next_mute(state), 4);
	state_free(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_opened_case_is_found_by_number_and_reference_and_waits_for_triage),
		cmocka_unit_test(a_unit_holds_a_case_from_dispatch_to_closing),
		cmocka_unit_test(closing_stops_every_clock_and_keeps_the_promise_to_be_read),
		cmocka_unit_test(reopening_starts_the_promise_where_it_was),
		cmocka_unit_test(closed_cases_are_forgotten_when_the_archive_has_their_last_event),
		cmocka_unit_test(a_merged_case_is_forgotten_when_the_archive_has_its_masters_closing),
		cmocka_unit_test(a_merged_case_whose_caller_is_to_be_called_stays_until_that_is_done),
		cmocka_unit_test(a_forgotten_case_comes_back_from_its_row),
		cmocka_unit_test(answered_requests_are_remembered_up_to_a_number_the_oldest_goes_first),
		cmocka_unit_test(many_cases_are_counted_and_visited_in_order),
		cmocka_unit_test(streams_and_names_are_kept_by_event_and_path),
		cmocka_unit_test(mutes_that_are_over_leave_memory_and_their_numbers_are_not_used_again),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
