/* The people and programs at the service door, each with libreeve as it is: publishers who keep a report until it is acknowledged, desks, units, an
 * administrator, and a stranger who sends what nobody should.
 *
 * Each request has an id that is unique for ever, and is kept until its answer came; a program that dies starts again and sends all that it
 * keeps, as docs/INTEGRATING.md says. The model is told what leaves and what arrives, and here is a list of its own of what was acknowledged. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>
#include <zmq.h>

#include "clients/c/private.h"

#define PUBLISHERS 3
#define PERSONS 6
#define WAITING_MOST 40
#define REPORTS_MOST 8

struct person;

struct ask {
	struct ask *next, *prev;
	struct person *person;
	uint8_t command;
	bool again; /* sent before, by a program that died */
	char source[33], ref[65];
	size_t len;
	char bytes[];
};

struct acknowledged {
	char source[33], ref[65];
	int64_t number, seq;
};

struct person {
	const char *name, *source;
	struct reeve_client *client; /* NULL: died */
	int64_t up_us;
	struct ask *asks;
	int64_t waiting, numbers, refs;
};

struct people {
	struct person persons[PERSONS];
	struct acknowledged *acknowledged;
	size_t acknowledged_count, acknowledged_room;
	void *stranger, *stranger_doors[2];
	bool was_low;
};

/* ---- what the model is told ---- */

static bool watched(const struct wire_context *whose)
{
	return !whose || whose != sim->people->stranger;
}

/* Also by workers, and by a stranger who calls himself one. */
void people_asked(const struct wire_context *whose, struct span frame)
{
	struct record *record = &sim->record;
	struct flaw flaw;
	struct span map;
	size_t objects;

	if (!watched(whose) || frame_scan(frame, &(struct frame_limits){.bytes = 1 << 28, .objects = 1 << 20, .depth = 8, .nodes = 1 << 24}, &objects, &flaw))
		return;
	while (frame_next(&frame, &map)) {
		if (codec_read_lenient(map, record, &flaw))
			continue;
		if (!whose)
			record_drop(record, FIELD_request); /* what a worker asks for its own sake need not be answered */
		model_asked(sim->model, record);
		shared->counts[COUNT_asked]++;
	}
}

static void rare_reply(const struct record *reply)
{
	enum error_kind error = record_get(reply, error, ERROR_none);
	struct people *people = sim->people;
	bool low = error == ERROR_busy && memmem(reply->message.data, reply->message.len, "disk", 4);

	SOMETIMES(disk_refused, low);
	SOMETIMES(disk_back, people->was_low && !error && record_get(reply, reply, 0) == COMMAND_submit);
	people->was_low = low || (people->was_low && !(!error && record_get(reply, reply, 0) == COMMAND_submit));
	SOMETIMES(full_house, error == ERROR_busy && memmem(reply->message.data, reply->message.len, "open_cases", 10));
	SOMETIMES(stopping_refused, error == ERROR_stopping);
	SOMETIMES(bad_policy, error == ERROR_bad_policy);
}

void people_answered(const struct wire_context *whose, struct span frame)
{
	struct record *record = &sim->record;
	struct flaw flaw;
	struct span map;

	while (watched(whose) && frame_next(&frame, &map)) {
		if (codec_read_lenient(map, record, &flaw))
			complain("a reply cannot be read: %s", flaw.detail);
		model_answered(sim->model, record);
		rare_reply(record);
	}
}

/* ---- asking ---- */

static void acknowledge(const struct ask *ask, const struct record *reply)
{
	struct people *people = sim->people;
	struct acknowledged *made;

	if (!record_has(reply, case_id) || !record_has(reply, seq))
		complain("%s/%s was acknowledged without case or seq", ask->source, ask->ref);
	if (people->acknowledged_count == people->acknowledged_room) {
		people->acknowledged_room = people->acknowledged_room ? people->acknowledged_room * 2 : 256;
		people->acknowledged = must_realloc(people->acknowledged, people->acknowledged_room * sizeof *people->acknowledged);
	}
	made = &people->acknowledged[people->acknowledged_count++];
	memcpy(made->source, ask->source, sizeof made->source);
	memcpy(made->ref, ask->ref, sizeof made->ref);
	made->number = reply->case_id;
	made->seq = reply->seq;
	SOMETIMES(duplicate_report, record_get(reply, duplicate, false));
	shared->counts[COUNT_acknowledged]++;
}

