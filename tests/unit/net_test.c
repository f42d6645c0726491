/* The loop with real ZeroMQ sockets over ipc, and an engine of a page in place of the real one: it echoes. What is checked is
 * the transport: who gets which answer, what a flood, a slow reader and a broken message do, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "base/log.h"
#include "net/bind.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/backlog.h"
#include "net/timekeeper.h"

/* The engine. Payloads it knows:
 *   burst N SIZE   N answers of SIZE bytes, each beginning with its number
 *   keep           no answer now, but one at each poke
 *   gate           the engine stands still until the test posts the gate
 *   publish TOPIC  on the feed
 *   known          the subscribed prefixes, how many peers were reported gone, and how often settings were read again
 *   fault          the next turn fails
 * and it echoes everything else. */

struct sent {
	struct sent *next;
	struct engine_output output;
	char bytes[];
};

struct engine {
	struct sent *first, **last; /* made since the last turn */
	struct sent *out;           /* committed */
	struct sent *given;         /* lives until the next call */
	struct buf kept;            /* a peer */
	sem_t gate;
	char prefixes[8][64];
	int gone, reloads;
	bool faulty, stopping;
	int64_t received, received_by_flood;
};

static void sent_add(struct sent **list, enum door door, struct span peer, struct span topic, struct span payload)
{
	struct sent *made = must_calloc(1, sizeof *made + peer.len + topic.len + payload.len + 1);
	char *at = made->bytes;

	made->output.door = door;
	made->output.peer = (struct span){at, peer.len};
	made->output.topic = (struct span){at + peer.len, topic.len};
	made->output.payload = (struct span){at + peer.len + topic.len, payload.len};
	memcpy(at, peer.data ? peer.data : "", peer.len);
	memcpy(at + peer.len, topic.data ? topic.data : "", topic.len);
	memcpy(at + peer.len + topic.len, payload.data ? payload.data : "", payload.len);
	made->next = *list;
	*list = made;
}

static void answer(struct engine *engine, enum door door, struct span peer, struct span payload)
{
	sent_add(engine->last, door, peer, (struct span){0}, payload);
	engine->last = &(*engine->last)->next;
}

static void sent_free(struct sent **list)
{
	while (*list) {
		struct sent *next = (*list)->next;
		free(*list);
		*list = next;
	}
}

static void answer_burst(struct engine *engine, enum door door, struct span peer, int count, size_t size)
{
	char *text = must_calloc(1, size + 32);

	memset(text, '.', size);
	for (int i = 0; i < count; i++) {
		text[snprintf(text, 32, "%08d", i)] = ' ';
		answer(engine, door, peer, (struct span){text, size});
	}
	free(text);
}

static void answer_known(struct engine *engine, enum door door, struct span peer)
{
	char text[700] = "";

	for (int i = 0; i < 8; i++) {
		if (engine->prefixes[i][0])
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", engine->prefixes[i]);
	}
	snprintf(text + strlen(text), sizeof text - strlen(text), "gone=%d reloads=%d", engine->gone, engine->reloads);
	answer(engine, door, peer, span_of(text));
}

void engine_receive(struct engine *engine, enum door door, struct span peer, struct span frame)
{
	char text[128];
	int count, size;

	snprintf(text, sizeof text, "%.*s", (int)(frame.len < 100 ? frame.len : 100), frame.data ? frame.data : "");
	engine->received++;
	if (sscanf(text, "burst %d %d", &count, &size) == 2) {
		answer_burst(engine, door, peer, count, (size_t)size);
	} else if (span_is(frame, "flood")) {
		engine->received_by_flood++;
	} else if (span_is(frame, "keep")) {
		buf_add_span(&engine->kept, peer);
	} else if (strncmp(text, "publish ", 8) == 0) {
		sent_add(engine->last, DOOR_FEED, (struct span){0}, span_of(text + 8), span_of("news"));
		engine->last = &(*engine->last)->next;
		answer(engine, door, peer, span_of("published"));
	} else if (span_is(frame, "known")) {
		answer_known(engine, door, peer);
	} else if (span_is(frame, "floods")) {
		snprintf(text, sizeof text, "%lld", (long long)engine->received_by_flood);
		answer(engine, door, peer, span_of(text));
	} else {
		engine->faulty = engine->faulty || span_is(frame, "fault");
		if (span_is(frame, "poke"))
			answer(engine, door, buf_span(&engine->kept), span_of("kept"));
		while (span_is(frame, "gate") && sem_wait(&engine->gate) < 0)
			continue;
		answer(engine, door, peer, frame);
	}
}

