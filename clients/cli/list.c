/* `reeve list`: cases by filters, newest first. Asks page by page, the next one from the cursor of the last, and prints
 * each page as it comes when JSON is wanted; a table waits for the end, because its columns need all rows. The daemon
 * does the choosing; nothing is filtered or sorted here. */
#include <stdlib.h>

#include "clients/cli/command.h"
#include "clients/cli/table.h"
#include "clients/cli/value.h"

#define PAGE 500

const struct option_row list_options[] = {
	OPTION_FIELD("area", "CODE", area, "this area and everything below it"),
	OPTION_FIELD("state", "STATE", state, "received triaged dispatched in_progress suspended reported calling_back closed"),
	OPTION_FIELD("unit", "CODE", unit, "with this lead unit"),
	OPTION_FIELD("category", "CODE", category, "of this category"),
	OPTION_FIELD("overdue", NULL, overdue, "past their promise"),
	OPTION_FLAG("open", "open cases only"),
	OPTION_FLAG("closed", "closed cases only"),
	OPTION_FIELD("attention", NULL, attention, "people have to decide"),
	OPTION_FIELD("urgency", "1-4", urgency, "of this urgency"),
	OPTION_FIELD("source", "NAME", source, "of this publisher"),
	OPTION_FIELD("from", "TIME", from, "reported then or later"),
	OPTION_FIELD("to", "TIME", to, "reported before then"),
	OPTION_FIELD("min-seq", "SEQ", min_seq, "wait until the answer holds this sequence number"),
	OPTION_VALUE("count", "N|all", "how many at the most (50)"),
	OPTION_END,
};

static const struct table_column columns[] = {
	{"CASE", false, 0}, {"REPORTED", false, 0}, {"STATE", false, 0}, {"U", true, 0}, {"CATEGORY", false, 28}, {"AREA", false, 16},
	{"UNIT", false, 20}, {"DUE", false, 0}, {"LATE", false, 0}, {"TITLE", false, 44},
};
static const enum field column_fields[] = {FIELD_case_id, FIELD_reported_at, FIELD_state, FIELD_urgency, FIELD_category, FIELD_area, FIELD_unit, FIELD_due,
	FIELD_overdue, FIELD_title};
#define COLUMNS (sizeof column_fields / sizeof *column_fields)

static void row_print(const struct cli *cli, struct table *table, struct record *row)
{
	struct buf text = {0};

	if (cli->json) {
		cli_json(row);
		return;
	}
	if (!record_has(row, overdue) && record_has(row, late))
		record_set(row, overdue, row->late);
	if (!record_has(row, title) && record_has(row, text))
		record_set(row, title, row->text);
	for (size_t i = 0; i < COLUMNS; i++) {
		buf_clear(&text);
		if (column_fields[i] != FIELD_overdue || record_get(row, overdue, false))
			value_write(&text, row, column_fields[i], cli->zone);
		table_add(table, buf_span(&text));
	}
	buf_free(&text);
}

/* Prints up to *left rows of a page. */
static void page_print(const struct cli *cli, struct table *table, const struct record *reply, int64_t *left)
{
	struct record row;
	struct flaw flaw;
	struct span rest, map;

	list_open(record_get(reply, cases, ((struct span){0})), &rest);
	while (*left > 0 && frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) != 0)
			continue;
		row_print(cli, table, &row);
		--*left;
	}
}

static int pages_print(struct cli *cli, struct record *command, struct table *table, int64_t left)
{
	struct record reply;
	char cursor[65];
	int result = DONE;

	while (left > 0) {
		record_set(command, count, left < PAGE ? left : PAGE);
		result = cli_request(cli, command, &reply);
		if (result != DONE)
			break;
		page_print(cli, table, &reply, &left);
		if (!record_has(&reply, cursor))
			break;
		snprintf(cursor, sizeof cursor, "%.*s", (int)reply.cursor.len, reply.cursor.data);
		record_set(command, cursor, span_of(cursor));
	}
	return result;
}

int run_list(struct cli *cli, const struct options *options)
{
	const char *count = options_text(options, "count");
	struct record command;
	int64_t left = INT64_MAX;

	record_clear(&command);
	record_set(&command, command, COMMAND_list);
	if (!options_fill(options, cli->zone, &command))
		return USAGE;
	if (options_flag(options, "open") && options_flag(options, "closed"))
		return cli_usage(cli, "--open and --closed together leave no filter: give one or none");
	if (options_flag(options, "open") || options_flag(options, "closed"))
		record_set(&command, closed, options_flag(options, "closed"));
	if ((!count || strcmp(count, "all") != 0) && !options_number(options, "count", 1, 1000000000, 50, &left))
		return USAGE;
	struct table *table = table_new(columns, COLUMNS);
	int result = pages_print(cli, &command, table, left);
	if (result == DONE && !cli->json)
		table_print(table, stdout, cli->color);
	table_free(table);
	return result;
}
