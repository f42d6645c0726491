/* The pipeline against a played daemon that answers late, out of order, busy, and loses a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <pthread.h>
#include <zmq.h>

#include "clients/cli/sender.h"

#define COMMANDS 3000
#define WINDOW 128

static char endpoint[64];
static int answered[COMMANDS + 1], refused;

/* What the played daemon does. */
static int heard[COMMANDS + 1];
static bool lose_first;

static void reply_add(struct buf *out, const struct record *request)
{
	struct record reply;
	int number = atoi(request->source_ref.data);

	heard[number]++;
	record_clear(&reply);
	record_set(&reply, reply, COMMAND_submit);
	record_set(&reply, request, request->request);
	if (number % 97 == 0 && heard[number] < 3) {
		record_set(&reply, error, ERROR_busy);
		record_set(&reply, retry_after_ms, 5);
	} else if (number % 50 == 1) {
		record_set(&reply, error, ERROR_unknown_area);
	} else {
		record_set(&reply, case_id, number);
	}
	codec_write(out, &reply, CODEC_NAMES);
}

/* Answers the commands of a frame in reverse. */
static void frame_answer(void *socket, struct span peer, struct span frame)
{
	struct buf out = {0};
	struct record requests[64];
	struct span map;
	struct flaw flaw;
	size_t count = 0;

	while (frame_next(&frame, &map)) {
		record_clear(&requests[count]);
		assert_int_equal(codec_read(map, &requests[count++], &flaw), 0);
	}
	while (count > 0)
		reply_add(&out, &requests[--count]);
	zmq_send(socket, peer.data, peer.len, ZMQ_SNDMORE);
	zmq_send(socket, out.data, out.len, 0);
	buf_free(&out);
}

static void frame_lose(struct span frame)
{
	struct record request;
	struct span map;
	struct flaw flaw;

	while (frame_next(&frame, &map)) {
		record_clear(&request);
		assert_int_equal(codec_read(map, &request, &flaw), 0);
		heard[atoi(request.source_ref.data)]++;
	}
}

static void *socket_bind(void *context)
{
	void *socket = zmq_socket(context, ZMQ_ROUTER);
	int linger = 0;

	zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
	assert_int_equal(zmq_bind(socket, endpoint), 0);
	return socket;
}

static void *daemon_play(void *context)
{
	static char frame[1 << 20], peer[256];
	void *socket = socket_bind(context);
	int frames = 0;

	for (;;) {
		int peer_len = zmq_recv(socket, peer, sizeof peer, 0);
		if (peer_len < 0)
			break;
		int len = zmq_recv(socket, frame, sizeof frame, 0);
		struct frame_limits limits = FRAME_LIMITS_DEFAULT;
		struct flaw flaw;
		size_t objects;
		assert_int_equal(frame_scan((struct span){frame, (size_t)len}, &limits, &objects, &flaw), 0);
		if (lose_first && ++frames == 5) {
			/* It dies with a frame in its hands and comes back. */
			frame_lose((struct span){frame, (size_t)len});
			zmq_close(socket);
			socket = socket_bind(context);
			continue;
		}
		frame_answer(socket, (struct span){peer, (size_t)peer_len}, (struct span){frame, (size_t)len});
	}
	zmq_close(socket);
	return NULL;
}

static void count_answer(void *context, int64_t tag, const struct record *reply)
{
	(void)context;
	answered[tag]++;
	refused += record_has(reply, error);
}

static void run(bool lose)
{
	struct cli cli = {.service = endpoint, .actor = "test", .timeout_ms = 20000, .run = "0123456789abcdef"};
	struct sender_plan plan = {.frame_commands = 16, .window = WINDOW, .give_up_ms = 20000, .answered = count_answer};
	void *context = zmq_ctx_new();
	pthread_t thread;

	memset(answered, 0, sizeof answered);
	memset(heard, 0, sizeof heard);
	refused = 0;
	lose_first = lose;
	pthread_create(&thread, NULL, daemon_play, context);
	struct sender *sender = sender_open(&cli, &plan);
	for (int i = 1; i <= COMMANDS; i++) {
		struct record command;
		char ref[16];
		snprintf(ref, sizeof ref, "%d", i);
		record_clear(&command);
		record_set(&command, command, COMMAND_submit);
		record_set(&command, source, span_of("s"));
		record_set(&command, source_ref, span_of(ref));
		record_set(&command, text, span_of("x"));
		assert_int_equal(sender_add(sender, &command, i), DONE);
		assert_true(sender_waiting(sender) <= WINDOW);
		assert_true(sender_lowest(sender) <= i || sender_waiting(sender) == 0);
	}
	assert_int_equal(sender_finish(sender), DONE);
	assert_int_equal(sender_lowest(sender), INT64_MAX);
	sender_close(sender);
	connection_close(cli.connection);
	zmq_ctx_shutdown(context);
	pthread_join(thread, NULL);
	zmq_ctx_term(context);
	for (int i = 1; i <= COMMANDS; i++)
		if (answered[i] != 1)
			fail_msg("command %d was answered %d times", i, answered[i]);
	assert_int_equal(refused, COMMANDS / 50);
}

static void test_every_command_is_answered_once(void **state)
{
	(void)state;
	run(false);
	assert_int_equal(heard[1], 1);
	assert_int_equal(heard[97], 3);
}

static void test_a_lost_connection_loses_nothing(void **state)
{
	int again = 0;

	(void)state;
	run(true);
	for (int i = 1; i <= COMMANDS; i++)
		again += heard[i] > 1 && i % 97 != 0;
	assert_true(again > 0);
}

static void test_nobody_there(void **state)
{
	struct cli cli = {.service = "ipc:///tmp/reeve-nobody-is-here", .actor = "test", .timeout_ms = 50, .run = "0123456789abcdef"};
	struct sender_plan plan = {.frame_commands = 16, .window = WINDOW, .give_up_ms = 50, .answered = count_answer};
	struct sender *sender = sender_open(&cli, &plan);
	struct record command;

	(void)state;
	record_clear(&command);
	record_set(&command, command, COMMAND_status);
	assert_int_equal(sender_add(sender, &command, 1), DONE);
	assert_int_equal(sender_finish(sender), NO_DAEMON);
	sender_close(sender);
	connection_close(cli.connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_is_answered_once), cmocka_unit_test(test_a_lost_connection_loses_nothing), cmocka_unit_test(test_nobody_there),
	};

	snprintf(endpoint, sizeof endpoint, "ipc:///tmp/reeve-sender-%d", (int)getpid());
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(endpoint + strlen("ipc://"));
	return failed;
}
