/* The workers' loop against a daemon that the test plays (play.c): the conversation of the work door, and what a worker survives. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "city.h"

static void enlists_and_gives_signs_of_life(void **state)
{
	struct record *got;

	(void)state;
	play.options.idle_ms = 50;
	worker_start();
	got = hear(COMMAND_enlist);
	assert_string_equal(city_text(got->worker), "triage-1");
	assert_int_equal(got->task, TASK_triage);
	assert_int_equal(got->credit, 8);
	assert_int_equal(got->pid, getpid());
	assert_true(record_has(got, request));
	assert_true(frame_ends());
	say_record(reply_begin(COMMAND_enlist, ERROR_none));
	send_out();
	expect_credit(0);
	say_record(reply_begin(COMMAND_credit, ERROR_none));
	send_out();
	expect_credit(0);
}

static void unanswered_enlisting_is_repeated(void **state)
{
	(void)state;
	play.options.retry_ms = 50;
	worker_start();
	hear(COMMAND_enlist);
	hear(COMMAND_enlist);
	say_record(reply_begin(COMMAND_enlist, ERROR_busy));
	send_out();
	welcome_with_policy(1000);
	expect_alive(1);
}

static void batch_is_answered_in_one_frame(void **state)
{
	(void)state;
	worker_start();
	welcome_with_policy(1000);
	for (int64_t number = 1; number <= 5; number++)
		say_task(number, 7, "");
	send_out();
	for (int64_t number = 1; number <= 5; number++)
		expect_result(number);
	assert_false(frame_ends());
	expect_credit(5);
	assert_true(frame_ends());
	assert_int_equal(play.compiled, 1);
}

static void unknown_version_is_fetched_once_while_tasks_wait(void **state)
{
	struct record *got;
	char request[65];

	(void)state;
	play.options.retry_ms = 2000;
	worker_start();
	welcome(0, 60000);
	say_task(1, 9, "");
	say_task(2, 9, "");
	send_out();
	got = hear(COMMAND_policy_read);
	assert_int_equal(got->policy, 9);
	snprintf(request, sizeof request, "%s", city_text(got->request));
	assert_true(frame_ends());
	say_task(3, 9, "");
	say_policy(9, "good");
	send_out();
	expect_result(1);
	expect_result(2);
	expect_result(3);
	expect_credit(3);
	assert_memory_equal(request, "policy-9-", 9);
}

static void older_version_is_kept_beside_the_newer(void **state)
{
	(void)state;
	worker_start();
	welcome_with_policy(1000);
	say_task(1, 8, "");
	send_out();
	hear(COMMAND_policy_read);
	say_policy(8, "good");
	say_task(2, 7, "");
	say_task(3, 8, "");
	send_out();
	expect_result(1);
	expect_result(2);
	expect_result(3);
	expect_credit(3);
	assert_int_equal(play.compiled, 2);
}

static void policy_that_does_not_compile_fails_its_tasks(void **state)
{
	struct record *got;

	(void)state;
	worker_start();
	welcome(0, 1000);
	say_task(1, 4, "");
	send_out();
	hear(COMMAND_policy_read);
	say_policy(4, "bad");
	say_task(2, 4, "");
	send_out();
	for (int64_t number = 1; number <= 2; number++) {
		got = hear(COMMAND_fail);
		assert_int_equal(got->case_id, number);
		assert_int_equal(got->task, TASK_triage);
		assert_string_equal(city_text(got->reason), "this worker cannot compile version 4 of the policy: areas.csv:3: 区 has no parent");
	}
	expect_credit(2);
	assert_int_equal(play.compiled, 1);
}

static void version_the_daemon_does_not_have_fails_its_tasks(void **state)
{
	struct record *reply;
	struct span request;
	char kept[65];

	(void)state;
	worker_start();
	welcome(0, 1000);
	say_task(1, 5, "");
	send_out();
	request = hear(COMMAND_policy_read)->request;
	snprintf(kept, sizeof kept, "%s", city_text(request));
	reply = reply_begin(COMMAND_policy_read, ERROR_unknown_policy);
	record_set(reply, request, span_of(kept));
	say_record(reply);
	send_out();
	assert_int_equal(hear(COMMAND_fail)->case_id, 1);
	expect_credit(1);
}

static void busy_policy_is_asked_for_again(void **state)
{
	(void)state;
	play.options.retry_ms = 50;
	worker_start();
	welcome(0, 60000);
	say_task(1, 7, "");
	send_out();
	hear(COMMAND_policy_read);
	say_record(reply_begin(COMMAND_policy_read, ERROR_busy));
	send_out();
	hear(COMMAND_policy_read);
	say_policy(7, "good");
	send_out();
	expect_result(1);
}

static void waiting_tasks_keep_their_leases(void **state)
{
	struct record *got;

	(void)state;
	play.options.retry_ms = 60000;
	worker_start();
	welcome(0, 100);
	say_task(1, 7, "");
	say_task(2, 7, "");
	send_out();
	hear(COMMAND_policy_read);
	for (int64_t round = 0; round < 2; round++) {
		for (int64_t number = 1; number <= 2; number++) {
			got = hear(COMMAND_renew);
			assert_int_equal(got->task, TASK_triage);
			assert_int_equal(got->case_id, number);
			assert_int_equal(got->fence, number * 10);
		}
	}
}

static void tasks_behind_a_slow_one_keep_their_leases(void **state)
{
	(void)state;
	worker_start();
	welcome_with_policy(SLOW_LEASE_MS);
	say_task(1, 7, "slow");
	say_task(2, 7, "");
	say_task(3, 7, "");
	send_out();
	expect_result(1);
	assert_int_equal(hear(COMMAND_renew)->case_id, 2);
	assert_int_equal(hear(COMMAND_renew)->case_id, 3);
	expect_credit(1);
	expect_result(2);
	expect_result(3);
	expect_credit(2);
}

static void newer_policy_is_fetched_before_its_first_task(void **state)
{
	struct record *reply;

	(void)state;
	worker_start();
	welcome_with_policy(1000);
	expect_alive(1);
	reply = reply_begin(COMMAND_credit, ERROR_none);
	record_set(reply, policy, 8);
	say_record(reply);
	send_out();
	assert_int_equal(hear(COMMAND_policy_read)->policy, 8);
}

static void refusals_are_counted_and_survived(void **state)
{
	struct record *reply;

	(void)state;
	worker_start();
	welcome_with_policy(1000);
	expect_alive(1);
	say_record(reply_begin(COMMAND_triage_result, ERROR_stale));
	reply = reply_begin(COMMAND_triage_result, ERROR_unknown_area);
	record_set(reply, message, span_of("the policy has no such area"));
	say_record(reply);
	send_out();
	expect_alive(2);
	worker_stop();
	hear(COMMAND_drain);
	say_record(reply_begin(COMMAND_drain, ERROR_none));
	send_out();
	worker_join();
	assert_int_equal(play.counts.stale, 1);
	assert_int_equal(play.counts.refused, 1);
	assert_int_equal(play.counts.decided, 2);
	assert_int_equal(play.counts.enlisted, 1);
}

static void rubbish_is_survived(void **state)
{
	static const unsigned char bomb[] = {0xdd, 0x0f, 0xff, 0xff, 0xff};
	static struct record odd;

	(void)state;
	worker_start();
	welcome_with_policy(1000);
	send_bytes(bomb, sizeof bomb);
	send_bytes("\x93\x01\x02\x03", 4);
	send_bytes("", 0);
	send_bytes("\x80", 1);
	send_bytes("\x81\xa4task\xa5" "dance", 12);
	record_clear(&odd);
	record_set(&odd, task, TASK_triage);
	say_record(&odd);
	send_out();
	say_task(1, 7, "");
	send_out();
	int64_t credit = 0;
	bool answered = false;
	while (!answered || credit < 2) {
		struct record *got = hear_any();
		answered = answered || got->command == COMMAND_triage_result;
		credit += got->command == COMMAND_credit ? got->credit : 0;
	}
	expect_alive(2);
}

static void other_kind_of_task_fails(void **state)
{
	static struct record task;
	struct record *got;

	(void)state;
	worker_start();
	welcome_with_policy(1000);
	record_clear(&task);
	record_set(&task, task, TASK_escalate);
	record_set(&task, case_id, 3);
	record_set(&task, fence, 4);
	record_set(&task, clock, CLOCK_sign);
	say_record(&task);
	say_task(5, 0, "");
	send_out();
	got = hear(COMMAND_fail);
	assert_int_equal(got->task, TASK_escalate);
	assert_int_equal(got->clock, CLOCK_sign);
	assert_string_equal(city_text(got->reason), "this worker does another kind of task");
	got = hear(COMMAND_fail);
	assert_string_equal(city_text(got->reason), "the task names no version of the policy");
	expect_credit(2);
}

static void silent_daemon_is_told_again(void **state)
{
	(void)state;
	play.options.idle_ms = 40;
	play.options.silence_ms = 150;
	worker_start();
	welcome(0, 1000);
	hear(COMMAND_enlist);
}

static void daemon_that_forgot_is_told_again(void **state)
{
	(void)state;
	play.options.idle_ms = 40;
	worker_start();
	welcome_with_policy(1000);
	expect_credit(0);
	say_record(reply_begin(COMMAND_credit, ERROR_not_permitted));
	send_out();
	welcome(7, 1000);
	expect_alive(1);
	struct record *reply = reply_begin(COMMAND_triage_result, ERROR_stale);
	record_set(reply, field, span_of("worker"));
	say_record(reply);
	say_record(reply);
	send_out();
	welcome(7, 1000);
	expect_alive(2);
	worker_stop();
	hear(COMMAND_drain);
	say_record(reply_begin(COMMAND_drain, ERROR_none));
	send_out();
	worker_join();
	assert_int_equal(play.counts.enlisted, 3);
	assert_int_equal(play.counts.fetched, 1);
	assert_int_equal(play.counts.stale, 0);
}

static void restarted_daemon_is_found_again(void **state)
{
	(void)state;
	worker_start();
	welcome(0, 60000);
	say_task(1, 7, "");
	send_out();
	hear(COMMAND_policy_read);
	zmq_close(play.router);
	play.rest = (struct span){0};
	door_open();
	welcome_with_policy(60000);
	expect_alive(2);
	assert_true(frame_ends());
}

/* The renewal shows that the first slow task is done and the second one under way; the last two come while it lasts. */
static void leaving_finishes_what_came(void **state)
{
	int results = 0;

	(void)state;
	play.options.stop_ms = PATIENCE_MS;
	worker_start();
	welcome_with_policy(SLOW_LEASE_MS);
	say_task(1, 7, "slow");
	say_task(2, 7, "slow");
	send_out();
	expect_result(1);
	assert_int_equal(hear(COMMAND_renew)->case_id, 2);
	say_task(3, 7, "");
	say_task(4, 7, "");
	send_out();
	worker_stop();
	expect_credit(1);
	while (hear_any()->command != COMMAND_drain)
		results += play.got.command == COMMAND_triage_result;
	assert_int_equal(results, 3);
	say_record(reply_begin(COMMAND_drain, ERROR_none));
	send_out();
	worker_join();
	assert_int_equal(play.status, 0);
	assert_int_equal(play.counts.decided, 4);
}

