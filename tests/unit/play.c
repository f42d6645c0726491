/* The played daemon of the workers' tests. The compiler of policies is played too (policy_compile below): files named "good" are the
 * tests' city, others do not compile. Every map the worker sends is checked as the daemon would check it. Nothing sleeps: the test
 * waits for frames, and fails when none comes within PATIENCE_MS. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "city.h"
#include "workers/triage.h"

struct play play;

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
		poll(NULL, 0, SLOW_MS);
	return triage_decide(prepared, policy, task, scratch, ret_result);
}

static void *run(void *context)
{
	(void)context;
	play.status = worker_run(&play.job, &play.options, &play.counts);
	return NULL;
}

void door_open(void)
{
	int linger = 0;

	play.router = zmq_socket(play.context, ZMQ_ROUTER);
	assert_non_null(play.router);
	zmq_setsockopt(play.router, ZMQ_LINGER, &linger, sizeof linger);
	assert_int_equal(zmq_bind(play.router, play.endpoint), 0);
}

void worker_start(void)
{
	assert_int_equal(pipe(play.stop), 0);
	play.options.stop_fd = play.stop[0];
	assert_int_equal(pthread_create(&play.thread, NULL, run, NULL), 0);
	play.running = true;
}

/* What SIGTERM does. */
void worker_stop(void)
{
	assert_int_equal(write(play.stop[1], "t", 1), 1);
}

void worker_join(void)
{
	pthread_join(play.thread, NULL);
	close(play.stop[0]);
	close(play.stop[1]);
	play.running = false;
}

int play_begin(void **state)
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
	play.options.retry_ms = 60000; /* no second asking, however slow the machine is */
	play.options.stop_ms = 50;
	return 0;
}

int play_end(void **state)
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
struct record *hear_any(void)
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

/* What a worker may say once more than it must, when the machine is slow. */
static bool may_repeat(const struct record *got)
{
	bool asks = got->command == COMMAND_enlist || got->command == COMMAND_policy_read;

	return (got->command == COMMAND_credit && got->credit == 0) || got->command == COMMAND_renew || (asks && play.options.retry_ms < PATIENCE_MS);
}

/* The next map but for repetitions; it must be this command. */
struct record *hear(enum command_kind command)
{
	struct record *got;

	do
		got = hear_any();
	while (got->command != (int)command && may_repeat(got));
	if (got->command != command)
		fail_msg("the worker says %s instead of %s", command_name(got->command), command_name((int)command));
	return got;
}

/* Nothing stands in the frame behind what was heard. */
bool frame_ends(void)
{
	return play.rest.len == 0;
}

/* --- speaking to it --- */

void say_record(const struct record *record)
{
	codec_write(&play.out, record, CODEC_NAMES);
}

void send_bytes(const void *data, size_t len)
{
	assert_int_equal(zmq_send(play.router, play.peer, play.peer_len, ZMQ_SNDMORE), (int)play.peer_len);
	assert_int_equal(zmq_send(play.router, data, len, 0), (int)len);
}

void send_out(void)
{
	send_bytes(play.out.data, play.out.len);
	buf_clear(&play.out);
}

void say_task(int64_t number, int64_t policy, const char *title)
{
	static struct record task;

	record_clear(&task);
	record_set(&task, task, TASK_triage);
	record_set(&task, case_id, number);
	record_set(&task, fence, number * 10);
	record_set(&task, policy, policy);
	record_set(&task, title, span_of(title));
	record_set(&task, text, span_of("门口路灯不亮"));
	say_record(&task);
}

struct record *reply_begin(enum command_kind command, enum error_kind error)
{
	static struct record reply;

	record_clear(&reply);
	record_set(&reply, reply, (uint8_t)command);
	if (error)
		record_set(&reply, error, (uint8_t)error);
	return &reply;
}

void say_policy(int64_t version, const char *file)
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
	say_record(reply);
	buf_free(&list);
}

/* enlist and its reply; a policy of 0: none yet. */
void welcome(int64_t policy, int64_t lease_ms)
{
	struct record *reply;

	hear(COMMAND_enlist);
	reply = reply_begin(COMMAND_enlist, ERROR_none);
	record_set(reply, lease_ms, lease_ms);
	if (policy)
		record_set(reply, policy, policy);
	say_record(reply);
	send_out();
}

/* A worker that has version 7. */
void welcome_with_policy(int64_t lease_ms)
{
	welcome(7, lease_ms);
	assert_int_equal(hear(COMMAND_policy_read)->policy, 7);
	say_policy(7, "good");
	send_out();
}

void expect_result(int64_t number)
{
	struct record *got = hear(COMMAND_triage_result);

	assert_int_equal(got->case_id, number);
	assert_int_equal(got->fence, number * 10);
	assert_string_equal(city_text(got->category), "LIGHT-OUT");
}

void expect_credit(int64_t credit)
{
	while (hear(COMMAND_credit)->credit == 0 && credit != 0)
		continue; /* a sign of life */
	assert_int_equal(play.got.credit, credit);
}

/* One task there and back: the worker still works. */
void expect_alive(int64_t number)
{
	say_task(number, 7, "");
	send_out();
	expect_result(number);
	expect_credit(1);
}
