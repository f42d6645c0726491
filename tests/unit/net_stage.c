/* The engine that echoes, and the stage around it. The engine is called from the loop's thread only; the tests look at it when that thread
 * has ended, or ask it through the doors. */
#include "net_stage.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void engine_time(struct engine *engine, int64_t now)
{
	(void)engine;
	(void)now;
}

bool engine_slice(struct engine *engine)
{
	(void)engine;
	return false;
}

bool engine_hurried(const struct engine *engine)
{
	(void)engine;
	return false;
}

void engine_on_clear(struct engine *engine, bool (*clear)(void *context, enum door door, struct span peer), void *context)
{
	(void)engine;
	(void)clear;
	(void)context;
}

bool engine_queue(struct engine *engine, enum door door, struct span peer, struct span frame)
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
	} else if (span_is(frame, "over")) {
		engine->received_over++;
		if (++engine->over_in_turn > engine->most_over_in_turn)
			engine->most_over_in_turn = engine->over_in_turn;
		return false;
	} else if (span_is(frame, "overs")) {
		snprintf(text, sizeof text, "%lld, %s in a turn", (long long)engine->received_over, engine->most_over_in_turn <= 5 ? "few" : "many");
		answer(engine, door, peer, span_of(text));
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
	return true;
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
	engine->over_in_turn = 0;
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

static char *text_of(struct stage *stage, const char *name)
{
	char text[128];

	snprintf(text, sizeof text, "ipc://%s/run/%s", stage->folder, name);
	return span_dup(span_of(text));
}

int stage_open(void **state)
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

void stage_run(struct stage *stage)
{
	char error[256] = "";

	stage->loop = loop_open(&stage->settings, error, sizeof error);
	assert_non_null(stage->loop);
	if (loop_bind(stage->loop, error, sizeof error) < 0)
		fail_msg("%s", error);
	assert_int_equal(pthread_create(&stage->thread, NULL, stage_main, stage), 0);
	stage->running = true;
}

int stage_end(struct stage *stage)
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

int stage_close(void **state)
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

void *peer_open_limited(struct stage *stage, int type, const char *endpoint, int option, int limit)
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

void *peer_open(struct stage *stage, int type, const char *endpoint)
{
	return peer_open_limited(stage, type, endpoint, ZMQ_SNDHWM, 1000);
}

void say(void *peer, const char *text)
{
	assert_int_equal(zmq_send(peer, text, strlen(text), 0), (int)strlen(text));
}

void expect(void *peer, const char *text)
{
	char heard[1024];
	int len = zmq_recv(peer, heard, sizeof heard - 1, 0);

	assert_true(len >= 0 && len < (int)sizeof heard);
	heard[len] = 0;
	assert_string_equal(heard, text);
}

void expect_in_time(void *peer, const char *question, const char *text)
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
