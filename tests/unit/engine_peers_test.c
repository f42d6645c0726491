/* What peers may do to the engine and to each other: a real engine with a journal in memory, told the time by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/inside.h"
#include "policy/compile.h"
#include "store/journal_memory.h"

#define START INT64_C(1790000000000)
#define MAP_BYTES (64 << 20)

struct place {
	char folder[64];
	struct settings settings;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;
	int64_t now;
	struct record last;      /* the last map that anybody was sent */
	struct buf bytes;        /* behind it */
	int64_t answers, tasks, refusals;
	int64_t answers_of[4];   /* by the peer's first byte, a to d */
	int64_t sent_bytes;
	int64_t feed_events, marks;
};

static void place_tell(struct place *place, enum door door, const char *peer, const struct record *request);
static void place_turn(struct place *place);

static void adopt(struct place *place)
{
	struct policy_file *files;
	struct list_writer list;
	struct buf bytes = {0};
	struct record one;
	char error[300];
	size_t count;

	assert_int_equal(policy_files_read(TOWN, &files, &count, error, sizeof error), 0);
	list_begin(&list, &bytes, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, name, files[i].name);
		record_set(&one, content, files[i].content);
		list_add(&list, &one);
	}
	record_clear(&one);
	record_set(&one, command, COMMAND_policy_apply);
	record_set(&one, files, list_end(&list));
	place_tell(place, DOOR_SERVICE, "z", &one);
	place_turn(place);
	assert_true(state_policy_version(place->engine->state) == 1);
	buf_free(&bytes);
	policy_files_free(files, count);
}

