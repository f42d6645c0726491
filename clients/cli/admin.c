/* `reeve status`, `reeve workers` and `reeve advance`: how the daemon is, who works for it, and its driven clock. Each is one
 * question and one answer; advance waits as long as it takes, because it is answered when the work is done. */
#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"
#include "clients/cli/value.h"

const struct option_row advance_options[] = {
	OPTION_VALUE("to", "TIME", "until then"),
	OPTION_VALUE("by", "DURATION", "so much further: 90s, 15m, 2h, 3d, 1w"),
	OPTION_END,
};

#define FOR_EVER_MS INT64_C(86400000)

static int simple_ask(struct cli *cli, enum command_kind kind, struct record *ret_reply)
{
	struct record command;

	record_clear(&command);
	record_set(&command, command, (uint8_t)kind);
	return cli_request(cli, &command, ret_reply);
}

static void value_cell(const struct cli *cli, struct table *table, const struct record *row, enum field field)
{
	struct buf text = {0};

	value_write(&text, row, field, cli->zone);
	table_add(table, buf_span(&text));
	buf_free(&text);
}

/* A list of maps as a table, one column a field. */
static void list_table(const struct cli *cli, struct span list, const struct table_column *columns, const enum field *fields, size_t count)
{
	struct table *table = table_new(columns, count);
	struct record row;
	struct flaw flaw;
	struct span rest, map;

	list_open(list, &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) != 0)
			continue;
		for (size_t i = 0; i < count; i++)
			value_cell(cli, table, &row, fields[i]);
	}
	table_print(table, stdout, cli->color);
	table_free(table);
}

int run_status(struct cli *cli, const struct options *options)
{
	static const struct table_column columns[] = {{"FIGURE", false, 0}, {"VALUE", true, 0}};
	static const enum field fields[] = {FIELD_name, FIELD_value};
	struct record reply;
	struct buf now = {0};
	int result = simple_ask(cli, COMMAND_status, &reply);

	(void)options;
	if (result == DONE && cli->json)
		cli_json(&reply);
	if (result != DONE || cli->json)
		return result;
	value_write(&now, &reply, FIELD_now, cli->zone);
	if (now.len)
		printf("now %.*s\n", (int)now.len, now.data);
	buf_free(&now);
	if (record_has(&reply, reason))
		printf("wrong %.*s\n", (int)reply.reason.len, reply.reason.data);
	list_table(cli, record_get(&reply, figures, ((struct span){0})), columns, fields, 2);
	return DONE;
}

int run_workers(struct cli *cli, const struct options *options)
{
	static const struct table_column columns[] = {{"WORKER", false, 0}, {"TASK", false, 0}, {"PID", true, 0}, {"CREDIT", true, 0}, {"HOLDS", true, 0},
		{"DONE", true, 0}, {"FAILED", true, 0}};
	static const enum field fields[] = {FIELD_worker, FIELD_task, FIELD_pid, FIELD_credit, FIELD_open, FIELD_done, FIELD_failed};
	struct record reply;
	int result = simple_ask(cli, COMMAND_workers, &reply);

	(void)options;
	if (result == DONE && cli->json)
		cli_json(&reply);
	else if (result == DONE)
		list_table(cli, record_get(&reply, workers, ((struct span){0})), columns, fields, 7);
	return result;
}

/* When to advance to. DONE, or why not. */
static int advance_goal(struct cli *cli, const struct options *options, int64_t *ret_to)
{
	const char *to = options_text(options, "to"), *by = options_text(options, "by");
	struct record reply;
	int64_t apart = 0;

	if (!to == !by)
		return cli_usage(cli, "--to TIME or --by DURATION is wanted");
	if (to)
		return moment_read(span_of(to), cli->zone, ret_to) ? DONE : cli_usage(cli, "--to %s: a time like 2011-07-01T08:30:15 is wanted", to);
	if (!moment_duration_read(span_of(by), &apart))
		return cli_usage(cli, "--by %s: a duration like 90s, 15m, 2h or 3d is wanted", by);
	int result = simple_ask(cli, COMMAND_status, &reply);
	if (result == DONE)
		*ret_to = record_get(&reply, now, moment_now()) + apart;
	return result;
}

int run_advance(struct cli *cli, const struct options *options)
{
	struct record command, reply;
	int64_t to = 0;
	int result = advance_goal(cli, options, &to);

	if (result != DONE)
		return result;
	if (!cli->timeout_given)
		cli->timeout_ms = FOR_EVER_MS;
	record_clear(&command);
	record_set(&command, command, COMMAND_advance);
	record_set(&command, to, to);
	result = cli_request(cli, &command, &reply);
	if (result == DONE && cli->json) {
		cli_json(&reply);
	} else if (result == DONE) {
		char text[MOMENT_TEXT];
		moment_write(record_get(&reply, now, to), cli->zone, text);
		puts(text);
	}
	return result;
}