static void leaving_does_not_wait_for_ever(void **state)
{
	(void)state;
	play.options.stop_ms = 50;
	worker_start();
	welcome(0, 1000);
	say_task(1, 7, "");
	send_out();
	hear(COMMAND_policy_read);
	worker_stop();
	hear(COMMAND_drain);
	worker_join();
	assert_int_equal(play.status, 0);
}

static void leaving_without_a_daemon(void **state)
{
	(void)state;
	zmq_close(play.router);
	play.router = NULL;
	worker_start();
	worker_stop();
	worker_join();
	assert_int_equal(play.status, 0);
}

static void bad_endpoint_is_an_error(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	play.options.endpoint = "nonsense";
	worker_start();
	worker_join();
	assert_int_equal(play.status, 1);
}

static void thousands_of_tasks_come_back_in_bounded_frames(void **state)
{
	const int64_t total = 5000;
	int64_t results = 0, credit = 0;

	(void)state;
	worker_start();
	welcome_with_policy(60000);
	for (int64_t number = 1; number <= total; number++) {
		say_task(number, 7, "");
		if (number % 1000 == 0)
			send_out();
	}
	while (credit < total) {
		struct record *got = hear_any();
		results += got->command == COMMAND_triage_result;
		credit += got->command == COMMAND_credit ? got->credit : 0;
		assert_true(play.frame.len < 128 * 1024);
	}
	assert_int_equal(results, total);
	assert_int_equal(credit, total);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, play_begin, play_end)
	const struct CMUnitTest tests[] = {
		TEST(enlists_and_gives_signs_of_life), TEST(unanswered_enlisting_is_repeated), TEST(batch_is_answered_in_one_frame),
		TEST(unknown_version_is_fetched_once_while_tasks_wait), TEST(older_version_is_kept_beside_the_newer),
		TEST(policy_that_does_not_compile_fails_its_tasks), TEST(version_the_daemon_does_not_have_fails_its_tasks), TEST(busy_policy_is_asked_for_again),
		TEST(waiting_tasks_keep_their_leases), TEST(tasks_behind_a_slow_one_keep_their_leases), TEST(newer_policy_is_fetched_before_its_first_task), TEST(refusals_are_counted_and_survived),
		TEST(rubbish_is_survived), TEST(other_kind_of_task_fails), TEST(silent_daemon_is_told_again), TEST(daemon_that_forgot_is_told_again),
		TEST(restarted_daemon_is_found_again), TEST(leaving_finishes_what_came), TEST(leaving_does_not_wait_for_ever), TEST(leaving_without_a_daemon),
		TEST(bad_endpoint_is_an_error), TEST(thousands_of_tasks_come_back_in_bounded_frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