void engine_refuse(struct engine *engine, enum door door, struct span peer, enum error_kind error)
{
	answer(engine, door, peer, span_of(error == ERROR_oversized ? "oversized" : "malformed"));
}

void engine_unreachable(struct engine *engine, enum door door, struct span peer)
{
	(void)door;
	(void)peer;
	engine->gone++;
}

void engine_subscription(struct engine *engine, struct span topic, bool on)
{
	for (int i = 0; i < 8; i++) {
		if (on && !engine->prefixes[i][0]) {
			snprintf(engine->prefixes[i], sizeof engine->prefixes[i], "%.*s", (int)topic.len, topic.data);
			return;
		}
		if (!on && span_is(topic, engine->prefixes[i]))
			engine->prefixes[i][0] = 0;
	}
}

int engine_turn(struct engine *engine, int64_t now)
{
	(void)now;
	if (engine->faulty)
		return -1;
	sent_free(&engine->given);
	struct sent **end = &engine->out;
	while (*end)
		end = &(*end)->next;
	*end = engine->first;
	engine->first = NULL;
	engine->last = &engine->first;
	return 0;
}

bool engine_output(struct engine *engine, struct engine_output *ret_output)
{
	struct sent *next = engine->out;

	if (!next)
		return false;
	engine->out = next->next;
	next->next = engine->given;
	engine->given = next;
	*ret_output = next->output;
	return true;
}

int64_t engine_wait_ms(const struct engine *engine, int64_t now)
{
	(void)engine;
	(void)now;
	return -1;
}

const char *engine_fault(const struct engine *engine)
{
	return engine->faulty ? "the disk is gone (a test)" : NULL;
}

int64_t engine_open_cases(const struct engine *engine)
{
	return engine->received;
}

void engine_stop(struct engine *engine)
{
	engine->stopping = true;
}

bool engine_idle(const struct engine *engine)
{
	return engine->stopping;
}

void engine_reload(struct engine *engine, const struct settings *settings)
{
	(void)settings;
	engine->reloads++;
}

void engine_set_figure(struct engine *engine, const char *name, int64_t value)
{
	(void)engine;
	(void)name;
	(void)value;
}

/* A daemon in a thread */

struct stage {
	char folder[64];
	struct settings settings;
	struct loop *loop;
	struct engine engine;
	pthread_t thread;
	bool running;
	int result;
	void *context;
};

static char *text_of(struct stage *stage, const char *name)
{
	char text[128];

	snprintf(text, sizeof text, "ipc://%s/run/%s", stage->folder, name);
	return span_dup(span_of(text));
}

