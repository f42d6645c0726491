/* The load: what call centres and units do, as fast as it is answered (ingest, life) or at a steady rate (lat).
 *
 * The conversation: submit -> reply with the case; the feed's case_dispatched/ -> close -> reply. A request counts when its
 * reply came, and the daemon replies after its commit, so every counted step is on disk. busy answers are sent again. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#define PATIENCE_MS 30000

struct load {
	const struct options *options;
	struct door_client door;
	int64_t submitted;    /* next index to send, relative to first */
	int64_t acknowledged; /* reports */
	int64_t closed;       /* closings acknowledged */
	int64_t *again;       /* indexes that were answered busy */
	size_t again_count;
	int64_t *sent_us;     /* lat: by index */
	struct samples samples;
};

static int64_t index_of(const struct record *reply)
{
	struct span request = record_get(reply, request, ((struct span){"", 0}));
	char digits[32] = "";

	if (request.len < 2 || request.len >= sizeof digits)
		bench_fail("a reply without its request id came");
	memcpy(digits, request.data + 1, request.len - 1);
	return strtoll(digits, NULL, 10);
}

static void refuse(const struct record *reply)
{
	struct span message = record_get(reply, message, ((struct span){"", 0}));

	bench_fail("the daemon refused: %s: %.*s", error_name(reply->error), (int)message.len, message.data);
}

static void on_reply(void *context, const struct record *reply)
{
	struct load *load = context;
	int command = record_get(reply, reply, 0);

	load->door.under_way--;
	if (record_has(reply, error)) {
		if (reply->error != ERROR_busy || command == COMMAND_close)
			refuse(reply);
		load->door.busy++;
		load->again = must_realloc(load->again, (load->again_count + 1) * sizeof *load->again);
		load->again[load->again_count++] = index_of(reply);
		return;
	}
	if (command == COMMAND_submit) {
		load->acknowledged++;
		if (load->sent_us)
			samples_add(&load->samples, now_us() - load->sent_us[index_of(reply) - load->options->first]);
	} else if (command == COMMAND_close) {
		load->closed++;
	}
}

static void submit(struct load *load, int64_t index)
{
	struct record record;
	char request[32], source_ref[32], text[320];

	report_make(&record, index, request, source_ref, text);
	door_add(&load->door, &record);
}

/* Gathers up to one frame of reports, those first that were answered busy. */
static bool submit_batch(struct load *load)
{
	const struct options *options = load->options;

	if (load->door.under_way + options->batch > options->window && load->door.under_way)
		return false;
	while (load->door.gathered < options->batch) {
		if (load->again_count)
			submit(load, load->again[--load->again_count]);
		else if (load->submitted < options->n)
			submit(load, options->first + load->submitted++);
		else
			break;
	}
	if (!load->door.gathered)
		return false;
	door_send(&load->door);
	return true;
}

static void load_free(struct load *load)
{
	door_close(&load->door);
	free(load->again);
	free(load->sent_us);
	free(load->samples.us);
}

static void print_rate(const struct options *options, const char *mode, int64_t took_us, int64_t busy)
{
	double seconds = (double)took_us / 1e6;

	printf("reeve cfg=%s %s batch=%lld n=%lld secs=%.2f rate=%.0f/s", options->label, mode, (long long)options->batch,
		(long long)options->n, seconds, (double)options->n / seconds);
	if (busy)
		printf(" busy=%lld", (long long)busy);
	putchar('\n');
}

int mode_ingest(const struct options *options)
{
	struct load load = {.options = options};
	int64_t began;

	door_open(&load.door, options);
	began = now_us();
	while (load.acknowledged < options->n) {
		while (submit_batch(&load))
			continue;
		if (!door_receive(&load.door, PATIENCE_MS, on_reply, &load))
			bench_fail("no answer for %d s; %lld of %lld acknowledged", PATIENCE_MS / 1000,
				(long long)load.acknowledged, (long long)options->n);
	}
	print_rate(options, "ingest", now_us() - began, load.door.busy);
	load_free(&load);
	return 0;
}

/* A case was dispatched: the unit is done with it at once. */
static void on_dispatched(void *context, const struct record *event)
{
	struct load *load = context;
	struct record close;
	char request[32];

	if (record_get(event, event, 0) != EVENT_case_dispatched)
		return;
	record_clear(&close);
	snprintf(request, sizeof request, "c%lld", (long long)event->case_id);
	record_set(&close, command, COMMAND_close);
	record_set(&close, request, span_of(request));
	record_set(&close, actor, span_of("bench"));
	record_set(&close, case_id, event->case_id);
	record_set(&close, outcome, OUTCOME_solved);
	record_set(&close, result, span_of("done"));
	door_add(&load->door, &close);
	if (load->door.gathered >= load->options->batch)
		door_send(&load->door);
}

static void on_status(void *context, const struct record *reply)
{
	int64_t *prefixes = context;
	struct record figure;
	struct span rest, map;
	struct flaw flaw;

	list_open(record_get(reply, figures, ((struct span){"", 0})), &rest);
	while (frame_next(&rest, &map))
		if (codec_read_lenient(map, &figure, &flaw) == 0 && span_is(record_get(&figure, name, span_of("")), "feed_prefixes"))
			*prefixes = record_get(&figure, value, 0);
}

