/* The loop with real ZeroMQ sockets over ipc, and an engine that echoes (net_stage.h). What is checked is the transport: who gets which answer,
 * what a flood, a slow reader and a broken message do, and how it ends. */
#include "net_stage.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "net/endpoint.h"

static void replies_reach_the_peer_that_asked_on_its_door(void **state)
{
	struct stage *stage = *state;

	stage_run(stage);
	void *a = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	void *b = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	void *c = peer_open(stage, ZMQ_DEALER, stage->settings.doors_work);
	say(a, "from a");
	say(b, "from b");
	say(c, "from c");
	say(a, "again a");
	expect(c, "from c");
	expect(b, "from b");
	expect(a, "from a");
	expect(a, "again a");
	zmq_close(a);
	zmq_close(b);
	zmq_close(c);
}

static void a_req_client_with_its_delimiter_is_answered(void **state)
{
	struct stage *stage = *state;

	stage_run(stage);
	void *req = peer_open(stage, ZMQ_REQ, stage->settings.doors_service);
	void *plain = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	for (int i = 0; i < 3; i++) {
		say(req, "hello");
		say(plain, "plain");
		expect(req, "hello");
		expect(plain, "plain");
	}
	zmq_close(req);
	zmq_close(plain);
}

/* A peer that is answered, and from then on the engine stands still, until what others send is on its way. */
static void *peer_at_the_gate(struct stage *stage)
{
	void *other = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);

	say(other, "warm");
	expect(other, "warm");
	say(other, "gate");
	return other;
}

static void others_are_served_while_one_peer_floods(void **state)
{
	struct stage *stage = *state;
	enum { FLOOD = 30000 };
	char heard[32] = "";

	stage_run(stage);
	void *flood = peer_open_limited(stage, ZMQ_DEALER, stage->settings.doors_service, ZMQ_SNDHWM, 0);
	void *other = peer_at_the_gate(stage);
	for (int i = 0; i < FLOOD; i++)
		say(flood, "flood");
	say(other, "floods");
	sem_post(&stage->engine.gate);
	expect(other, "gate");
	int len = zmq_recv(other, heard, sizeof heard - 1, 0);
	assert_true(len > 0);
	heard[len] = 0;
	/* Fair queueing: the other's question did not wait for the whole flood ... */
	assert_true(atoi(heard) < FLOOD);
	/* ... of which nothing is lost. */
	expect_in_time(other, "floods", "30000");
	zmq_close(flood);
	zmq_close(other);
}

/* Who sends on over its credit is left waiting at the door, two messages in a turn and one between others'; nothing of it is lost. */
static void a_peer_over_its_credit_has_to_wait(void **state)
{
	struct stage *stage = *state;

	stage_run(stage);
	void *over = peer_open_limited(stage, ZMQ_DEALER, stage->settings.doors_service, ZMQ_SNDHWM, 0);
	say(over, "warm");
	expect(over, "warm");
	void *other = peer_at_the_gate(stage);
	for (int i = 0; i < 1000; i++)
		say(over, "over");
	for (int i = 0; i < 3; i++)
		say(other, "hello");
	sem_post(&stage->engine.gate);
	expect(other, "gate");
	for (int i = 0; i < 3; i++)
		expect(other, "hello");
	expect_in_time(other, "overs", "1000, few in a turn");
	zmq_close(over);
	zmq_close(other);
}

/* A connection that speaks ZMTP by hand: a heartbeat stands wherever the test puts it. */
static int bare_connect(const char *endpoint)
{
	static const char greeting[64] = "\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00NULL", ready[] = "\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06" "DEALER";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char heard[128];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", endpoint_path(endpoint));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(write(fd, greeting, sizeof greeting), sizeof greeting);
	assert_int_equal(recv(fd, heard, sizeof greeting, MSG_WAITALL), sizeof greeting);
	assert_int_equal(write(fd, ready, sizeof ready - 1), sizeof ready - 1);
	assert_true(read(fd, heard, sizeof heard) > 0);
	return fd;
}

