/* `reeve case show|timeline|explain`: one case for people. Prints what the daemon answers and computes nothing but widths:
 * due times, intervals and states are the daemon's. The last line of an explained clock is its stored due time, and a
 * clock whose intervals end elsewhere is pointed out, because that would be a fault worth a report. */
#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"
#include "clients/cli/value.h"
#include "clients/cli/words.h"

const struct option_row case_options[] = {CASE_OPTIONS, OPTION_END};

static int case_ask(struct cli *cli, const struct options *options, enum command_kind kind, struct record *ret_reply)
{
	struct record command;

	record_clear(&command);
	record_set(&command, command, (uint8_t)kind);
	if (!cli_case(cli, options, &command) || !options_fill(options, cli->zone, &command))
		return USAGE;
	int result = cli_request(cli, &command, ret_reply);
	if (result == DONE && cli->json)
		cli_json(ret_reply);
	return result;
}

/* What belongs to the answer and not to the case. */
static bool is_envelope(enum field field)
{
	return field == FIELD_reply || field == FIELD_request || field == FIELD_as_of || field == FIELD_now || field == FIELD_command;
}

/* A list of a case (open requests, assistants, followers, ...): a line for each row. */
static void rows_add(struct table *table, enum field field, struct span list, const char *zone)
{
	struct span rest, map;
	struct buf text = {0};

	list_open(list, &rest);
	while (frame_next(&rest, &map)) {
		buf_clear(&text);
		row_words(&text, map, zone);
		table_add_text(table, field_name(field));
		table_add(table, buf_span(&text));
	}
	buf_free(&text);
}

/* The list that the field is, empty if it is none. */
static struct span list_of(const struct record *record, enum field field)
{
	switch (field) {
	case FIELD_requests:
		return record->requests;
	case FIELD_assistants:
		return record->assistants;
	case FIELD_followers:
		return record->followers;
	case FIELD_pauses:
		return record->pauses;
	case FIELD_similar:
		return record->similar;
	case FIELD_clocks:
		return record->clocks;
	default:
		return (struct span){0};
	}
}

static void fields_print(const struct cli *cli, const struct record *record)
{
	static const struct table_column columns[] = {{"FIELD", false, 0}, {"VALUE", false, 0}};
	struct table *table = table_new(columns, 2);
	struct buf text = {0};

	for (int field = 0; field < FIELD_COUNT; field++) {
		if (!record_holds(record, (enum field)field) || is_envelope((enum field)field))
			continue;
		struct span list = list_of(record, (enum field)field);
		if (list.len) {
			rows_add(table, (enum field)field, list, cli->zone);
			continue;
		}
		buf_clear(&text);
		value_write(&text, record, (enum field)field, cli->zone);
		table_add_text(table, field_name((enum field)field));
		table_add(table, buf_span(&text));
	}
	table_print(table, stdout, cli->color);
	table_free(table);
	buf_free(&text);
}

int run_case_show(struct cli *cli, const struct options *options)
{
	struct record reply;
	int result = case_ask(cli, options, COMMAND_show, &reply);

	if (result == DONE)
		pruned_say(&reply);
	if (result == DONE && !cli->json)
		fields_print(cli, &reply);
	return result;
}

int run_case_timeline(struct cli *cli, const struct options *options)
{
	static const struct table_column columns[] = {{"SEQ", true, 0}, {"TIME", false, 0}, {"EVENT", false, 0}, {"ACTOR", false, 20}, {"WHAT", false, 0}};
	static const enum field fields[] = {FIELD_seq, FIELD_at, FIELD_event, FIELD_actor};
	struct record reply, event;
	struct flaw flaw;
	struct span rest, map;
	struct buf text = {0};
	int result = case_ask(cli, options, COMMAND_timeline, &reply);

	if (result == DONE)
		pruned_say(&reply);
	if (result != DONE || cli->json)
		return result;
	struct table *table = table_new(columns, 5);
	list_open(record_get(&reply, events, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&event);
		if (codec_read_lenient(map, &event, &flaw) != 0)
			continue;
		for (size_t i = 0; i < 4; i++) {
			buf_clear(&text);
			value_write(&text, &event, fields[i], cli->zone);
			table_add(table, buf_span(&text));
		}
		buf_clear(&text);
		event_words(&text, &event, cli->zone);
		table_add(table, buf_span(&text));
	}
	table_print(table, stdout, cli->color);
	table_free(table);
	buf_free(&text);
	return DONE;
}

/* One interval of a clock; returns its counted milliseconds. */
static int64_t interval_print(const struct cli *cli, const struct record *interval)
{
	char from[MOMENT_TEXT] = "", to[MOMENT_TEXT] = "", length[DURATION_TEXT] = "";
	bool counted = record_get(interval, counted, false);

	moment_write(interval->from, cli->zone, from);
	moment_write(interval->to, cli->zone, to);
	duration_write(interval->to - interval->from, length);
	printf("  %-29s  %-29s  %-9s  %12s\n", from, to, counted ? "counted" : "not", length);
	return counted ? interval->to - interval->from : 0;
}

static void clock_print(const struct cli *cli, const struct record *clock)
{
	struct record interval;
	struct flaw flaw;
	struct span rest, map, line = record_get(clock, line, span_of("")), limit = record_get(clock, limit, span_of(""));
	char time[MOMENT_TEXT], length[DURATION_TEXT];
	int64_t counted = 0, end = INT64_MIN;

	printf("%s%s%s  %.*s  %.*s%s\n", cli->color ? "\033[1m" : "", clock_name(record_get(clock, clock, 0)) ? clock_name(clock->clock) : "clock",
		cli->color ? "\033[0m" : "", (int)limit.len, limit.data, (int)line.len, line.data, record_get(clock, running, true) ? "" : "  (stopped)");
	list_open(record_get(clock, intervals, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&interval);
		if (codec_read_lenient(map, &interval, &flaw) != 0 || !record_has(&interval, from) || !record_has(&interval, to))
			continue;
		counted += interval_print(cli, &interval);
		end = interval.to;
	}
	duration_write(counted, length);
	printf("  %-61s  %-9s  %12s\n", "", "in all", length);
	if (end != INT64_MIN && record_has(clock, due) && end != clock->due)
		printf("  the intervals do not end at the stored due time: please report this\n");
	if (record_has(clock, due))
		moment_write(clock->due, cli->zone, time);
	printf("  due %s\n", record_has(clock, due) ? time : "never: no limit applies");
}

int run_case_explain(struct cli *cli, const struct options *options)
{
	struct record reply, clock;
	struct flaw flaw;
	struct span rest, map;
	int result = case_ask(cli, options, COMMAND_explain, &reply);

	if (result == DONE)
		pruned_say(&reply);
	if (result != DONE || cli->json)
		return result;
	if (list_open(record_get(&reply, clocks, ((struct span){0})), &rest) == 0)
		puts("no clock runs or ran for this case");
	while (frame_next(&rest, &map)) {
		record_clear(&clock);
		if (codec_read_lenient(map, &clock, &flaw) == 0)
			clock_print(cli, &clock);
	}
	return DONE;
}
