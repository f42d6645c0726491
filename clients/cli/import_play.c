/* `reeve import --play`: the events of every row at their own times, against a daemon with a driven clock.
 *
 * It reads the whole table first, merges all steps by time (play.c), sends them as commands with `at`, which the daemon
 * advances to before it takes the command, and at the end advances to --until. A step whose case is in another state
 * is refused by the daemon; that is counted by name, not an error of the play: a city's own record has such steps. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "clients/cli/import.h"
#include "clients/cli/moment.h"
#include "clients/cli/play.h"

#define GIVE_UP_MS 120000
#define ADVANCE_MS 600000

/* Tag of a step: its place in time order, from 1. */
static void step_answered(void *context, int64_t tag, const struct record *reply)
{
	struct import *import = context;
	const struct play_step *step = &import->play->steps[tag - 1];
	int command = record_get(reply, reply, COMMAND_none) % 64;

	if (step->step == 0)
		command = COMMAND_submit;
	if (!record_has(reply, error)) {
		import->done[command]++;
		if (step->step == 0)
			*(record_get(reply, duplicate, false) ? &import->counts.known : &import->counts.opened) += 1;
		return;
	}
	import->undone[command]++;
	import->refusals[reply->error % ERROR_MOST]++;
	if (step->step == 0) {
		import->counts.refused++;
		import_reply_refused(import, step->row, reply);
	}
}

static void step_add(struct import *import, const struct record *command, uint32_t step)
{
	if (command->at > import->until)
		import->left_out++;
	else
		play_add(import->play, command, rows_number(import->rows), step);
}

static void row_steps_add(struct import *import)
{
	struct record command;
	char wrong[240];
	int64_t row = rows_number(import->rows);
	bool good = mapping_report(import->mapping, import->rows, &command, wrong, sizeof wrong);

	if (good && !record_has(&command, reported_at)) {
		snprintf(wrong, sizeof wrong, "reported_at is empty: a play needs a time for every report");
		good = false;
	}
	if (!good) {
		import->counts.refused++;
		import->skipped++;
		import_row_refused(import, row, wrong);
		return;
	}
	record_set(&command, at, command.reported_at);
	step_add(import, &command, 0);
	for (size_t i = 0; i < mapping_steps(import->mapping); i++) {
		int found = mapping_step(import->mapping, i, import->rows, &command, wrong, sizeof wrong);
		if (found == 1)
			step_add(import, &command, (uint32_t)i + 1);
		if (found < 0)
			import_row_refused(import, row, wrong);
		import->skipped += found < 0;
	}
}

static int steps_read(struct import *import)
{
	int64_t read, size;
	int found;

	rows_progress(import->rows, &read, &size);
	progress_begin(&import->progress, "read", size);
	while ((found = rows_next(import->rows)) == 1) {
		row_steps_add(import);
		rows_progress(import->rows, &read, &size);
		progress_update(&import->progress, read, rows_number(import->rows));
	}
	progress_end(&import->progress);
	if (found == 0)
		return DONE;
	fprintf(stderr, "reeve: %s: %s\n", import->table, rows_error(import->rows));
	return REFUSED;
}

static int steps_send(struct import *import, int64_t from)
{
	struct record command;
	int result = DONE;

	progress_begin(&import->progress, "play", (int64_t)import->play->count);
	for (size_t i = (size_t)from; i < import->play->count && result == DONE && !import_should_stop(import); i++) {
		play_read(import->play, i, &command);
		result = sender_add(import->sender, &command, (int64_t)i + 1);
		int64_t answered = (int64_t)i + 1 - (int64_t)sender_waiting(import->sender);
		progress_update(&import->progress, answered, answered);
		import_save(import, (int64_t)i + 1, false);
	}
	if (result == DONE)
		result = sender_finish(import->sender);
	progress_end(&import->progress);
	return result;
}

static int until_advance(struct import *import)
{
	struct record command, reply;

	if (import->until == INT64_MAX)
		return DONE;
	if (!import->cli->timeout_given)
		import->cli->timeout_ms = ADVANCE_MS;
	record_clear(&command);
	record_set(&command, command, COMMAND_advance);
	record_set(&command, to, import->until);
	return cli_request(import->cli, &command, &reply);
}

static void counts_json(const char *label, const int64_t *counts, size_t most, const char *(*name)(int))
{
	const char *comma = "";

	printf(",\"%s\":{", label);
	for (size_t i = 1; i < most; i++) {
		if (!counts[i])
			continue;
		printf("%s\"%s\":%" PRId64, comma, name((int)i) ? name((int)i) : "?", counts[i]);
		comma = ",";
	}
	printf("}");
}

static void play_summary(const struct import *import)
{
	int64_t took = moment_steady() - import->begun_ms + 1;
	char text[DURATION_TEXT];

	if (import->cli->json) {
		printf("{\"rows\":%" PRId64 ",\"steps\":%zu,\"opened\":%" PRId64 ",\"known\":%" PRId64 ",\"refused\":%" PRId64 ",\"left_out\":%" PRId64 ",\"skipped\":%" PRId64,
			rows_number(import->rows), import->play->count, import->counts.opened, import->counts.known, import->counts.refused, import->left_out, import->skipped);
		counts_json("done", import->done, 64, command_name);
		counts_json("undone", import->undone, 64, command_name);
		counts_json("refusals", import->refusals, ERROR_MOST, error_name);
		printf(",\"ms\":%" PRId64 "}\n", took);
		return;
	}
	duration_write(took, text);
	printf("rows      %" PRId64 "\nsteps     %zu (%" PRId64 " more lie after the end)\n", rows_number(import->rows), import->play->count, import->left_out);
	for (int i = 1; i < 64; i++)
		if (import->done[i] || import->undone[i])
			printf("%-9s %" PRId64 " done, %" PRId64 " refused\n", command_name(i) ? command_name(i) : "?", import->done[i], import->undone[i]);
	for (int i = 1; i < ERROR_MOST; i++)
		if (import->refusals[i])
			printf("  %-22s %" PRId64 "\n", error_name(i), import->refusals[i]);
	if (import->skipped)
		printf("  %-22s %" PRId64 "\n", "by the mapping", import->skipped);
	printf("took      %s, %" PRId64 " steps/s\n", text, (int64_t)import->play->count * 1000 / took);
}

int import_play(struct import *import)
{
	struct play play = {0};

	import->play = &play;
	int result = steps_read(import);
	if (result == DONE) {
		play_sort(&play);
		struct sender_plan plan = {.frame_commands = (size_t)import->frame, .window = (size_t)import->window,
			.give_up_ms = import->cli->timeout_given ? import->cli->timeout_ms : GIVE_UP_MS, .answered = step_answered, .context = import};
		import->sender = sender_open(import->cli, &plan);
		result = steps_send(import, import_resume(import, "step"));
		if (result == DONE && !import_should_stop(import)) {
			result = until_advance(import);
			if (import->state)
				unlink(import->state);
		} else {
			import_save(import, 0, true);
		}
		play_summary(import);
	}
	if (result == DONE && import->counts.refused)
		result = REFUSED;
	play_free(&play);
	import->play = NULL;
	return result;
}
