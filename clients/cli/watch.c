/* `reeve watch`: events as they happen, from any sequence number on. Following the feed, asking for what was missed and
 * going on after a restart of the daemon are libreeve's; this file chooses topics and prints. Each event is printed
 * once; with --from the number after the last one seen, a later call goes on where this one ended (but for an event that the feed had dropped and
 * that was not repaired yet: who must not miss one takes reeve_subscription_reached).
 *
 * Prints in the order of arrival and flushes whenever nothing more is at hand, so that a pipe sees events live. */
#include <errno.h>
#include <inttypes.h>

#include "clients/c/private.h"
#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/value.h"
#include "clients/cli/words.h"

#define TURN_MS 500

const struct option_row watch_options[] = {
	OPTION_VALUE("from", "SEQ", "from this sequence number on; 1: everything (only what is new)"),
	OPTION_FLAG("until-caught-up", "end when everything there is was printed"),
	OPTION_VALUE("count", "N", "end after so many events"),
	OPTION_END,
};

struct watch {
	const struct cli *cli;
	int64_t left;
	bool caught_up, refused;
	int64_t heard_at;
};

static void event_print(void *context, const struct reeve_message *event)
{
	struct watch *watch = context;
	const struct record *record = &event->record;
	struct buf line = {0};
	char time[MOMENT_TEXT] = "";

	watch->heard_at = moment_steady();
	if (watch->left-- <= 0)
		return;
	if (watch->cli->json) {
		codec_json(&line, record);
	} else {
		if (record_has(record, at))
			moment_write(record->at, watch->cli->zone, time);
		buf_printf(&line, "%" PRId64 " %s %s ", record_get(record, seq, 0), time, event_name(record_get(record, event, 0)));
		value_write(&line, record, FIELD_case_id, watch->cli->zone);
		if (record_has(record, path))
			buf_printf(&line, " %.*s ", (int)record->path.len, record->path.data);
		event_words(&line, record, watch->cli->zone);
		for (size_t i = 0; i < line.len; i++)
			if ((unsigned char)line.data[i] < 0x20)
				line.data[i] = ' ';
	}
	buf_add_text(&line, "\n");
	fwrite(line.data, 1, line.len, stdout);
	buf_free(&line);
}

static void note_take(void *context, enum reeve_note note, int64_t seq)
{
	struct watch *watch = context;

	watch->heard_at = moment_steady();
	switch (note) {
	case REEVE_NOTE_CAUGHT_UP:
		watch->caught_up = true;
		break;
	case REEVE_NOTE_REPAIR:
		watch->caught_up = false;
		break;
	case REEVE_NOTE_GAP:
		fprintf(stderr, "reeve: events before %" PRId64 " are no longer kept\n", seq);
		break;
	case REEVE_NOTE_REFUSED:
		watch->refused = true;
		fprintf(stderr, "reeve: the daemon refuses to replay from %" PRId64 ": may %s ask for it?\n", seq, watch->cli->actor);
		break;
	}
}

static int watch_run(struct watch *watch, struct reeve_client *client, bool until_caught_up)
{
	watch->heard_at = moment_steady();
	while (watch->left > 0 && !(until_caught_up && watch->caught_up)) {
		int called = reeve_run(client, TURN_MS);
		fflush(stdout);
		if (called < 0 && called != REEVE_TIMEOUT) {
			fprintf(stderr, "reeve: %s\n", reeve_result_text(called));
			return NO_DAEMON;
		}
		if (until_caught_up && watch->refused)
			return REFUSED;
		if (until_caught_up && moment_steady() - watch->heard_at > watch->cli->timeout_ms) {
			fprintf(stderr, "reeve: %s did not answer within %" PRId64 " ms: %s\n", watch->cli->service, watch->cli->timeout_ms,
				connection_silence(watch->cli->service));
			return NO_DAEMON;
		}
	}
	return DONE;
}

int run_watch(struct cli *cli, const struct options *options)
{
	struct reeve_options connect = {.service = cli->service, .feed = cli->feed, .actor = cli->actor};
	struct watch watch = {.cli = cli};
	struct reeve_listener listener = {.event = event_print, .note = note_take, .context = &watch};
	int64_t from;
	int result = NO_DAEMON;

	if (!options_number(options, "from", 0, INT64_MAX, 0, &from) || !options_number(options, "count", 1, INT64_MAX, INT64_MAX, &watch.left))
		return USAGE;
	struct reeve_client *client = reeve_open(&connect);
	struct reeve_subscription *subscription = client ? reeve_subscribe(client, options->arguments, options->argument_count, from, &listener) : NULL;
	if (subscription)
		result = watch_run(&watch, client, options_flag(options, "until-caught-up"));
	else
		fprintf(stderr, "reeve: %s, %s: %s\n", cli->service, cli->feed, strerror(errno));
	reeve_unsubscribe(subscription);
	reeve_close(client);
	fflush(stdout);
	return result;
}
