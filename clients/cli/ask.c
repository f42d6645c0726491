/* One request and its answer, for every subcommand that needs no pipeline. Owns the connection of the run.
 *
 * Conversation: one map out with an id of its own (run-number), replies in until one echoes that id; others, late answers
 * to a question that was given up, are dropped. busy and stopping are asked again after retry_after_ms, as long as
 * the timeout lasts. A question is sent again when the connection breaks, under the same id, and not otherwise: whether
 * silence means a slow or a stuck daemon is for the person to judge, and exit code 3 says so. */
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/value.h"

#define REPLY_LIMITS ((struct frame_limits){.bytes = 64 << 20, .objects = 1 << 20, .depth = 16, .nodes = 16 << 20})

int cli_usage(const struct cli *cli, const char *format, ...)
{
	va_list args;

	fputs("reeve: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nSee: reeve help%s%s\n", cli->command ? " " : "", cli->command ? cli->command->name : "");
	return USAGE;
}

int cli_connect(struct cli *cli)
{
	char error[256];

	if (cli->connection)
		return DONE;
	cli->connection = connection_open(cli->service, error, sizeof error);
	if (cli->connection)
		return DONE;
	fprintf(stderr, "reeve: %s\n", error);
	return NO_DAEMON;
}

void cli_sign(struct cli *cli, struct record *command, char ret_request[40])
{
	snprintf(ret_request, 40, "%s-%lld", cli->run, (long long)++cli->requests);
	record_set(command, request, span_of(ret_request));
	record_set(command, actor, span_of(cli->actor));
}

/* The reply among those of a frame that answers the request. */
static bool reply_find(struct span frame, const char *request, struct record *ret_reply)
{
	struct frame_limits limits = REPLY_LIMITS;
	struct flaw flaw;
	struct span map;
	size_t objects;

	if (frame_scan(frame, &limits, &objects, &flaw) != 0)
		return false;
	while (frame_next(&frame, &map)) {
		record_clear(ret_reply);
		(void)codec_read_lenient(map, ret_reply, &flaw); /* with a field that cannot be read it is an answer all the same */
		/* A frame that could not be read at all is answered without an id. */
		if (!record_has(ret_reply, request) ? record_has(ret_reply, error) : span_is(ret_reply->request, request))
			return true;
	}
	return false;
}

static int no_answer(const struct cli *cli, const char *what)
{
	fprintf(stderr, "reeve: %s %s within %lld ms: %s\n", cli->service, what, (long long)cli->timeout_ms,
		connection_silence(cli->service));
	return NO_DAEMON;
}

static void pause_ms(int64_t ms)
{
	struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

/* Sends and waits; sends again, under the same id, only when the connection broke. DONE, REFUSED or NO_DAEMON. */
static int ask_once(struct cli *cli, struct span frame, const char *request, int64_t until, struct record *ret_reply)
{
	struct span answer;

	do {
		if (!connection_send(cli->connection, frame, until - moment_steady()))
			return no_answer(cli, "could not be reached");
		(void)connection_broke(cli->connection);
		while (connection_receive(cli->connection, until - moment_steady(), &answer))
			if (reply_find(answer, request, ret_reply))
				return record_has(ret_reply, error) ? REFUSED : DONE;
	} while (connection_broke(cli->connection));
	return no_answer(cli, "did not answer");
}

static bool worth_retrying(const struct record *reply)
{
	return reply->error == ERROR_busy || reply->error == ERROR_stopping;
}

int cli_ask(struct cli *cli, struct record *command, struct record *ret_reply)
{
	struct buf frame = {0};
	char request[40];
	int result = cli_connect(cli);
	int64_t until = moment_steady() + cli->timeout_ms;

	if (result != DONE)
		return result;
	cli_sign(cli, command, request);
	codec_write_all(&frame, command);
	for (;;) {
		result = ask_once(cli, buf_span(&frame), request, until, ret_reply);
		if (result != REFUSED || !worth_retrying(ret_reply))
			break;
		int64_t wait = record_get(ret_reply, retry_after_ms, 250);
		if (moment_steady() + wait >= until)
			break;
		pause_ms(wait);
	}
	buf_free(&frame);
	return result;
}

void cli_json(const struct record *record)
{
	struct buf text = {0};

	codec_json(&text, record);
	buf_add_text(&text, "\n");
	fwrite(text.data, 1, text.len, stdout);
	fflush(stdout);
	buf_free(&text);
}

void cli_refusal(const struct cli *cli, const struct record *reply)
{
	if (cli->json) {
		cli_json(reply);
		return;
	}
	const char *name = error_name(reply->error);
	struct span message = record_get(reply, message, span_of(error_text(reply->error)));
	struct span field = record_get(reply, field, span_of(""));
	fprintf(stderr, "reeve: refused: %s%s%.*s: %.*s\n", name ? name : "?", field.len ? " " : "", (int)field.len, field.data ? field.data : "",
		(int)message.len, message.data ? message.data : "");
}

int cli_request(struct cli *cli, struct record *command, struct record *ret_reply)
{
	int result = cli_ask(cli, command, ret_reply);

	if (result == REFUSED)
		cli_refusal(cli, ret_reply);
	return result;
}

bool cli_case(struct cli *cli, const struct options *options, struct record *command)
{
	const char *number = options_argument(options, 0);
	const char *source = options_text(options, "source"), *ref = options_text(options, "ref");
	char wrong[160];

	if (number && !value_read(command, FIELD_case_id, span_of(number), cli->zone, wrong, sizeof wrong)) {
		cli_usage(cli, "%s: %s", number, wrong);
		return false;
	}
	if ((!number && !(source && ref)) || (number && (source || ref))) {
		cli_usage(cli, "name the case: by its number, or by --source and --ref");
		return false;
	}
	return true;
}