static void on_answer(void *context, int result, const struct reeve_message *reply)
{
	struct ask *ask = context;

	if (result == REEVE_TIMEOUT)
		return; /* the program died; it is kept */
	if (result == REEVE_OK && ask->command == COMMAND_submit)
		acknowledge(ask, &reply->record);
	SOMETIMES(repeat_answered, result == REEVE_OK && ask->again && record_get(&reply->record, duplicate, false));
	ask->person->waiting--;
	DL_DELETE(ask->person->asks, ask);
	free(ask);
}

static void ask_send(struct ask *ask)
{
	struct memory *memory;
	struct reeve_message message;
	struct flaw flaw;

	message_borrow(&message, &memory);
	if (codec_read_lenient((struct span){ask->bytes, ask->len}, &message.record, &flaw))
		complain("a client's own request cannot be read: %s", flaw.detail);
	int result = reeve_send(ask->person->client, &message, 0, on_answer, ask);
	message_return(&message);
	if (result != REEVE_OK)
		complain("libreeve does not take a request: %s", reeve_result_text(result));
}

/* Keeps it, and sends it. */
static void person_asks(struct person *person, struct record *command)
{
	struct buf bytes = {0};
	char request[64];
	struct ask *ask;

	snprintf(request, sizeof request, "%s-%" PRId64, person->name, ++person->numbers);
	record_set(command, request, span_of(request));
	record_set(command, actor, span_of(person->name));
	codec_write_all(&bytes, command);
	ask = must_calloc(1, sizeof *ask + bytes.len);
	memcpy(ask->bytes, bytes.data, bytes.len);
	ask->len = bytes.len;
	ask->person = person;
	ask->command = command->command;
	if (command->command == COMMAND_submit) {
		snprintf(ask->source, sizeof ask->source, "%.*s", (int)command->source.len, command->source.data);
		snprintf(ask->ref, sizeof ask->ref, "%.*s", (int)command->source_ref.len, command->source_ref.data);
	}
	buf_free(&bytes);
	DL_APPEND(person->asks, ask);
	person->waiting++;
	if (person->client)
		ask_send(ask);
}

static void person_starts(struct person *person)
{
	const struct reeve_options options = {.service = "sim://service", .feed = "sim://feed", .actor = person->name, .frame_requests = (size_t)1 << dice(5)};
	struct ask *ask;

	person->client = reeve_open(&options);
	DL_FOREACH(person->asks, ask)
		ask_send(ask);
}

static void person_dies(struct person *person)
{
	struct ask *ask;

	trace("client: %s dies with %" PRId64 " unanswered", person->name, person->waiting);
	reeve_close(person->client);
	person->client = NULL;
	person->up_us = sim->now_us + dice_spread(100000, 20 * SECOND_US);
	DL_FOREACH(person->asks, ask)
		ask->again = true;
}

/* ---- what they ask ---- */

static void publish(struct person *person)
{
	struct record command;
	bool old = person->refs && dice(8) == 0;
	char ref[32];

	record_clear(&command);
	record_set(&command, command, COMMAND_submit);
	record_set(&command, source, span_of(person->source));
	snprintf(ref, sizeof ref, "T%" PRId64, old ? 1 + (int64_t)dice((uint64_t)person->refs) : ++person->refs);
	record_set(&command, source_ref, span_of(ref));
	record_set(&command, text, ask_report());
	if (dice(2))
		record_set(&command, area, ask_area());
	if (dice(4) == 0)
		record_set(&command, category, ask_category());
	if (dice(4) == 0)
		record_set(&command, urgency, 1 + (int64_t)dice(4));
	if (dice(2))
		record_set(&command, channel, span_of(dice(2) ? "phone" : "web"));
	if (dice(3) == 0) {
		record_set(&command, caller_name, span_of("GEHEIM"));
		record_set(&command, caller_phone, span_of("GEHEIM"));
	}
	if (dice(20) == 0)
		record_set(&command, confidential, true);
	if (dice(4) == 0)
		record_set(&command, reported_at, daemon_wall_us() / 1000 - dice_spread(1000, DAY_US / 1000));
	if (dice(2)) {
		record_set(&command, latitude, 36.65 + (double)dice(20) / 10000);
		record_set(&command, longitude, 117.02 + (double)dice(20) / 10000);
	}
	if (dice(30) == 0)
		record_set(&command, department, span_of("urban-order"));
	person_asks(person, &command);
}

