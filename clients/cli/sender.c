/* The pipeline of import. Owns the encoded commands that are not answered yet, in a ring in sending order.
 *
 * Conversation: frames of many commands out; each reply names its command by request id (run-number), so answers may come
 * in any order and packing. busy and stopping: nothing new is sent until the command was sent again after
 * retry_after_ms, doubled each time. When the connection breaks, or after silence for half of the time that is allowed,
 * everything unanswered is sent again; request ids and source_ref make that harmless. Commands go out in the order in
 * which they were added; only repeated ones come late.
 * Invariant: a slot is freed by exactly one answer, and answered() is called with it. */
#include "clients/cli/sender.h"

#include <stdlib.h>

#include "clients/cli/moment.h"

#define FRAME_BYTES (512u << 10)
#define BUSY_DOUBLES 5 /* how often the wait after a busy answer doubles */
#define REPLY_LIMITS ((struct frame_limits){.bytes = 64 << 20, .objects = 1 << 20, .depth = 16, .nodes = 16 << 20})

enum slot_state { SLOT_FREE, SLOT_SENT, SLOT_HELD };

struct slot {
	struct buf map;
	enum slot_state state;
	int64_t tag;
	int64_t again_at; /* SLOT_HELD: steady time */
	int busy;         /* how often it was answered busy */
};

struct sender {
	struct cli *cli;
	struct sender_plan plan;
	struct slot *slots;
	int64_t lowest, next; /* numbers; slot = number % window */
	size_t waiting, held;
	struct buf frame;
	size_t frame_count;
	int64_t heard_at, repeated_at;
	int fault;            /* DONE, or why no more can be sent */
};

struct sender *sender_open(struct cli *cli, const struct sender_plan *plan)
{
	struct sender *sender = must_calloc(1, sizeof *sender);

	sender->cli = cli;
	sender->plan = *plan;
	sender->slots = must_calloc(plan->window, sizeof *sender->slots);
	sender->fault = cli_connect(cli);
	sender->heard_at = sender->repeated_at = moment_steady();
	return sender;
}

void sender_close(struct sender *sender)
{
	if (!sender)
		return;
	for (size_t i = 0; i < sender->plan.window; i++)
		buf_free(&sender->slots[i].map);
	free(sender->slots);
	buf_free(&sender->frame);
	free(sender);
}

static struct slot *slot_of(struct sender *sender, int64_t number)
{
	return &sender->slots[(size_t)number % sender->plan.window];
}

int64_t sender_lowest(const struct sender *sender)
{
	return sender->waiting ? sender->slots[(size_t)sender->lowest % sender->plan.window].tag : INT64_MAX;
}

size_t sender_waiting(const struct sender *sender)
{
	return sender->waiting;
}

static int sender_give_up(struct sender *sender)
{
	fprintf(stderr, "reeve: %s did not answer for %lld ms; %zu commands are unanswered: %s\n",
		sender->cli->service, (long long)sender->plan.give_up_ms, sender->waiting, connection_silence(sender->cli->service));
	return sender->fault = NO_DAEMON;
}

static int frame_flush(struct sender *sender)
{
	if (sender->frame_count == 0 || sender->fault)
		return sender->fault;
	if (!connection_send(sender->cli->connection, buf_span(&sender->frame), sender->plan.give_up_ms))
		return sender_give_up(sender);
	buf_clear(&sender->frame);
	sender->frame_count = 0;
	return DONE;
}

static int frame_add(struct sender *sender, const struct slot *slot)
{
	buf_add_span(&sender->frame, buf_span(&slot->map));
	sender->frame_count++;
	if (sender->frame_count < sender->plan.frame_commands && sender->frame.len < FRAME_BYTES)
		return sender->fault;
	return frame_flush(sender);
}

/* Sends again what is unanswered: everything, or only what was held back and is due. */
static int sender_repeat(struct sender *sender, bool everything)
{
	int64_t now = moment_steady();

	for (int64_t number = sender->lowest; number < sender->next && !sender->fault; number++) {
		struct slot *slot = slot_of(sender, number);
		if (slot->state == SLOT_FREE || (!everything && (slot->state != SLOT_HELD || slot->again_at > now)))
			continue;
		sender->held -= slot->state == SLOT_HELD;
		slot->state = SLOT_SENT;
		frame_add(sender, slot);
	}
	return frame_flush(sender);
}

static void slot_hold(struct sender *sender, struct slot *slot, int64_t wait_ms)
{
	sender->held += slot->state != SLOT_HELD;
	slot->state = SLOT_HELD;
	slot->again_at = moment_steady() + (wait_ms << (slot->busy < BUSY_DOUBLES ? slot->busy : BUSY_DOUBLES));
	slot->busy++;
}

