/* The workers' loop against a daemon that the test plays: a ROUTER, real frames, real signs of life. The compiler of policies is
 * played too (policy_compile below): files named "good" are the tests' city, others do not compile. Nothing sleeps: the test waits
 * for frames. The worker runs in a thread of its own and is stopped through its pipe, as SIGTERM would. */
#include "workers/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "city.h"
#include "schema/codec.h"
#include "workers/triage.h"

#define PATIENCE_MS 5000

static struct {
	char folder[64], endpoint[96];
	void *context, *router;
	char peer[256]; /* routing id of the worker */
	size_t peer_len;
	struct buf frame, out; /* the frame being taken apart, the one being packed */
	struct span rest;
	struct record got;
	int stop[2];
	pthread_t thread;
	struct worker_job job;
	struct worker_options options;
	struct worker_counts counts;
	int status, compiled;
	bool running;
} play;

/* --- the parts that are played --- */

struct policy *policy_compile(const struct policy_file *files, size_t file_count, struct findings *findings)
{
	play.compiled++;
	if (file_count == 1 && span_is(files[0].name, "good"))
		return city_new();
	findings->rows = must_calloc(1, sizeof *findings->rows);
	findings->rows[0] = (struct finding){.file = span_dup(span_of("areas.csv")), .row = 3, .message = span_dup(span_of("区 has no parent"))};
	findings->count = findings->errors = 1;
	return NULL;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->rows[i].file);
		free(findings->rows[i].message);
	}
	free(findings->rows);
}

static void *prepare(const struct policy *policy)
{
	return triage_words(policy);
}

static void release(void *prepared)
{
	words_free(prepared);
}

/* Titles tell how long a decision takes. */
static int decide_slowly(const void *prepared, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	if (record_has(task, title) && span_is(task->title, "slow"))
		poll(NULL, 0, 120);
	return triage_decide(prepared, policy, task, scratch, ret_result);
}

static void *run(void *context)
{
	(void)context;
	play.status = worker_run(&play.job, &play.options, &play.counts);
	return NULL;
}

static void door_open(void)
{
	int linger = 0;

	play.router = zmq_socket(play.context, ZMQ_ROUTER);
	assert_non_null(play.router);
	zmq_setsockopt(play.router, ZMQ_LINGER, &linger, sizeof linger);
	assert_int_equal(zmq_bind(play.router, play.endpoint), 0);
}

static void worker_start(void)
{
	assert_int_equal(pipe(play.stop), 0);
	play.options.stop_fd = play.stop[0];
	assert_int_equal(pthread_create(&play.thread, NULL, run, NULL), 0);
	play.running = true;
}

/* What SIGTERM does. */
static void worker_stop(void)
{
	assert_int_equal(write(play.stop[1], "t", 1), 1);
}

static void worker_join(void)
{
	pthread_join(play.thread, NULL);
	close(play.stop[0]);
	close(play.stop[1]);
	play.running = false;
}

static int begin(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(play.folder, sizeof play.folder, "/tmp/reeve-worker-XXXXXX");
	assert_non_null(mkdtemp(play.folder));
	snprintf(play.endpoint, sizeof play.endpoint, "ipc://%s/work", play.folder);
	play.context = zmq_ctx_new();
	door_open();
	play.job = (struct worker_job){.task = TASK_triage, .program = "reeve-triage", .what = "", .care = {prepare, release}, .decide = decide_slowly};
	play.options = WORKER_OPTIONS_DEFAULT;
	play.options.endpoint = play.endpoint;
	play.options.name = "triage-1";
	play.options.credit = 8;
	play.options.retry_ms = 200;
	play.options.stop_ms = 50;
	return 0;
}

static int end(void **state)
{
	char path[128];

	(void)state;
	if (play.running) {
		worker_stop();
		worker_join();
	}
	if (play.router)
		zmq_close(play.router);
	zmq_ctx_term(play.context);
	buf_free(&play.frame);
	buf_free(&play.out);
	snprintf(path, sizeof path, "%s/work", play.folder);
	unlink(path);
	rmdir(play.folder);
	return 0;
}

/* --- hearing the worker --- */

static void frame_take(void)
{
	zmq_pollitem_t item = {.socket = play.router, .events = ZMQ_POLLIN};
	zmq_msg_t message;
	struct flaw flaw;
	size_t objects;

	if (zmq_poll(&item, 1, PATIENCE_MS) <= 0)
		fail_msg("the worker says nothing");
	int len = zmq_recv(play.router, play.peer, sizeof play.peer, 0);
	assert_true(len > 0);
	play.peer_len = (size_t)len;
	zmq_msg_init(&message);
	assert_true(zmq_msg_recv(&message, play.router, 0) > 0);
	assert_false(zmq_msg_more(&message));
	buf_clear(&play.frame);
	buf_add(&play.frame, zmq_msg_data(&message), zmq_msg_size(&message));
	zmq_msg_close(&message);
	play.rest = buf_span(&play.frame);
	/* What the daemon takes without any configuration. */
	assert_int_equal(frame_scan(play.rest, &FRAME_LIMITS_DEFAULT, &objects, &flaw), 0);
}

/* The next map the worker sent, checked as the daemon would. */
static struct record *hear_any(void)
{
	struct span map;
	struct flaw flaw;

