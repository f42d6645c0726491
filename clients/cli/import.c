/* `reeve import`: every row of a table becomes a report. Owns one run: files, sender, counts, checkpoint.
 *
 * Rows go out in the table's order, packed and pipelined; the checkpoint moves only over rows that are answered, so an
 * interrupted run begins again at the first unanswered row and repeats a window of rows at the most, which the daemon
 * knows by source and source_ref. A refused row is counted as answered: calling again does not mend it. */
#include "clients/cli/import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "clients/cli/moment.h"
#include "clients/cli/value.h"

#define SAVE_MS 1000
#define GIVE_UP_MS 60000

const struct option_row import_options[] = {
	OPTION_VALUE("map", "FILE", "the mapping file (YAML)"),
	OPTION_VALUE("state", "FILE", "the checkpoint (CSV.reeve-state; with --play none)"),
	OPTION_FLAG("stop-on-error", "end at the first refusal"),
	OPTION_VALUE("frame", "N", "commands in a frame (256)"),
	OPTION_VALUE("window", "N", "commands under way (2048)"),
	OPTION_FLAG("play", "play every row's events at their times (driven clock)"),
	OPTION_VALUE("until", "TIME", "with --play: leave out what is later, and advance to it at the end"),
	OPTION_END,
};

void import_row_refused(struct import *import, int64_t row, const char *wrong)
{
	progress_clear(&import->progress);
	fprintf(stderr, "row %" PRId64 ": %s\n", row, wrong);
}

void import_reply_refused(struct import *import, int64_t row, const struct record *reply)
{
	struct span message = record_get(reply, message, span_of(error_text(reply->error)));
	struct span field = record_get(reply, field, span_of(""));
	struct buf wrong = {0};

	buf_printf(&wrong, "%s", error_name(reply->error) ? error_name(reply->error) : "refused");
	if (field.len)
		buf_printf(&wrong, " (%.*s)", (int)field.len, field.data);
	buf_printf(&wrong, ": %.*s", (int)message.len, message.data ? message.data : "");
	import_row_refused(import, row, wrong.data);
	buf_free(&wrong);
}

bool import_should_stop(const struct import *import)
{
	return import->stop_on_error && import->counts.refused > 0;
}

static void row_answered(void *context, int64_t row, const struct record *reply)
{
	struct import *import = context;

	if (record_has(reply, error)) {
		import->counts.refused++;
		import->refusals[reply->error % ERROR_MOST]++;
		import_reply_refused(import, row, reply);
	} else if (record_get(reply, duplicate, false)) {
		import->counts.known++;
	} else {
		import->counts.opened++;
	}
}

void import_save(struct import *import, int64_t read, bool now)
{
	int64_t lowest = sender_lowest(import->sender);

	if (!import->state || (!now && moment_steady() - import->saved_ms < SAVE_MS))
		return;
	import->saved_ms = moment_steady();
	import->counts.row = lowest == INT64_MAX ? read : lowest - 1;
	if (checkpoint_write(import->state, import->table, import->map, import->cli->service, &import->counts))
		return;
	progress_clear(&import->progress);
	fprintf(stderr, "reeve: %s: %s: the import goes on without a checkpoint\n", import->state, strerror(errno));
	import->state = NULL;
}

static int row_send(struct import *import)
{
	struct record command;
	char wrong[240];

	if (mapping_report(import->mapping, import->rows, &command, wrong, sizeof wrong))
		return sender_add(import->sender, &command, rows_number(import->rows));
	import->counts.refused++;
	import->skipped++;
	import_row_refused(import, rows_number(import->rows), wrong);
	return DONE;
}

static int rows_send(struct import *import, int64_t from)
{
	int64_t read, size;
	int found, result = DONE;

	while (result == DONE && !import_should_stop(import) && (found = rows_next(import->rows)) != 0) {
		if (found < 0) {
			fprintf(stderr, "reeve: %s: %s\n", import->table, rows_error(import->rows));
			result = REFUSED;
			break;
		}
		if (rows_number(import->rows) <= from)
			continue;
		result = row_send(import);
		rows_progress(import->rows, &read, &size);
		progress_update(&import->progress, read, rows_number(import->rows));
		import_save(import, rows_number(import->rows), false);
	}
	int finished = sender_finish(import->sender);
	return result == DONE ? finished : result;
}

