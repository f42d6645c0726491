/* The load generator's connection: a DEALER to the service door that gathers requests into frames and counts what is
 * under way. A refusal other than busy ends the run: a figure with refusals in it would be worth nothing. */
#include "bench/bench.h"

#include <stdio.h>
#include <zmq.h>

void door_open(struct door_client *door, const struct options *options)
{
	const int reconnect_ms = 2, linger_ms = 0, unlimited = 0;

	*door = (struct door_client){.context = zmq_ctx_new()};
	door->socket = zmq_socket(door->context, ZMQ_DEALER);
	zmq_setsockopt(door->socket, ZMQ_RECONNECT_IVL, &reconnect_ms, sizeof reconnect_ms);
	zmq_setsockopt(door->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
	zmq_setsockopt(door->socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
	zmq_setsockopt(door->socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
	if (zmq_connect(door->socket, options->service) != 0)
		bench_fail("cannot connect to %s: %s", options->service, zmq_strerror(zmq_errno()));
}

void door_close(struct door_client *door)
{
	zmq_close(door->socket);
	zmq_ctx_term(door->context);
	buf_free(&door->frame);
}

void door_add(struct door_client *door, const struct record *request)
{
	codec_write(&door->frame, request, CODEC_NAMES);
	door->gathered++;
}

void door_send(struct door_client *door)
{
	if (!door->gathered)
		return;
	if (zmq_send(door->socket, door->frame.data, door->frame.len, 0) < 0)
		bench_fail("cannot send: %s", zmq_strerror(zmq_errno()));
	door->under_way += door->gathered;
	door->gathered = 0;
	buf_clear(&door->frame);
}

void frame_each(struct span frame, door_each *each, void *context)
{
	static struct record record;
	const struct frame_limits limits = {.bytes = 1 << 28, .objects = 1 << 20, .depth = 16, .nodes = 1 << 26};
	struct flaw flaw;
	struct span map;
	size_t objects;

	if (frame_scan(frame, &limits, &objects, &flaw) != 0)
		bench_fail("the daemon sent a frame that is not valid: %s", flaw.detail);
	while (frame_next(&frame, &map)) {
		if (codec_read_lenient(map, &record, &flaw) != 0)
			bench_fail("the daemon sent a map that is not valid: %s", flaw.detail);
		each(context, &record);
	}
}

bool door_receive(struct door_client *door, int timeout_ms, door_each *each, void *context)
{
	zmq_pollitem_t item = {.socket = door->socket, .events = ZMQ_POLLIN};
	zmq_msg_t message;

	if (zmq_poll(&item, 1, timeout_ms) <= 0)
		return false;
	zmq_msg_init(&message);
	if (zmq_msg_recv(&message, door->socket, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&message);
		return false;
	}
	frame_each((struct span){zmq_msg_data(&message), zmq_msg_size(&message)}, each, context);
	zmq_msg_close(&message);
	return true;
}

void report_make(struct record *record, int64_t index, char request[32], char source_ref[32], char text[320])
{
	static const char *const areas[] = {"b1a", "b1b", "b1c", "b2a", "b2b"};
	static const char *const categories[] = {"light", "pothole", "signal", "trash", "bulk", "graffiti", "tree", "water", "noise"};
	static const char words[] = "the lamp in front of the house has been dark for three nights and people stumble over the kerb, "
		"please send somebody who looks after it before the weekend when the street is full of visitors; called before";

	snprintf(request, 32, "q%lld", (long long)index);
	snprintf(source_ref, 32, "B%010lld", (long long)index);
	snprintf(text, 320, "%lld %s", (long long)index, words);
	record_clear(record);
	record_set(record, command, COMMAND_submit);
	record_set(record, request, span_of(request));
	record_set(record, actor, span_of("bench"));
	record_set(record, source, span_of("bench"));
	record_set(record, source_ref, span_of(source_ref));
	record_set(record, category, span_of(categories[index % 9]));
	record_set(record, area, span_of(areas[index / 9 % 5]));
	record_set(record, text, span_of(text));
	record_set(record, channel, span_of("phone"));
}
