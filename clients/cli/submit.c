/* `reeve submit`: one report from the command line. The text may come from standard input, so that a caller's words need not
 * stand in the shell's history. Prints the number that the resident is told, and whether the report was known already. */
#include <stdlib.h>

#include "clients/cli/command.h"
#include "clients/cli/value.h"

const struct option_row submit_options[] = {
	OPTION_FIELD("source", "NAME", source, "the publishing call centre"),
	OPTION_FIELD("ref", "NUMBER", source_ref, "its own ticket number"),
	OPTION_VALUE("text", "TEXT|-", "the report in the resident's words; -: from standard input"),
	OPTION_FIELD("title", "TEXT", title, "one line"),
	OPTION_FIELD("kind", "KIND", kind, "consultation help complaint violation suggestion thanks incident"),
	OPTION_FIELD("category", "CODE", category, "code from the policy, when it is known"),
	OPTION_FIELD("area", "CODE", area, "code from the policy"),
	OPTION_FIELD("urgency", "1-4", urgency, "1 danger to life, 2 urgent, 3 normal, 4 low"),
	OPTION_FIELD("address", "TEXT", address, "where, in words"),
	OPTION_FIELD("lat", "DEGREES", latitude, "latitude, WGS 84"),
	OPTION_FIELD("lon", "DEGREES", longitude, "longitude, WGS 84"),
	OPTION_FIELD("channel", "TEXT", channel, "how it came: phone, app, web, staff"),
	OPTION_FIELD("reported-at", "TIME", reported_at, "when the resident reported it (now)"),
	OPTION_FIELD("priority", NULL, priority, "the caller is old, disabled, ill, alone or in hardship"),
	OPTION_FIELD("confidential", NULL, confidential, "visible to its unit and to the supervisors above only"),
	OPTION_FIELD("department", "CODE", department, "the unit whose own task this is; needs an admission record"),
	OPTION_FIELD("caller-name", "TEXT", caller_name, "kept apart, for who must call back"),
	OPTION_FIELD("caller-phone", "TEXT", caller_phone, "kept apart"),
	OPTION_FIELD("caller-contact", "TEXT", caller_contact, "kept apart"),
	OPTION_END,
};

static void input_read(struct buf *text)
{
	char chunk[4096];
	size_t len;

	while ((len = fread(chunk, 1, sizeof chunk, stdin)) > 0)
		buf_add(text, chunk, len);
	while (text->len && (text->data[text->len - 1] == '\n' || text->data[text->len - 1] == '\r'))
		text->len--;
}

/* The text into the record; buf holds it when it came from standard input. */
static bool text_take(const struct cli *cli, const struct options *options, struct buf *buf, struct record *command)
{
	const char *given = options_text(options, "text");
	char wrong[160];

	if (!given)
		return cli_usage(cli, "--text TEXT is wanted, or --text - to read it from standard input"), false;
	struct span text = span_of(given);
	if (strcmp(given, "-") == 0) {
		input_read(buf);
		text = buf_span(buf);
	}
	if (value_read(command, FIELD_text, text, cli->zone, wrong, sizeof wrong))
		return true;
	return cli_usage(cli, "--text: %s", wrong), false;
}

static int submit_send(struct cli *cli, const struct options *options, struct buf *text)
{
	struct record command, reply;

	record_clear(&command);
	record_set(&command, command, COMMAND_submit);
	if (!options_fill(options, cli->zone, &command) || !text_take(cli, options, text, &command))
		return USAGE;
	if (!record_has(&command, source) || !record_has(&command, source_ref))
		return cli_usage(cli, "--source and --ref are wanted: together they keep a report from being doubled");
	int result = cli_request(cli, &command, &reply);
	if (result == DONE && cli->json) {
		cli_json(&reply);
	} else if (result == DONE) {
		struct buf number = {0};
		value_write(&number, &reply, FIELD_case_id, cli->zone);
		printf("%.*s%s\n", (int)number.len, number.data ? number.data : "", record_get(&reply, duplicate, false) ? " (known already)" : "");
		buf_free(&number);
	}
	return result;
}

int run_submit(struct cli *cli, const struct options *options)
{
	struct buf text = {0};
	int result = submit_send(cli, options, &text);

	buf_free(&text);
	return result;
}