/* libzmq 4.3.4 ends the process when a heartbeat stands behind a message that its full queue had no room for, and the peer has gone meanwhile. */
static void a_peer_that_goes_with_a_full_queue_ends_nothing(void **state)
{
	static const char flood[] = "\0\5flood", ping[] = "\x04\7\4PING\0\0";
	struct stage *stage = *state;

	stage_run(stage);
	int bare = bare_connect(stage->settings.doors_service);
	void *other = peer_at_the_gate(stage);
	poll(NULL, 0, 50);
	for (int i = 0; i < 100; i++)
		assert_int_equal(write(bare, flood, sizeof flood - 1), sizeof flood - 1);
	assert_int_equal(write(bare, ping, sizeof ping - 1), sizeof ping - 1);
	poll(NULL, 0, 50);
	close(bare);
	poll(NULL, 0, 50);
	sem_post(&stage->engine.gate);
	expect(other, "gate");
	for (int i = 0; i < 20; i++) {
		say(other, "still here");
		expect(other, "still here");
		poll(NULL, 0, 5);
	}
	/* Everything that it had sent was read. */
	expect_in_time(other, "floods", "100");
	zmq_close(other);
}

static void broken_messages_are_refused_and_the_connection_stays_usable(void **state)
{
	struct stage *stage = *state;

	stage->settings.limits_frame_bytes = 1024;
	stage_run(stage);
	void *peer = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	char *large = must_calloc(1, 4096);
	assert_int_equal(zmq_send(peer, large, 1024, 0), 1024);
	assert_int_equal(zmq_recv(peer, large, 4096, 0), 1024);
	assert_int_equal(zmq_send(peer, large, 1025, 0), 1025);
	expect(peer, "oversized");
	assert_int_equal(zmq_send(peer, large, 4096, 0), 4096);
	expect(peer, "oversized");
	for (int frames = 2; frames < 6; frames++) {
		for (int i = 1; i < frames; i++)
			assert_int_equal(zmq_send(peer, "x", 1, ZMQ_SNDMORE), 1);
		say(peer, "x");
		expect(peer, "malformed");
	}
	say(peer, "still here");
	expect(peer, "still here");
	zmq_close(peer);
	free(large);
}

static void first_and_last_subscription_to_a_prefix_are_reported(void **state)
{
	struct stage *stage = *state;

	stage_run(stage);
	void *asks = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	void *one = peer_open(stage, ZMQ_SUB, stage->settings.doors_feed);
	void *two = peer_open(stage, ZMQ_SUB, stage->settings.doors_feed);
	zmq_setsockopt(one, ZMQ_SUBSCRIBE, "case_opened/1/", 14);
	expect_in_time(asks, "known", "case_opened/1/ gone=0 reloads=0");
	zmq_setsockopt(two, ZMQ_SUBSCRIBE, "case_opened/1/", 14);
	zmq_setsockopt(two, ZMQ_SUBSCRIBE, "clock", 5);
	expect_in_time(asks, "known", "case_opened/1/ clock gone=0 reloads=0");
	say(asks, "publish case_opened/1/2/");
	expect(asks, "published");
	say(asks, "publish case_opened/2/");
	expect(asks, "published");
	say(asks, "publish clock_breached/1/");
	expect(asks, "published");
	expect(one, "case_opened/1/2/");
	expect(one, "news");
	expect(two, "case_opened/1/2/");
	expect(two, "news");
	expect(two, "clock_breached/1/");
	expect(two, "news");
	zmq_close(one);
	zmq_close(two);
	expect_in_time(asks, "known", "gone=0 reloads=0");
	zmq_close(asks);
}

static void answers_that_do_not_fit_wait_and_keep_their_order(void **state)
{
	struct stage *stage = *state;
	char heard[2048], number[16];
	enum { COUNT = 6000 };

	stage_run(stage);
	void *slow = peer_open_limited(stage, ZMQ_DEALER, stage->settings.doors_service, ZMQ_RCVHWM, 10);
	void *other = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	say(slow, "burst 6000 1000");
	say(slow, "last");
	for (int i = 0; i < 20; i++) {
		say(other, "meanwhile");
		expect(other, "meanwhile");
	}
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(zmq_recv(slow, heard, sizeof heard, 0), 1000);
		snprintf(number, sizeof number, "%08d", i);
		assert_memory_equal(heard, number, 8);
	}
	expect(slow, "last");
	say(other, "known");
	expect(other, "gone=0 reloads=0");
	zmq_close(slow);
	zmq_close(other);
}