/* A subscription travels on its own way: the daemon's count of prefixes says when it holds. */
static void feed_await(struct load *load)
{
	const int64_t until = now_us() + PATIENCE_MS * 1000LL;
	int64_t prefixes = 0;

	while (prefixes == 0) {
		struct record status;

		record_clear(&status);
		record_set(&status, command, COMMAND_status);
		record_set(&status, request, span_of("s0"));
		record_set(&status, actor, span_of("bench"));
		door_add(&load->door, &status);
		door_send(&load->door);
		if (!door_receive(&load->door, PATIENCE_MS, on_status, &prefixes) || now_us() > until)
			bench_fail("the daemon does not see the subscription to %s", load->options->feed);
		load->door.under_way--;
	}
}

static void *feed_open(struct load *load)
{
	void *feed = zmq_socket(load->door.context, ZMQ_SUB);
	const int unlimited = 0, linger_ms = 0;

	zmq_setsockopt(feed, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
	zmq_setsockopt(feed, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
	zmq_setsockopt(feed, ZMQ_SUBSCRIBE, "case_dispatched/", 16);
	if (zmq_connect(feed, load->options->feed) != 0)
		bench_fail("cannot connect to %s: %s", load->options->feed, zmq_strerror(zmq_errno()));
	feed_await(load);
	return feed;
}

/* Takes what the feed has, bounded, and sends the closings that follow. */
static void feed_take(struct load *load, void *feed)
{
	zmq_msg_t message;

	for (int i = 0; i < 1000; i++) {
		bool payload = false;

		do {
			zmq_msg_init(&message);
			if (zmq_msg_recv(&message, feed, ZMQ_DONTWAIT) < 0) {
				zmq_msg_close(&message);
				door_send(&load->door);
				return;
			}
			if (payload)
				frame_each((struct span){zmq_msg_data(&message), zmq_msg_size(&message)}, on_dispatched, load);
			payload = true;
			if (!zmq_msg_more(&message))
				payload = false;
			zmq_msg_close(&message);
		} while (payload);
	}
	door_send(&load->door);
}

static void life_fail(const struct load *load)
{
	bench_fail("no progress for %d s: %lld acknowledged, %lld closed of %lld (do the workers run?)", PATIENCE_MS / 1000,
		(long long)load->acknowledged, (long long)load->closed, (long long)load->options->n);
}

int mode_life(const struct options *options)
{
	struct load load = {.options = options};
	void *feed;
	int64_t began;

	door_open(&load.door, options);
	feed = feed_open(&load);
	began = now_us();
	while (load.closed < options->n) {
		zmq_pollitem_t items[] = {{.socket = load.door.socket, .events = ZMQ_POLLIN}, {.socket = feed, .events = ZMQ_POLLIN}};

		while (submit_batch(&load))
			continue;
		if (zmq_poll(items, 2, PATIENCE_MS) <= 0)
			life_fail(&load);
		while (door_receive(&load.door, 0, on_reply, &load))
			continue;
		feed_take(&load, feed);
	}
	print_rate(options, "life", now_us() - began, load.door.busy);
	zmq_close(feed);
	load_free(&load);
	return 0;
}

int mode_lat(const struct options *options)
{
	struct load load = {.options = options, .sent_us = must_calloc((size_t)options->n, sizeof(int64_t))};
	const int64_t pause_us = 1000000 / options->rate;
	int64_t next;

	door_open(&load.door, options);
	next = now_us() + 100000; /* the connection is up by then */
	while (load.acknowledged < options->n) {
		int64_t left_ms;

		if (load.submitted < options->n && now_us() >= next) {
			/* From when it should have gone, so that a stalled daemon cannot hide its stall. */
			load.sent_us[load.submitted] = next;
			submit(&load, options->first + load.submitted++);
			door_send(&load.door);
			next += pause_us;
			continue;
		}
		left_ms = load.submitted < options->n ? (next - now_us()) / 1000 : PATIENCE_MS;
		if (left_ms > 0 || load.submitted == options->n) {
			if (!door_receive(&load.door, (int)left_ms, on_reply, &load) && load.submitted == options->n)
				bench_fail("%lld of %lld were never acknowledged", (long long)(options->n - load.acknowledged), (long long)options->n);
		} else if (!door_receive(&load.door, 0, on_reply, &load)) {
			continue; /* less than a millisecond: spin, poll cannot wait that short */
		}
	}
	printf("reeve cfg=%s lat rate=%lld n=%lld ", options->label, (long long)options->rate, (long long)options->n);
	samples_print(&load.samples);
	load_free(&load);
	return 0;
}

struct answer {
	bool came;
	int64_t as_of;
};

static void on_answer(void *context, const struct record *reply)
{
	struct answer *answer = context;

	if (record_has(reply, error))
		refuse(reply);
	answer->came = true;
	answer->as_of = record_get(reply, as_of, 0);
}

int mode_answer(const struct options *options)
{
	struct door_client door;
	struct record list;
	struct answer answer = {.came = false};
	int64_t began = now_us();

	door_open(&door, options);
	record_clear(&list);
	record_set(&list, command, COMMAND_list);
	record_set(&list, request, span_of("l1"));
	record_set(&list, actor, span_of("bench"));
	record_set(&list, count, 1);
	door_add(&door, &list);
	door_send(&door);
	while (!answer.came)
		if (!door_receive(&door, (int)options->patience * 1000, on_answer, &answer))
			bench_fail("no answer for %lld s", (long long)options->patience);
	printf("reeve cfg=%s restart open=%lld secs=%.3f as_of=%lld\n", options->label, (long long)options->n,
		(double)(now_us() - began) / 1e6, (long long)answer.as_of);
	door_close(&door);
	return 0;
}