static int stage_open(void **state)
{
	struct stage *stage = must_calloc(1, sizeof *stage);

	snprintf(stage->folder, sizeof stage->folder, "/tmp/reeve-net-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	settings_default(&stage->settings);
	free(stage->settings.doors_service);
	free(stage->settings.doors_work);
	free(stage->settings.doors_feed);
	stage->settings.doors_service = text_of(stage, "service");
	stage->settings.doors_work = text_of(stage, "work");
	stage->settings.doors_feed = text_of(stage, "feed");
	stage->settings.service_turn_messages = 16;
	stage->engine.last = &stage->engine.first;
	sem_init(&stage->engine.gate, 0, 0);
	stage->context = zmq_ctx_new();
	*state = stage;
	return 0;
}

static void *stage_main(void *argument)
{
	struct stage *stage = argument;

	stage->result = loop_run(stage->loop, &stage->engine);
	return NULL;
}

static void stage_run(struct stage *stage)
{
	char error[256] = "";

	stage->loop = loop_open(&stage->settings, error, sizeof error);
	assert_non_null(stage->loop);
	if (loop_bind(stage->loop, error, sizeof error) < 0)
		fail_msg("%s", error);
	assert_int_equal(pthread_create(&stage->thread, NULL, stage_main, stage), 0);
	stage->running = true;
}

static int stage_end(struct stage *stage)
{
	if (stage->running) {
		pthread_kill(stage->thread, SIGTERM);
		pthread_join(stage->thread, NULL);
	}
	stage->running = false;
	loop_close(stage->loop);
	stage->loop = NULL;
	return stage->result;
}

static int stage_close(void **state)
{
	struct stage *stage = *state;
	char command[128];

	stage_end(stage);
	zmq_ctx_term(stage->context);
	sent_free(&stage->engine.first);
	sent_free(&stage->engine.out);
	sent_free(&stage->engine.given);
	buf_free(&stage->engine.kept);
	sem_destroy(&stage->engine.gate);
	settings_free(&stage->settings);
	snprintf(command, sizeof command, "rm -rf %s", stage->folder);
	assert_int_equal(system(command), 0);
	free(stage);
	return 0;
}

static void *peer_open_limited(struct stage *stage, int type, const char *endpoint, int option, int limit)
{
	void *peer = zmq_socket(stage->context, type);
	int wait_ms = 20000, linger = 0;

	zmq_setsockopt(peer, option, &limit, sizeof limit);
	zmq_setsockopt(peer, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
	zmq_setsockopt(peer, ZMQ_SNDTIMEO, &wait_ms, sizeof wait_ms);
	zmq_setsockopt(peer, ZMQ_LINGER, &linger, sizeof linger);
	assert_int_equal(zmq_connect(peer, endpoint), 0);
	return peer;
}

static void *peer_open(struct stage *stage, int type, const char *endpoint)
{
	return peer_open_limited(stage, type, endpoint, ZMQ_SNDHWM, 1000);
}

static void say(void *peer, const char *text)
{
	assert_int_equal(zmq_send(peer, text, strlen(text), 0), (int)strlen(text));
}

static void expect(void *peer, const char *text)
{
	char heard[1024];
	int len = zmq_recv(peer, heard, sizeof heard - 1, 0);

	assert_true(len >= 0 && len < (int)sizeof heard);
	heard[len] = 0;
	assert_string_equal(heard, text);
}

/* Asks until the answer is this one: for what happens behind the answering peer's back. */
static void expect_in_time(void *peer, const char *question, const char *text)
{
	char heard[1024] = "";

	for (int i = 0; i < 2000 && strcmp(heard, text) != 0; i++) {
		say(peer, question);
		int len = zmq_recv(peer, heard, sizeof heard - 1, 0);
		assert_true(len >= 0);
		heard[len] = 0;
		if (strcmp(heard, text) != 0)
			poll(NULL, 0, 5);
	}
	assert_string_equal(heard, text);
}

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

static void others_are_served_while_one_peer_floods(void **state)
{
	struct stage *stage = *state;
	enum { FLOOD = 30000 };
	char heard[32] = "";

	stage_run(stage);
	void *flood = peer_open_limited(stage, ZMQ_DEALER, stage->settings.doors_service, ZMQ_SNDHWM, 0);
	void *other = peer_open(stage, ZMQ_DEALER, stage->settings.doors_service);
	say(other, "warm");
	expect(other, "warm");
	/* The engine stands still until all of it is on its way. */
	say(other, "gate");
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

/* Worker processes */

static void worker_row(struct stage *stage, const char *script)
{
	char path[128];

	snprintf(path, sizeof path, "%s/worker", stage->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s", script);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
	stage->settings.workers = must_calloc(1, sizeof *stage->settings.workers);
	stage->settings.worker_count = 1;
	stage->settings.workers[0].task = span_dup(span_of("triage"));
	stage->settings.workers[0].count = 2;
	strncat(path, " --own argument", sizeof path - strlen(path) - 1);
	stage->settings.workers[0].command = span_dup(span_of(path));
	stage->settings.work_restart_ms = 1;
	stage->settings.work_restart_most_ms = 4;
}

static bool wait_for_lines(const char *folder, const char *name, int count)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	for (int i = 0; i < 2000; i++) {
		FILE *file = fopen(path, "r");
		int lines = 0;
		for (int c = file ? getc(file) : EOF; c != EOF; c = getc(file))
			lines += c == '\n';
		if (file)
			fclose(file);
		if (lines >= count)
			return true;
		poll(NULL, 0, 5);
	}
	return false;
}

static void workers_that_end_are_started_again_with_their_name(void **state)
{
	struct stage *stage = *state;
	char line[512], wanted[256];

	worker_row(stage, "echo \"$@\" >> ${0%worker}starts\nexit 3\n");
	stage_run(stage);
	assert_true(wait_for_lines(stage->folder, "starts", 8));
	stage_end(stage);
	snprintf(line, sizeof line, "%s/starts", stage->folder);
	FILE *file = fopen(line, "r");
	int first = 0, second = 0;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		snprintf(wanted, sizeof wanted, "--own argument --work ipc://%s/run/work --name triage-1 --parent %d\n", stage->folder, getpid());
		first += strcmp(line, wanted) == 0;
		wanted[strlen(wanted) - strlen(strstr(wanted, "-1 --parent")) + 1] = '2';
		second += strcmp(line, wanted) == 0;
	}
	fclose(file);
	assert_true(first >= 2 && second >= 2);
}

static void workers_get_sigterm_when_the_daemon_stops(void **state)
{
	struct stage *stage = *state;

	worker_row(stage, "trap 'echo left >> ${0%worker}ends; exit 0' TERM\necho here >> ${0%worker}starts\nwhile :; do sleep 0.01; done\n");
	stage_run(stage);
	assert_true(wait_for_lines(stage->folder, "starts", 2));
	assert_int_equal(stage_end(stage), 0);
	assert_true(wait_for_lines(stage->folder, "ends", 2));
}

/* Binding */

static int socket_file(const char *path, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int try_bind(struct stage *stage, const char *path, char *error, size_t error_size)
{
	char endpoint[160];
	void *zmq = zmq_socket(stage->context, ZMQ_ROUTER);

	snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
	int bound = door_bind(zmq, endpoint, 0620, error, error_size);
	struct stat found;
	if (bound == 0) {
		assert_int_equal(stat(path, &found), 0);
		assert_int_equal(found.st_mode & 0777, 0620);
	}
	zmq_close(zmq);
	return bound;
}

static void a_door_takes_over_a_leftover_but_nothing_that_is_in_use(void **state)
{
	struct stage *stage = *state;
	char path[96], error[256] = "";

	snprintf(path, sizeof path, "%s/new/folder/door", stage->folder);
	assert_int_equal(try_bind(stage, path, error, sizeof error), 0);
	snprintf(path, sizeof path, "%s/left", stage->folder);
	close(socket_file(path, true));
	assert_int_equal(try_bind(stage, path, error, sizeof error), 0);
	snprintf(path, sizeof path, "%s/used", stage->folder);
	int fd = socket_file(path, true);
	assert_int_equal(try_bind(stage, path, error, sizeof error), -1);
	assert_non_null(strstr(error, "another process listens on"));
	close(fd);
	snprintf(path, sizeof path, "%s/file", stage->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(try_bind(stage, path, error, sizeof error), -1);
	assert_non_null(strstr(error, "is not a socket"));
	assert_int_equal(access(path, F_OK), 0);
}

/* Pure parts */

static void endpoints_are_ipc_or_loopback(void **state)
{
	static const char *const good[] = {"ipc:///run/reeve/service", "tcp://127.0.0.1:5555", "tcp://127.8.8.8:1", "tcp://localhost:65535", "tcp://[::1]:80"};
	static const char *const bad[] = {"", "ipc://relative", "ipc://@abstract", "ipc:///folder/", "tcp://127.0.0.1", "tcp://127.0.0.1:0",
		"tcp://127.0.0.1:65536", "tcp://127.0.0.1:x", "tcp://0.0.0.0:80", "tcp://*:80", "tcp://192.168.1.2:80", "tcp://[::]:80", "tcp://[::1:80",
		"tcp://eth0:80", "tcp://:80", "udp://127.0.0.1:80", "inproc://x", "tcp://128.0.0.1:80"};
	char reason[256];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(endpoint_check(good[i], reason, sizeof reason));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		reason[0] = 0;
		if (endpoint_check(bad[i], reason, sizeof reason))
			fail_msg("%s was taken", bad[i]);
		assert_true(strlen(reason) > 10);
	}
	endpoint_check("tcp://10.0.0.1:80", reason, sizeof reason);
	assert_non_null(strstr(reason, "needs keys"));
	char path[ENDPOINT_ROOM] = "ipc:///";
	memset(path + 7, 'x', 120);
	assert_false(endpoint_check(path, reason, sizeof reason));
}

static void time_never_runs_backwards_and_never_stands_still(void **state)
{
	struct timekeeper keeper = {0};

	(void)state;
	assert_int_equal(timekeeper_advance(&keeper, 5000000, 100), 5000000);
	assert_int_equal(timekeeper_advance(&keeper, 6000000, 1000100), 6000000);
	/* Set back by two seconds: half speed. */
	assert_int_equal(timekeeper_advance(&keeper, 4000000, 1000100), 6000000);
	assert_true(keeper.behind);
	assert_int_equal(timekeeper_advance(&keeper, 4000001, 1000101), 6000000);
	assert_int_equal(timekeeper_advance(&keeper, 5000000, 2000100), 6500000);
	assert_int_equal(timekeeper_advance(&keeper, 6000000, 3000100), 7000000);
	assert_int_equal(timekeeper_advance(&keeper, 8000000, 5000100), 8000000);
	assert_false(keeper.behind);
	/* Forwards it jumps at once. */
	assert_int_equal(timekeeper_advance(&keeper, 99000000, 5000200), 99000000);
}

static void peers_are_bounded_in_rows_and_bytes(void **state)
{
	struct backlog peers = {.most_peers = 2, .most_peer_bytes = 300, .most_bytes = 400};
	char payload[200] = "";
	struct span bytes = {payload, 150};

	(void)state;
	backlog_note(&peers, span_of("a"), true);
	backlog_note(&peers, span_of("b"), true);
	backlog_note(&peers, span_of("a"), true);
	backlog_note(&peers, span_of("c"), true);
	assert_null(backlog_find(&peers, span_of("b"))); /* the longest silent one */
	assert_non_null(backlog_find(&peers, span_of("a")));
	assert_true(backlog_keep(&peers, span_of("a"), bytes));
	assert_false(backlog_keep(&peers, span_of("a"), bytes));
	assert_true(backlog_keep(&peers, span_of("c"), bytes));
	assert_false(backlog_keep(&peers, span_of("d"), bytes));
	backlog_note(&peers, span_of("a"), false);
	backlog_sent(&peers, backlog_find(&peers, span_of("a")));
	assert_null(backlog_find(&peers, span_of("a"))); /* nothing left to remember */
	assert_true(backlog_keep(&peers, span_of("d"), bytes));
	backlog_free(&peers);
	assert_int_equal(peers.waiting_bytes, 0);
}

#define WITH_STAGE(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_ipc_or_loopback),
		cmocka_unit_test(time_never_runs_backwards_and_never_stands_still),
		cmocka_unit_test(peers_are_bounded_in_rows_and_bytes),
		WITH_STAGE(a_door_takes_over_a_leftover_but_nothing_that_is_in_use),
		WITH_STAGE(replies_reach_the_peer_that_asked_on_its_door),
		WITH_STAGE(a_req_client_with_its_delimiter_is_answered),
		WITH_STAGE(others_are_served_while_one_peer_floods),
		WITH_STAGE(broken_messages_are_refused_and_the_connection_stays_usable),
		WITH_STAGE(first_and_last_subscription_to_a_prefix_are_reported),
		WITH_STAGE(answers_that_do_not_fit_wait_and_keep_their_order),
		WITH_STAGE(a_peer_that_never_reads_is_given_up_and_others_are_served),
		WITH_STAGE(a_peer_that_is_gone_is_reported_once_its_answer_is_due),
		WITH_STAGE(a_hangup_reaches_the_engine_and_a_terminate_ends_with_success),
		WITH_STAGE(a_fault_ends_the_loop_and_nothing_of_that_round_is_sent),
		WITH_STAGE(workers_that_end_are_started_again_with_their_name),
		WITH_STAGE(workers_get_sigterm_when_the_daemon_stops),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