static void work_at_desk(struct person *person)
{
	struct record command;
	char room[ASK_ROOM];

	if (!sim->daemon.engine)
		return;
	ask_make(&command, room);
	person_asks(person, &command);
}

static void look_up(struct person *person)
{
	static const uint8_t kinds[] = {COMMAND_show, COMMAND_timeline, COMMAND_explain, COMMAND_list, COMMAND_status, COMMAND_workers, COMMAND_list_mutes,
		COMMAND_hello, COMMAND_journal_verify, COMMAND_policy_list, COMMAND_policy_read, COMMAND_journal_read};
	struct record command;

	record_clear(&command);
	record_set(&command, command, kinds[dice(sizeof kinds)]);
	if (command.command == COMMAND_show || command.command == COMMAND_timeline || command.command == COMMAND_explain)
		record_set(&command, case_id, 1 + (int64_t)dice(sim->daemon.engine ? (uint64_t)state_next_number(sim->daemon.engine->state) : 10));
	if (command.command == COMMAND_show || command.command == COMMAND_list)
		record_set(&command, min_seq, (int64_t)dice((uint64_t)sim->daemon.journal->last_seq + 1));
	if (command.command == COMMAND_list && dice(2))
		record_set(&command, closed, dice(2));
	if (command.command == COMMAND_list && dice(2))
		record_set(&command, area, ask_area());
	if (command.command == COMMAND_journal_read)
		record_set(&command, from_seq, 1 + (int64_t)dice((uint64_t)sim->daemon.journal->last_seq));
	person_asks(person, &command);
}

static void change_policy(struct person *person)
{
	struct record command;

	record_clear(&command);
	record_set(&command, command, dice(6) ? COMMAND_policy_apply : COMMAND_policy_check);
	record_set(&command, files, policies_any());
	if (command.command == COMMAND_policy_apply) {
		record_set(&command, restage, dice(2));
		if (dice(6) == 0)
			record_set(&command, dry_run, true);
	}
	person_asks(person, &command);
}

/* ---- the stranger ---- */

static void strange_bytes(struct buf *frame)
{
	struct record command;

	record_clear(&command);
	switch (dice(5)) {
	case 0:
		for (uint64_t more = dice(40); more > 0; more--)
			buf_add(frame, &(unsigned char){(unsigned char)dice(256)}, 1);
		return;
	case 1:
		record_set(&command, command, COMMAND_enlist);
		record_set(&command, worker, span_of("stranger"));
		record_set(&command, task, (uint8_t)(1 + dice(3)));
		record_set(&command, credit, (int64_t)dice(4));
		break;
	case 2:
		record_set(&command, command, COMMAND_assign_result);
		record_set(&command, case_id, 1 + (int64_t)dice(20));
		record_set(&command, fence, (int64_t)dice(100000));
		record_set(&command, unit, span_of("works"));
		break;
	case 3:
		record_set(&command, command, COMMAND_tick);
		break;
	default:
		record_set(&command, command, COMMAND_advance);
		record_set(&command, to, INT64_C(4000000000000));
		break;
	}
	codec_write(frame, &command, CODEC_NAMES);
	frame->len -= dice(12) == 0 && frame->len > 3 ? 3 : 0;
}