	while (!frame_next(&play.rest, &map))
		frame_take();
	assert_int_equal(codec_read(map, &play.got, &flaw), 0);
	assert_int_equal(codec_check_command(&play.got, &flaw), 0);
	assert_int_equal(command_door(play.got.command) == DOOR_WORK || play.got.command == COMMAND_policy_read, true);
	return &play.got;
}

/* The next map that is no sign of life; it must be this command. */
static struct record *hear(enum command_kind command)
{
	struct record *got;

	do
		got = hear_any();
	while (got->command == COMMAND_credit && got->credit == 0 && command != COMMAND_credit);
	if (got->command != command)
		fail_msg("the worker says %s instead of %s", command_name(got->command), command_name((int)command));
	return got;
}

/* Nothing stands in the frame behind what was heard. */
static bool frame_ends(void)
{
	return play.rest.len == 0;
}

/* --- speaking to it --- */

static void say(const struct record *record)
{
	codec_write(&play.out, record, CODEC_NAMES);
}

static void send_bytes(const void *data, size_t len)
{
	assert_int_equal(zmq_send(play.router, play.peer, play.peer_len, ZMQ_SNDMORE), (int)play.peer_len);
	assert_int_equal(zmq_send(play.router, data, len, 0), (int)len);
}

static void send_out(void)
{
	send_bytes(play.out.data, play.out.len);
	buf_clear(&play.out);
}

static void say_task(int64_t number, int64_t policy, const char *title)
{
	static struct record task;

	record_clear(&task);
	record_set(&task, task, TASK_triage);
	record_set(&task, case_id, number);
	record_set(&task, fence, number * 10);
	record_set(&task, policy, policy);
	record_set(&task, title, span_of(title));
	record_set(&task, text, span_of("门口路灯不亮"));
	say(&task);
}

static struct record *reply_begin(enum command_kind command, enum error_kind error)
{
	static struct record reply;

	record_clear(&reply);
	record_set(&reply, reply, (uint8_t)command);
	if (error)
		record_set(&reply, error, (uint8_t)error);
	return &reply;
}

static void say_policy(int64_t version, const char *file)
{
	struct record *reply = reply_begin(COMMAND_policy_read, ERROR_none), row;
	struct list_writer writer;
	struct buf list = {0};

	record_clear(&row);
	record_set(&row, name, span_of(file));
	record_set(&row, content, span_of("x"));
	list_begin(&writer, &list, CODEC_NAMES);
	list_add(&writer, &row);
	record_set(reply, policy, version);
	record_set(reply, files, list_end(&writer));
	say(reply);
	buf_free(&list);
}

/* enlist and its reply; a policy of 0: none yet. */
static void welcome(int64_t policy, int64_t lease_ms)
{
	struct record *reply;

	hear(COMMAND_enlist);
	reply = reply_begin(COMMAND_enlist, ERROR_none);
	record_set(reply, lease_ms, lease_ms);
	if (policy)
		record_set(reply, policy, policy);
	say(reply);
	send_out();
}

/* A worker that has version 7. */
static void welcome_with_policy(int64_t lease_ms)
{
	welcome(7, lease_ms);
	assert_int_equal(hear(COMMAND_policy_read)->policy, 7);
	say_policy(7, "good");
	send_out();
}

static void expect_result(int64_t number)
{
	struct record *got = hear(COMMAND_triage_result);

	assert_int_equal(got->case_id, number);
	assert_int_equal(got->fence, number * 10);
	assert_string_equal(city_text(got->category), "LIGHT-OUT");
}

static void expect_credit(int64_t credit)
{
	assert_int_equal(hear(COMMAND_credit)->credit, credit);
}

/* One task there and back: the worker still works. */
static void expect_alive(int64_t number)
{
	say_task(number, 7, "");
	send_out();
	expect_result(number);
	expect_credit(1);
}

/* --- the stories --- */

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
	say(reply_begin(COMMAND_enlist, ERROR_none));
	send_out();
	expect_credit(0);
	say(reply_begin(COMMAND_credit, ERROR_none));
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
	say(reply_begin(COMMAND_enlist, ERROR_busy));
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
	say(reply);
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
	say(reply_begin(COMMAND_policy_read, ERROR_busy));
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
	welcome_with_policy(200);
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
	say(reply);
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
	say(reply_begin(COMMAND_triage_result, ERROR_stale));
	reply = reply_begin(COMMAND_triage_result, ERROR_unknown_area);
	record_set(reply, message, span_of("the policy has no such area"));
	say(reply);
	send_out();
	expect_alive(2);
	worker_stop();
	hear(COMMAND_drain);
	say(reply_begin(COMMAND_drain, ERROR_none));
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
	say(&odd);
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
	say(&task);
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
	say(reply_begin(COMMAND_credit, ERROR_not_permitted));
	send_out();
	welcome(7, 1000);
	expect_alive(1);
	struct record *reply = reply_begin(COMMAND_triage_result, ERROR_stale);
	record_set(reply, field, span_of("worker"));
	say(reply);
	say(reply);
	send_out();
	welcome(7, 1000);
	expect_alive(2);
	worker_stop();
	hear(COMMAND_drain);
	say(reply_begin(COMMAND_drain, ERROR_none));
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
	welcome_with_policy(200);
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
	say(reply_begin(COMMAND_drain, ERROR_none));
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
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
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
