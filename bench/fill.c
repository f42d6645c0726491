/* reeve-fill: fills a store for the benchmark, with the daemon stopped. It drives the engine itself over the real journal and archive files, so
 * what it leaves behind is what a daemon would have written: the same commands, events, rows and indexes, each round
 * committed and synced. Only sockets and worker processes are left out: people triage and dispatch.
 *
 *   reeve-fill DIRECTORY POLICY OPEN CLOSED
 *
 * Open cases are spread evenly among the closed ones; all of them are dispatched and have their clocks running. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/engine.h"
#include "policy/compile.h"

#define MAP_BYTES (INT64_C(1) << 40)
#define ROUND_CASES 1024

struct fill {
	struct settings settings;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;
	struct buf frame;
	int64_t asked, answered; /* requests */
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void fill_open(struct fill *fill, const char *directory)
{
	char error[400] = "";

	settings_default(&fill->settings);
	fill->settings.store_low_room_bytes = 0;
	fill->settings.limits_frame_bytes = fill->settings.limits_peer_bytes = 1 << 28;
	fill->settings.limits_frame_objects = fill->settings.limits_peer_requests = fill->settings.limits_round_requests = 1 << 20;
	fill->settings.limits_frame_nodes = 1 << 26;
	fill->journal = journal_lmdb_open(directory, MAP_BYTES, error, sizeof error);
	if (fill->journal)
		fill->archive = archive_open(directory, MAP_BYTES, engine_archive_format(), NULL, NULL, NULL, error, sizeof error);
	if (fill->archive)
		fill->engine = engine_open(&fill->settings, fill->journal, fill->archive, clock_ms(), error, sizeof error);
	if (!fill->engine)
		bench_fail("%s", error);
}

static void fill_close(struct fill *fill)
{
	engine_close(fill->engine);
	archive_close(fill->archive);
	fill->journal->ops->close(fill->journal);
	settings_free(&fill->settings);
	buf_free(&fill->frame);
}

static void reply_look(void *context, const struct record *reply)
{
	struct fill *fill = context;

	if (record_has(reply, error)) {
		struct span message = record_get(reply, message, ((struct span){"", 0}));
		bench_fail("refused: %s: %.*s", error_name(reply->error), (int)message.len, message.data);
	}
	fill->answered++;
}

/* Hands over what was gathered and takes the answers, which come after the commit. */
static void fill_round(struct fill *fill)
{
	struct engine_output output;

	engine_receive(fill->engine, DOOR_SERVICE, span_of("fill"), buf_span(&fill->frame));
	if (engine_turn(fill->engine, clock_ms()))
		bench_fail("%s", engine_fault(fill->engine));
	while (engine_output(fill->engine, &output))
		frame_each(output.payload, reply_look, fill);
	if (fill->answered != fill->asked)
		bench_fail("%lld requests, %lld answers", (long long)fill->asked, (long long)fill->answered);
	buf_clear(&fill->frame);
}

static void fill_add(struct fill *fill, const struct record *record)
{
	codec_write(&fill->frame, record, CODEC_NAMES);
	fill->asked++;
}

static void policy_add(struct fill *fill, const char *directory)
{
	struct policy_file *files;
	struct list_writer list;
	struct buf bytes = {0};
	struct record one;
	char error[300];
	size_t count;

	if (policy_files_read(directory, &files, &count, error, sizeof error))
		bench_fail("%s", error);
	list_begin(&list, &bytes, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, name, files[i].name);
		record_set(&one, content, files[i].content);
		list_add(&list, &one);
	}
	record_clear(&one);
	record_set(&one, command, COMMAND_policy_apply);
	record_set(&one, request, span_of("p"));
	record_set(&one, files, list_end(&list));
	fill_add(fill, &one);
	fill_round(fill);
	buf_free(&bytes);
	policy_files_free(files, count);
}

/* One step of the case with this number; the reports of a store that was empty are numbered from 1 on. */
static void step_add(struct fill *fill, int command, int64_t number)
{
	static const char *const units[] = {"roads", "signals", "parks", "water", "waste1", "order1"};
	struct record record;
	char request[32], source_ref[32], text[320];

	if (command == COMMAND_submit) {
		report_make(&record, number, request, source_ref, text);
		fill_add(fill, &record);
		return;
	}
	record_clear(&record);
	snprintf(request, sizeof request, "%d-%lld", command, (long long)number);
	record_set(&record, command, (uint8_t)command);
	record_set(&record, request, span_of(request));
	record_set(&record, actor, span_of("bench"));
	record_set(&record, case_id, number);
	if (command == COMMAND_triage)
		record_set(&record, category, span_of("light"));
	if (command == COMMAND_dispatch)
		record_set(&record, unit, span_of(units[number % 6]));
	if (command == COMMAND_close) {
		record_set(&record, outcome, OUTCOME_solved);
		record_set(&record, result, span_of("done"));
	}
	fill_add(fill, &record);
}

static bool stays_open(int64_t number, int64_t open, int64_t all)
{
	return number * open / all != (number - 1) * open / all;
}

static void cases_add(struct fill *fill, int64_t open, int64_t closed)
{
	static const int steps[] = {COMMAND_submit, COMMAND_triage, COMMAND_dispatch, COMMAND_close};
	const int64_t all = open + closed;

	for (int64_t first = 1; first <= all; first += ROUND_CASES) {
		for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
			for (int64_t number = first; number < first + ROUND_CASES && number <= all; number++)
				if (steps[step] != COMMAND_close || !stays_open(number, open, all))
					step_add(fill, steps[step], number);
		fill_round(fill);
	}
}

int main(int argc, char **argv)
{
	struct fill fill = {0};
	int64_t open, closed, began = now_us();
	double seconds;

	if (argc != 5) {
		fputs("usage: reeve-fill DIRECTORY POLICY OPEN CLOSED\n", stderr);
		return 2;
	}
	open = atoll(argv[3]);
	closed = atoll(argv[4]);
	if (open + closed < 1)
		bench_fail("OPEN + CLOSED start at 1");
	fill_open(&fill, argv[1]);
	policy_add(&fill, argv[2]);
	cases_add(&fill, open, closed);
	if (engine_open_cases(fill.engine) != open)
		bench_fail("%lld cases are open instead of %lld", (long long)engine_open_cases(fill.engine), (long long)open);
	fill_close(&fill);
	seconds = (double)(now_us() - began) / 1e6;
	printf("fill open=%lld closed=%lld secs=%.1f rate=%.0f/s\n", (long long)open, (long long)closed, seconds, (double)(open + closed) / seconds);
	return 0;
}