static void stranger_step(void)
{
	struct people *people = sim->people;
	struct buf frame = {0};
	zmq_msg_t message;
	void *door = people->stranger_doors[dice(2)];

	zmq_msg_init(&message);
	for (int i = 0; i < 2; i++)
		while (zmq_msg_recv(&message, people->stranger_doors[i], ZMQ_DONTWAIT) >= 0)
			;
	zmq_msg_close(&message);
	if (!fault_happens(FAULT_stranger))
		return;
	strange_bytes(&frame);
	zmq_send(door, frame.data, frame.len, ZMQ_DONTWAIT);
	buf_free(&frame);
}

/* ---- the whole ---- */

void people_begin(void)
{
	static const struct { const char *name, *source; } who[PERSONS] = {
		{"hall", "12345"}, {"app", "app"}, {"web", "web"}, {"desk", NULL}, {"unit", NULL}, {"root", NULL},
	};

	sim->people = must_calloc(1, sizeof *sim->people);
	for (int i = 0; i < PERSONS; i++) {
		sim->people->persons[i].name = who[i].name;
		sim->people->persons[i].source = who[i].source;
		person_starts(&sim->people->persons[i]);
	}
	sim->people->stranger = zmq_ctx_new();
	for (int i = 0; i < 2; i++) {
		sim->people->stranger_doors[i] = zmq_socket(sim->people->stranger, ZMQ_DEALER);
		zmq_connect(sim->people->stranger_doors[i], i ? "sim://work" : "sim://service");
	}
}

static bool full(const struct person *person)
{
	return person->waiting >= (person->source ? REPORTS_MOST : WAITING_MOST);
}

void people_step(void)
{
	struct people *people = sim->people;
	struct person *somebody = &people->persons[dice(PERSONS)];

	if (fault_happens(FAULT_client_dies) && somebody->client)
		person_dies(somebody);
	for (uint64_t more = dice(4); more > 0; more--) {
		uint64_t what = dice(100);
		struct person *person = what < 22 ? &people->persons[dice(PUBLISHERS)] : &people->persons[3 + dice(2)];
		if (full(person))
			continue;
		if (what < 22)
			publish(person);
		else if (what < 92)
			work_at_desk(person);
		else
			look_up(person);
	}
	if (fault_happens(FAULT_policy) && !full(&people->persons[5]))
		change_policy(&people->persons[5]);
	stranger_step();
	people_wait();
}

void people_wait(void)
{
	for (int i = 0; i < PERSONS; i++)
		if (sim->people->persons[i].client)
			reeve_run(sim->people->persons[i].client, 0);
}

void people_run(void)
{
	for (int i = 0; i < PERSONS; i++) {
		struct person *person = &sim->people->persons[i];
		if (!person->client && person->up_us <= sim->now_us)
			person_starts(person);
		if (person->client && wire_context_readable(person->client->zmq))
			reeve_run(person->client, 0);
	}
}

void people_heal(void)
{
	for (int i = 0; i < PERSONS; i++)
		sim->people->persons[i].up_us = sim->now_us;
}

int64_t people_waiting(void)
{
	int64_t waiting = 0;

	for (int i = 0; i < PERSONS; i++)
		waiting += sim->people->persons[i].waiting;
	return waiting;
}

void people_each_acknowledged(void (*each)(struct span source, struct span ref, int64_t number, int64_t seq))
{
	const struct people *people = sim->people;

	for (size_t i = 0; i < people->acknowledged_count; i++)
		each(span_of(people->acknowledged[i].source), span_of(people->acknowledged[i].ref), people->acknowledged[i].number, people->acknowledged[i].seq);
}

void people_end(void)
{
	struct people *people = sim->people;
	struct ask *ask, *next;

	for (int i = 0; i < PERSONS; i++) {
		reeve_close(people->persons[i].client);
		DL_FOREACH_SAFE(people->persons[i].asks, ask, next)
			free(ask);
	}
	for (int i = 0; i < 2; i++)
		zmq_close(people->stranger_doors[i]);
	zmq_ctx_term(people->stranger);
	free(people->acknowledged);
	free(people);
}