static void a_peer_that_never_reads_is_given_up_and_others_are_served(void **state)
{
	struct stage *stage = *state;

	stage->settings.limits_peer_bytes = 1 << 20;
	log_set_level(LOG_LEVEL_ERROR);
	stage_run(stage);
	void *never = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	void *other = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	for (int i = 0; i < 10; i++)
		say(never, "burst 2000 10000");
	for (int i = 0; i < 2000; i++) {
		char heard[64] = "";
		say(other, "known");
		assert_true(zmq_recv(other, heard, sizeof heard - 1, 0) > 0);
		if (strncmp(heard, "gone=0", 6) != 0)
			break;
		assert_true(i < 1999);
	}
	zmq_close(never);
	zmq_close(other);
}

static void a_peer_that_is_gone_is_reported_once_its_answer_is_due(void **state)
{
	struct stage *stage = *state;

	stage_run(stage);
	void *leaves = peer_open(stage, ZMQ_DEALER, stage->settings.doors_work);
	void *asks = peer_open(stage, ZMQ_DEALER, stage->settings.doors_work);
	say(leaves, "keep");
	say(leaves, "x");
	expect(leaves, "x");
	zmq_close(leaves);
	/* libzmq notices the end of a connection in its own time; until then what is sent to it is lost without a word. */
	char heard[64] = "gone=0";
	for (int i = 0; i < 2000 && strncmp(heard, "gone=0", 6) == 0; i++) {
		say(asks, "poke");
		expect(asks, "poke");
		say(asks, "known");
		assert_true(zmq_recv(asks, heard, sizeof heard - 1, 0) > 0);
		poll(NULL, 0, 2);
	}
	assert_true(strncmp(heard, "gone=0", 6) != 0);
	zmq_close(asks);
}

static void a_fault_ends_the_loop_and_nothing_of_that_round_is_sent(void **state)
{
	struct stage *stage = *state;
	char heard[16];

	log_set_level(LOG_LEVEL_ERROR + 1);
	stage_run(stage);
	void *peer = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	say(peer, "before");
	expect(peer, "before");
	say(peer, "fault");
	pthread_join(stage->thread, NULL);
	stage->running = false;
	assert_int_equal(stage->result, -1);
	stage_end(stage);
	int wait_ms = 50;
	zmq_setsockopt(peer, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
	assert_int_equal(zmq_recv(peer, heard, sizeof heard, 0), -1);
	zmq_close(peer);
	log_set_level(LOG_LEVEL_ERROR);
}

static void a_hangup_reaches_the_engine_and_a_terminate_ends_with_success(void **state)
{
	struct stage *stage = *state;

	stage_run(stage);
	void *peer = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	say(peer, "x");
	expect(peer, "x");
	pthread_kill(stage->thread, SIGHUP);
	expect_in_time(peer, "known", "gone=0 reloads=1");
	zmq_close(peer);
	assert_int_equal(stage_end(stage), 0);
	assert_true(stage->engine.stopping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STAGE(replies_reach_the_peer_that_asked_on_its_door),
		WITH_STAGE(a_req_client_with_its_delimiter_is_answered),
		WITH_STAGE(others_are_served_while_one_peer_floods),
		WITH_STAGE(a_peer_over_its_credit_has_to_wait),
		WITH_STAGE(a_peer_that_goes_with_a_full_queue_ends_nothing),
		WITH_STAGE(broken_messages_are_refused_and_the_connection_stays_usable),
		WITH_STAGE(first_and_last_subscription_to_a_prefix_are_reported),
		WITH_STAGE(answers_that_do_not_fit_wait_and_keep_their_order),
		WITH_STAGE(a_peer_that_never_reads_is_given_up_and_others_are_served),
		WITH_STAGE(a_peer_that_is_gone_is_reported_once_its_answer_is_due),
		WITH_STAGE(a_fault_ends_the_loop_and_nothing_of_that_round_is_sent),
		WITH_STAGE(a_hangup_reaches_the_engine_and_a_terminate_ends_with_success),
	};

	log_set_level(LOG_LEVEL_ERROR);
	setenv("CMOCKA_TEST_ABORT", "1", 1); /* a test that fails leaves sockets open, and ending their context would wait for them for ever */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