static void slot_done(struct sender *sender, struct slot *slot, const struct record *reply)
{
	sender->held -= slot->state == SLOT_HELD;
	slot->state = SLOT_FREE;
	sender->waiting--;
	while (sender->lowest < sender->next && slot_of(sender, sender->lowest)->state == SLOT_FREE)
		sender->lowest++;
	sender->plan.answered(sender->plan.context, slot->tag, reply);
}

/* The number in a request id of this run; -1: somebody else's, or of before. */
static int64_t request_number(const struct sender *sender, const struct record *reply)
{
	size_t run = strlen(sender->cli->run);
	int64_t number = 0;

	if (!record_has(reply, request) || reply->request.len < run + 2 || reply->request.len > run + 19 || memcmp(reply->request.data, sender->cli->run, run) != 0)
		return -1;
	for (size_t i = run + 1; i < reply->request.len; i++) {
		if (reply->request.data[i] < '0' || reply->request.data[i] > '9')
			return -1;
		number = number * 10 + (reply->request.data[i] - '0');
	}
	return number;
}

/* The whole frame was refused before its requests were read: busy holds everything back, anything else cannot be mended by repeating. */
static void frame_refused(struct sender *sender, const struct record *reply)
{
	if (reply->error != ERROR_busy && reply->error != ERROR_stopping) {
		cli_refusal(sender->cli, reply);
		sender->fault = REFUSED;
		return;
	}
	for (int64_t number = sender->lowest; number < sender->next; number++)
		if (slot_of(sender, number)->state == SLOT_SENT)
			slot_hold(sender, slot_of(sender, number), record_get(reply, retry_after_ms, 250));
}

static void reply_take(struct sender *sender, const struct record *reply)
{
	int64_t number = request_number(sender, reply);

	if (number < sender->lowest || number >= sender->next) {
		if (!record_has(reply, request) && record_has(reply, error))
			frame_refused(sender, reply);
		return;
	}
	struct slot *slot = slot_of(sender, number);
	if (slot->state == SLOT_FREE)
		return;
	sender->heard_at = sender->repeated_at = moment_steady();
	if (record_has(reply, error) && (reply->error == ERROR_busy || reply->error == ERROR_stopping))
		slot_hold(sender, slot, record_get(reply, retry_after_ms, 250));
	else
		slot_done(sender, slot, reply);
}

static void frame_take(struct sender *sender, struct span frame)
{
	struct frame_limits limits = REPLY_LIMITS;
	struct record reply;
	struct flaw flaw;
	struct span map;
	size_t objects;

	if (frame_scan(frame, &limits, &objects, &flaw) != 0)
		return;
	while (frame_next(&frame, &map)) {
		/* A reply with a field that cannot be read is an answer all the same: the rest of it was read. */
		record_clear(&reply);
		(void)codec_read_lenient(map, &reply, &flaw);
		reply_take(sender, &reply);
	}
}

/* Takes what came; waits up to wait_ms for the first frame. */
static int sender_listen(struct sender *sender, int64_t wait_ms)
{
	struct span frame;

	while (!sender->fault && connection_receive(sender->cli->connection, wait_ms, &frame)) {
		frame_take(sender, frame);
		wait_ms = 0;
	}
	return sender->fault;
}

/* One turn of waiting: flush, listen, repeat what is due. */
static int sender_turn(struct sender *sender)
{
	if (frame_flush(sender) != DONE || sender_listen(sender, sender->held ? 20 : 200) != DONE)
		return sender->fault;
	int64_t now = moment_steady();
	if (sender->waiting && now - sender->heard_at > sender->plan.give_up_ms)
		return sender_give_up(sender);
	if (connection_broke(sender->cli->connection) || (sender->waiting && now - sender->repeated_at > sender->plan.give_up_ms / 2)) {
		sender->repeated_at = now;
		return sender_repeat(sender, true);
	}
	return sender->held ? sender_repeat(sender, false) : DONE;
}

int sender_add(struct sender *sender, struct record *command, int64_t tag)
{
	char request[40];

	while (!sender->fault && (sender->held || sender->next - sender->lowest >= (int64_t)sender->plan.window))
		sender_turn(sender);
	if (sender->fault)
		return sender->fault;
	if (sender->waiting == 0)
		sender->heard_at = sender->repeated_at = moment_steady();
	cli_sign(sender->cli, command, request);
	struct slot *slot = slot_of(sender, sender->cli->requests);
	if (sender->waiting == 0)
		sender->lowest = sender->cli->requests;
	sender->next = sender->cli->requests + 1;
	buf_clear(&slot->map);
	codec_write_all(&slot->map, command);
	slot->state = SLOT_SENT;
	slot->tag = tag;
	slot->busy = 0;
	sender->waiting++;
	frame_add(sender, slot);
	if (sender->frame_count == 0)
		sender_listen(sender, 0);
	return sender->fault;
}

int sender_finish(struct sender *sender)
{
	while (!sender->fault && sender->waiting)
		sender_turn(sender);
	return sender->fault;
}