static void summary_json(const struct import *import, int64_t took_ms)
{
	printf("{\"rows\":%" PRId64 ",\"opened\":%" PRId64 ",\"known\":%" PRId64 ",\"refused\":%" PRId64 ",\"refusals\":{", rows_number(import->rows),
		import->counts.opened, import->counts.known, import->counts.refused);
	const char *comma = "";
	for (int i = 1; i < ERROR_MOST; i++) {
		if (!import->refusals[i])
			continue;
		printf("%s\"%s\":%" PRId64, comma, error_name(i), import->refusals[i]);
		comma = ",";
	}
	if (import->skipped)
		printf("%s\"mapping\":%" PRId64, comma, import->skipped);
	printf("},\"ms\":%" PRId64 "}\n", took_ms);
}

static void summary_print(const struct import *import)
{
	int64_t took = moment_steady() - import->begun_ms + 1;
	char text[DURATION_TEXT];

	if (import->cli->json) {
		summary_json(import, took);
		return;
	}
	duration_write(took, text);
	printf("rows      %" PRId64 "\nopened    %" PRId64 "\nknown     %" PRId64 "\nrefused   %" PRId64 "\n", rows_number(import->rows), import->counts.opened,
		import->counts.known, import->counts.refused);
	for (int i = 1; i < ERROR_MOST; i++)
		if (import->refusals[i])
			printf("  %-22s %" PRId64 "\n", error_name(i), import->refusals[i]);
	if (import->skipped)
		printf("  %-22s %" PRId64 "\n", "by the mapping", import->skipped);
	printf("took      %s, %" PRId64 " rows/s\n", text, rows_number(import->rows) * 1000 / took);
}

int64_t import_resume(struct import *import, const char *unit)
{
	if (!import->state || !checkpoint_read(import->state, import->table, import->map, import->cli->service, &import->counts))
		return 0;
	fprintf(stderr, "going on after %s %" PRId64 " (%s)\n", unit, import->counts.row, import->state);
	return import->counts.row;
}

static int import_rows(struct import *import)
{
	int64_t read, size, before = import_resume(import, "row");

	struct sender_plan plan = {.frame_commands = (size_t)import->frame, .window = (size_t)import->window,
		.give_up_ms = import->cli->timeout_given ? import->cli->timeout_ms : GIVE_UP_MS, .answered = row_answered, .context = import};
	import->sender = sender_open(import->cli, &plan);
	rows_progress(import->rows, &read, &size);
	progress_begin(&import->progress, "import", size);
	int result = rows_send(import, before);
	progress_end(&import->progress);
	bool complete = result == DONE && !import_should_stop(import);
	if (complete && import->state)
		unlink(import->state);
	else
		import_save(import, rows_number(import->rows), true);
	summary_print(import);
	if (result == DONE && import->counts.refused)
		result = REFUSED;
	return result;
}

static int options_take(struct import *import, struct buf *state)
{
	const struct options *options = import->options;
	const char *until = options_text(options, "until"), *given = options_text(options, "state");
	bool play = options_flag(options, "play");

	import->table = options_argument(options, 0);
	import->map = options_text(options, "map");
	import->stop_on_error = options_flag(options, "stop-on-error");
	import->until = INT64_MAX;
	if (!import->map)
		return cli_usage(import->cli, "--map FILE is wanted: which column becomes which field");
	if (!options_number(options, "frame", 1, 4096, 256, &import->frame) || !options_number(options, "window", 1, 1000000, 2048, &import->window))
		return USAGE;
	if (until && (!play || !moment_read(span_of(until), import->cli->zone, &import->until)))
		return cli_usage(import->cli, "--until %s: a time is wanted, together with --play", until);
	if (given ? strcmp(given, "none") == 0 : play)
		return DONE;
	buf_printf(state, given ? "%s" : "%s.reeve-state", given ? given : import->table);
	buf_add(state, "", 1);
	import->state = state->data;
	return DONE;
}

static int files_open(struct import *import)
{
	char error[400];

	import->rows = rows_open(import->table, error, sizeof error);
	if (import->rows)
		import->mapping = mapping_open(import->map, import->cli->zone, error, sizeof error);
	if (import->mapping && mapping_bind(import->mapping, import->rows, error, sizeof error))
		return DONE;
	fprintf(stderr, "reeve: %s\n", error);
	return REFUSED;
}

int run_import(struct cli *cli, const struct options *options)
{
	struct import import = {.cli = cli, .options = options, .begun_ms = moment_steady()};
	struct buf state = {0};
	int result = options_take(&import, &state);

	if (result == DONE)
		result = files_open(&import);
	if (result == DONE)
		result = options_flag(options, "play") ? import_play(&import) : import_rows(&import);
	sender_close(import.sender);
	mapping_close(import.mapping);
	rows_close(import.rows);
	buf_free(&state);
	return result;
}