static int place_open(void **state)
{
	struct place *place = must_calloc(1, sizeof *place);
	char error[400] = "";

	log_set_level(LOG_LEVEL_ERROR);
	snprintf(place->folder, sizeof place->folder, "/tmp/reeve-engine-peers-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	settings_default(&place->settings);
	place->settings.store_low_room_bytes = 0;
	place->journal = journal_memory_open();
	place->archive = archive_open(place->folder, MAP_BYTES, engine_archive_format(), NULL, NULL, NULL, error, sizeof error);
	assert_non_null(place->archive);
	place->now = START;
	place->engine = engine_open(&place->settings, place->journal, place->archive, place->now, error, sizeof error);
	assert_non_null(place->engine);
	adopt(place);
	*state = place;
	return 0;
}

static int place_close(void **state)
{
	struct place *place = *state;
	char path[128];

	engine_close(place->engine);
	archive_close(place->archive);
	place->journal->ops->close(place->journal);
	settings_free(&place->settings);
	buf_free(&place->bytes);
	snprintf(path, sizeof path, "rm -r %s", place->folder);
	assert_int_equal(system(path), 0);
	free(place);
	return 0;
}

static void output_note(struct place *place, const struct engine_output *output)
{
	struct span rest, map;
	struct flaw flaw;

	buf_clear(&place->bytes);
	buf_add_span(&place->bytes, output->payload);
	place->sent_bytes += (int64_t)output->payload.len;
	for (rest = buf_span(&place->bytes); frame_next(&rest, &map);) {
		assert_int_equal(codec_read_lenient(map, &place->last, &flaw), 0);
		if (output->door == DOOR_FEED) {
			place->marks += record_has(&place->last, caught_up);
			place->feed_events += record_has(&place->last, event);
			continue;
		}
		place->tasks += record_has(&place->last, fence) && !record_has(&place->last, reply);
		place->refusals += record_has(&place->last, error);
		place->answers += record_has(&place->last, reply);
		if (output->peer.data[0] >= 'a' && output->peer.data[0] <= 'd')
			place->answers_of[output->peer.data[0] - 'a'] += record_has(&place->last, reply);
	}
}

static void place_turn(struct place *place)
{
	struct engine_output output;

	assert_int_equal(engine_turn(place->engine, place->now), 0);
	while (engine_output(place->engine, &output))
		output_note(place, &output);
}

static void place_tell(struct place *place, enum door door, const char *peer, const struct record *request)
{
	struct buf frame = {0};

	codec_write(&frame, request, CODEC_NAMES);
	engine_receive(place->engine, door, span_of(peer), buf_span(&frame));
	buf_free(&frame);
}

static void report(struct record *ret, const char *ref)
{
	record_clear(ret);
	record_set(ret, command, COMMAND_submit);
	record_set(ret, source, span_of("12345"));
	record_set(ret, source_ref, span_of(ref));
	record_set(ret, text, span_of("路灯不亮"));
	record_set(ret, area, span_of("370102"));
}

static void enlist(struct place *place, const char *peer, int64_t credit)
{
	struct record request;

	record_clear(&request);
	record_set(&request, command, COMMAND_enlist);
	record_set(&request, worker, span_of(peer));
	record_set(&request, task, TASK_triage);
	record_set(&request, credit, credit);
	place_tell(place, DOOR_WORK, peer, &request);
	place_turn(place);
}

static void renew_at(struct place *place, const char *peer, int64_t number, int64_t fence, int64_t now)
{
	struct record request;

	record_clear(&request);
	record_set(&request, command, COMMAND_renew);
	record_set(&request, task, TASK_triage);
	record_set(&request, case_id, number);
	record_set(&request, fence, fence);
	place->now = now;
	place_turn(place);
	place_tell(place, DOOR_WORK, peer, &request);
	place_turn(place);
}

static void renewals_end_at_lease_most(void **state)
{
	struct place *place = *state;
	struct record request;

	place->settings.work_lease_ms = 1000;
	place->settings.work_lease_most_ms = 3000;
	enlist(place, "w", 1);
	report(&request, "1");
	place_tell(place, DOOR_SERVICE, "a", &request);
	place_turn(place);
	assert_int_equal(place->tasks, 1);
	int64_t number = place->engine->leases->entry.number, fence = place->engine->leases->entry.fence, taken = place->now;
	renew_at(place, "w", number, fence, taken + 999);
	assert_false(record_has(&place->last, error));
	renew_at(place, "w", number, fence, taken + 1500);
	assert_false(record_has(&place->last, error));
	/* The very end: a lease from here ends exactly at the most. */
	renew_at(place, "w", number, fence, taken + 2000);
	assert_false(record_has(&place->last, error));
	/* One millisecond later it would be longer: refused, and the lease that is there stays. */
	enlist(place, "v", 1);
	renew_at(place, "w", number, fence, taken + 2001);
	assert_int_equal(place->last.error, ERROR_stale);
	assert_non_null(place->engine->leases);
	assert_int_equal(place->tasks, 1);
	place->now = taken + 2999;
	place_turn(place);
	assert_int_equal(place->tasks, 1);
	place->now = taken + 3000;
	place_turn(place);
	assert_int_equal(place->tasks, 2);
	assert_string_equal(place->engine->leases->worker->name, "v");
}

static void a_result_counts_after_the_last_renewal(void **state)
{
	struct place *place = *state;
	struct record request;

	place->settings.work_lease_ms = place->settings.work_lease_most_ms = 1000;
	enlist(place, "w", 1);
	report(&request, "1");
	place_tell(place, DOOR_SERVICE, "a", &request);
	place_turn(place);
	int64_t number = place->engine->leases->entry.number, fence = place->engine->leases->entry.fence;
	renew_at(place, "w", number, fence, place->now + 1);
	assert_int_equal(place->last.error, ERROR_stale);
	record_clear(&request);
	record_set(&request, command, COMMAND_fail);
	record_set(&request, task, TASK_triage);
	record_set(&request, case_id, number);
	record_set(&request, fence, fence);
	record_set(&request, reason, span_of("no idea"));
	place_tell(place, DOOR_WORK, "w", &request);
	place_turn(place);
	assert_false(record_has(&place->last, error));
}

static void queue_reports(struct place *place, const char *peer, int first, int count)
{
	struct buf frame = {0};
	struct record request;
	char ref[16];

	for (int i = 0; i < count; i++) {
		snprintf(ref, sizeof ref, "%s%d", peer, first + i);
		report(&request, ref);
		codec_write(&frame, &request, CODEC_NAMES);
	}
	engine_queue(place->engine, DOOR_SERVICE, span_of(peer), buf_span(&frame));
	buf_free(&frame);
}

static void who_asks_little_is_answered_first(void **state)
{
	struct place *place = *state;

	queue_reports(place, "a", 0, 2000);
	assert_true(engine_slice(place->engine));
	queue_reports(place, "b", 0, 1);
	assert_true(engine_slice(place->engine));
	place_turn(place);
	assert_int_equal(place->answers_of[1], 1);
	assert_true(place->answers_of[0] > 0 && place->answers_of[0] < 100);
	assert_int_equal(engine_wait_ms(place->engine, place->now), 0);
	/* Many who ask little do not shut out the one who asks much. */
	int64_t before = place->answers_of[0];
	for (int i = 0; i < 40; i++) {
		queue_reports(place, i % 2 ? "c" : "b", 1 + i, 1);
		assert_true(engine_slice(place->engine));
	}
	place_turn(place);
	assert_true(place->answers_of[0] > before);
	while (engine_slice(place->engine))
		continue;
	place_turn(place);
	assert_int_equal(place->answers_of[0], 2000);
	assert_int_equal(place->answers_of[1] + place->answers_of[2], 41);
	assert_int_equal(place->refusals, 0);
	assert_int_equal(place->engine->inbox_bytes, 0);
	assert_int_equal(state_open_cases(place->engine->state), 2041);
}

static void who_asks_little_hurries_the_round(void **state)
{
	struct place *place = *state;

	queue_reports(place, "a", 0, 64);
	while (engine_slice(place->engine))
		continue;
	assert_false(engine_hurried(place->engine));
	queue_reports(place, "b", 0, 5);
	assert_true(engine_slice(place->engine));
	assert_false(engine_hurried(place->engine));
	queue_reports(place, "c", 0, 4);
	assert_true(engine_slice(place->engine));
	assert_true(engine_hurried(place->engine));
	place_turn(place);
	assert_int_equal(place->answers_of[0] + place->answers_of[1] + place->answers_of[2], 73);
	queue_reports(place, "d", 0, 5);
	assert_true(engine_slice(place->engine));
	assert_false(engine_hurried(place->engine));
}

static void over_the_credit_is_busy_and_then_unread(void **state)
{
	struct place *place = *state;

	place->settings.limits_peer_requests = 100;
	queue_reports(place, "a", 0, 100);
	place_turn(place);
	assert_int_equal(place->answers, 1); /* the policy's */
	/* Ten over it: each is told. */
	queue_reports(place, "a", 100, 10);
	queue_reports(place, "b", 0, 100);
	place_turn(place);
	assert_int_equal(place->refusals, 10);
	/* Far over it: some are told, and once for all others. */
	queue_reports(place, "a", 110, 4000);
	queue_reports(place, "a", 4110, 4000);
	place_turn(place);
	assert_true(place->refusals > 10 && place->refusals < 400);
	while (engine_slice(place->engine))
		continue;
	place_turn(place);
	assert_int_equal(state_open_cases(place->engine->state), 200);
	/* And then it is welcome again. */
	queue_reports(place, "a", 100, 10);
	assert_true(engine_slice(place->engine));
	place_turn(place);
	assert_int_equal(state_open_cases(place->engine->state), 210);
}

/* What all peers together may have waiting is used up by others: one small request of somebody else still gets through. */
static void a_flood_of_others_shuts_nobody_out(void **state)
{
	struct place *place = *state;

	place->settings.limits_backlog_bytes = 4096; /* a frame of twice that is not even looked at */
	queue_reports(place, "a", 0, 60);
	place_turn(place);
	assert_true(place->refusals > 0);
	int64_t refusals = place->refusals;
	queue_reports(place, "b", 0, 1);
	place_turn(place);
	assert_int_equal(place->refusals, refusals);
	queue_reports(place, "b", 1, 1); /* a second one before the first was looked at is no longer little */
	place_turn(place);
	assert_int_equal(place->refusals, refusals + 1);
	while (engine_slice(place->engine))
		continue;
	place_turn(place);
	assert_int_equal(place->answers_of[1], 2);
}

static bool only_b(void *context, enum door door, struct span peer)
{
	(void)context;
	(void)door;
	return peer.data[0] == 'b';
}

static bool everybody(void *context, enum door door, struct span peer)
{
	(void)context;
	(void)door;
	return peer.len > 0;
}

static void who_does_not_read_is_passed_over(void **state)
{
	struct place *place = *state;

	engine_on_clear(place->engine, only_b, NULL);
	queue_reports(place, "a", 0, 5);
	queue_reports(place, "b", 0, 5);
	assert_true(engine_slice(place->engine));
	assert_false(engine_slice(place->engine));
	place_turn(place);
	assert_int_equal(place->answers_of[0], 0);
	assert_int_equal(place->answers_of[1], 5);
	engine_on_clear(place->engine, everybody, NULL);
	assert_true(engine_slice(place->engine));
	place_turn(place);
	assert_int_equal(place->answers_of[0], 5);
	/* Gone with requests in its inbox: nothing of it stays. */
	queue_reports(place, "a", 5, 5);
	engine_unreachable(place->engine, DOOR_SERVICE, span_of("a"));
	assert_int_equal(place->engine->inbox_bytes, 0);
	assert_false(engine_slice(place->engine));
	place_turn(place);
	assert_int_equal(state_open_cases(place->engine->state), 10);
}

static void requests_have_the_time_they_are_handled_at(void **state)
{
	struct place *place = *state;
	struct engine_output output;

	engine_subscription(place->engine, span_of("case_opened/"), true);
	queue_reports(place, "a", 0, 1);
	engine_time(place->engine, START + 3600000);
	assert_true(engine_slice(place->engine));
	assert_int_equal(engine_turn(place->engine, START + 3600000), 0);
	while (engine_output(place->engine, &output))
		if (output.door == DOOR_FEED)
			output_note(place, &output);
		else
			continue;
	assert_int_equal(place->feed_events, 1);
	assert_int_equal(state_now(place->engine->state), START + 3600000);
}

static void marks_of_many_prefixes_come_in_pieces(void **state)
{
	struct place *place = *state;
	char topic[32];

	for (int i = 0; i < 2000; i++) {
		snprintf(topic, sizeof topic, "case_opened/%d", i);
		engine_subscription(place->engine, span_of(topic), true);
	}
	place_turn(place);
	assert_true(place->marks > 0 && place->marks < 2000);
	assert_int_equal(engine_wait_ms(place->engine, place->now), 0);
	for (int i = 0; i < 10; i++)
		place_turn(place);
	assert_int_equal(place->marks, 2000);
}

static void place_reopen(struct place *place, int64_t free_bytes)
{
	char error[400];

	engine_close(place->engine);
	place->journal = journal_memory_reopen(place->journal);
	journal_memory_set_free(place->journal, free_bytes);
	place->engine = engine_open(&place->settings, place->journal, place->archive, place->now, error, sizeof error);
	assert_non_null(place->engine);
}

/* Whoever waits at the door of a daemon that begins on a full disk is handled before its first turn. */
static void room_is_known_before_the_first_request(void **state)
{
	struct place *place = *state;

	place_reopen(place, 0);
	int64_t seq = place->journal->last_seq, refusals = place->refusals;
	queue_reports(place, "a", 0, 1);
	while (engine_slice(place->engine))
		continue;
	place_turn(place);
	assert_int_equal(place->refusals, refusals + 1);
	assert_int_equal(place->last.error, ERROR_busy);
	assert_true(place->journal->last_seq == seq && state_open_cases(place->engine->state) == 0);
}

/* Whoever heard that the disk is low hears once that it is not, also from a daemon that was started in between. */
static void what_was_told_of_the_disk_outlives_a_restart(void **state)
{
	struct place *place = *state;

	place->settings.store_low_room_bytes = 1 << 20;
	const struct { int64_t free_bytes, events; } starts[] = {{512 << 10, 1}, {512 << 10, 1}, {64 << 20, 2}, {64 << 20, 2}};
	int64_t seq = place->journal->last_seq;
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		place_reopen(place, starts[i].free_bytes);
		place_turn(place);
		assert_true(place->journal->last_seq == seq + starts[i].events);
	}
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, place_open, place_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(renewals_end_at_lease_most),
		WITH_PLACE(a_result_counts_after_the_last_renewal),
		WITH_PLACE(who_asks_little_is_answered_first),
		WITH_PLACE(who_asks_little_hurries_the_round),
		WITH_PLACE(a_flood_of_others_shuts_nobody_out),
		WITH_PLACE(over_the_credit_is_busy_and_then_unread),
		WITH_PLACE(who_does_not_read_is_passed_over),
		WITH_PLACE(requests_have_the_time_they_are_handled_at),
		WITH_PLACE(marks_of_many_prefixes_come_in_pieces),
		WITH_PLACE(room_is_known_before_the_first_request),
		WITH_PLACE(what_was_told_of_the_disk_outlives_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
