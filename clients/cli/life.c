/* The rest of a case's life from the command line: requests of units with their approval and denial, transfer, recall, check, call-back,
 * reminder, supervision, merge, seal, mutes. All are one shape (a case, some fields, an answer), so there is one function over one table.
 *
 * Owns which subcommand asks which command, and which word behind the case number chooses among several ("approve NUMBER return").
 * Decides nothing: who may do what, and when, is the daemon's. */
#include "clients/cli/command.h"
#include "clients/cli/table.h"
#include "clients/cli/value.h"

#define UNIT OPTION_FIELD("unit", "CODE", unit, "the unit, code from the policy")
#define REASON OPTION_FIELD("reason", "TEXT", reason, "why, in words")
#define CODE OPTION_FIELD("code", "CODE", code, "reason code, as the policy's people use them")
#define AT OPTION_FIELD("at", "TIME", at, "driven clock: advance to this first")

const struct option_row request_options[] = {CASE_OPTIONS, REASON, UNIT, CODE, AT, OPTION_END};
const struct option_row suspend_options[] = {CASE_OPTIONS, REASON, UNIT, CODE,
	OPTION_FIELD("until", "TIME", until, "when it goes on; without it somebody resumes it"), AT, OPTION_END};
const struct option_row approve_options[] = {CASE_OPTIONS, REASON, OPTION_FIELD("until", "TIME", until, "suspension: when it goes on"), AT, OPTION_END};
const struct option_row transfer_options[] = {CASE_OPTIONS, OPTION_FIELD("unit", "CODE", unit, "the unit that takes over"), REASON, AT, OPTION_END};
const struct option_row hand_over_options[] = {CASE_OPTIONS, OPTION_FIELD("emergency", "NUMBER", emergency, "the emergency number that took over: 110, 119, 911, ..."),
	REASON, AT, OPTION_END};
const struct option_row assist_options[] = {CASE_OPTIONS, OPTION_FIELD("unit", "CODE", assistant, "the assisting unit"), REASON, AT, OPTION_END};
const struct option_row assist_report_options[] = {CASE_OPTIONS, OPTION_FIELD("unit", "CODE", assistant, "the assisting unit"),
	OPTION_FIELD("result", "TEXT", result, "what it did"), AT, OPTION_END};
const struct option_row call_back_options[] = {CASE_OPTIONS, OPTION_FIELD("contacted", "yes|no", contacted, "the resident was reached"),
	OPTION_FIELD("solved", "yes|no", solved, "the resident says that it is solved"),
	OPTION_FIELD("satisfied", "yes|no", satisfied, "the resident is satisfied"), REASON, AT, OPTION_END};
const struct option_row supervise_options[] = {CASE_OPTIONS, OPTION_FIELD("opinion", "TEXT", opinion, "what the supervisor wants"),
	OPTION_FIELD("until", "TIME", until, "when a reply is due"), AT, OPTION_END};
const struct option_row supervise_reply_options[] = {CASE_OPTIONS, OPTION_FIELD("result", "TEXT", result, "the reply to the supervisor"), AT, OPTION_END};
const struct option_row reach_options[] = {CASE_OPTIONS, OPTION_FIELD("milestone", "NAME", milestone, "the stage of the promise, by its name in the policy"), REASON, AT, OPTION_END};
const struct option_row merge_options[] = {CASE_OPTIONS, OPTION_FIELD("into", "NUMBER", into, "the case that carries the work from now on"), REASON, AT, OPTION_END};
const struct option_row seal_options[] = {CASE_OPTIONS, OPTION_FLAG("open", "confidential no longer"), REASON, AT, OPTION_END};
const struct option_row mute_options[] = {OPTION_FIELD("until", "TIME", until, "when it ends"), REASON,
	OPTION_FIELD("area", "CODE", area, "of this area and everything below it"), OPTION_FIELD("category", "CODE", category, "of this category"),
	OPTION_FIELD("clock", "CLOCK", clock, "of this clock"), AT, OPTION_END};
const struct option_row mute_end_options[] = {REASON, AT, OPTION_END};

struct step {
	const char *name;
	const char *what; /* the word behind the number; NULL: none is wanted */
	enum command_kind command;
	enum command_kind asked;
};

static const struct step steps[] = {
	{"unit return", NULL, COMMAND_request_return, COMMAND_none},
	{"unit extend", NULL, COMMAND_request_extension, COMMAND_none},
	{"unit suspend", NULL, COMMAND_request_suspension, COMMAND_none},
	{"unit assist-report", NULL, COMMAND_assist_report, COMMAND_none},
	{"approve", "return", COMMAND_approve_return, COMMAND_none},
	{"approve", "extension", COMMAND_approve_extension, COMMAND_none},
	{"approve", "suspension", COMMAND_approve_suspension, COMMAND_none},
	{"deny", "return", COMMAND_deny, COMMAND_request_return},
	{"deny", "extension", COMMAND_deny, COMMAND_request_extension},
	{"deny", "suspension", COMMAND_deny, COMMAND_request_suspension},
	{"resume", NULL, COMMAND_resume, COMMAND_none},
	{"transfer", NULL, COMMAND_transfer, COMMAND_none},
	{"recall", NULL, COMMAND_recall, COMMAND_none},
	{"cancel", NULL, COMMAND_cancel, COMMAND_none},
	{"hand-over", NULL, COMMAND_hand_over, COMMAND_none},
	{"assist", NULL, COMMAND_assist, COMMAND_none},
	{"check", NULL, COMMAND_check, COMMAND_none},
	{"rework", NULL, COMMAND_rework, COMMAND_none},
	{"call-back", NULL, COMMAND_call_back, COMMAND_none},
	{"remind", NULL, COMMAND_remind, COMMAND_none},
	{"supervise open", NULL, COMMAND_supervise, COMMAND_none},
	{"supervise reply", NULL, COMMAND_supervise_reply, COMMAND_none},
	{"supervise close", NULL, COMMAND_supervise_close, COMMAND_none},
	{"reach", NULL, COMMAND_reach, COMMAND_none},
	{"merge", NULL, COMMAND_merge, COMMAND_none},
	{"unmerge", NULL, COMMAND_unmerge, COMMAND_none},
	{"seal", NULL, COMMAND_seal, COMMAND_none},
	{"mute set", NULL, COMMAND_mute_notices, COMMAND_none},
	{"mute end", NULL, COMMAND_unmute, COMMAND_none},
};

/* The word stands last: behind the number, or alone when --source and --ref name the case. */
static const struct step *step_find(const char *name, const char *word)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (strcmp(steps[i].name, name) == 0 && (!steps[i].what || (word && strcmp(steps[i].what, word) == 0)))
			return &steps[i];
	return NULL;
}

static bool about_case(enum command_kind command)
{
	return command != COMMAND_mute_notices && command != COMMAND_unmute;
}

/* The number of a mute is the argument of `mute end`. */
static bool mute_take(struct cli *cli, const struct options *options, struct record *command)
{
	const char *number = options_argument(options, 0);
	char wrong[160];

	if (command->command != COMMAND_unmute)
		return true;
	if (value_read(command, FIELD_mute, span_of(number), cli->zone, wrong, sizeof wrong))
		return true;
	return cli_usage(cli, "%s: %s", number, wrong), false;
}

static int step_fill(struct cli *cli, const struct options *options, const struct step *step, struct record *command)
{
	struct options without = *options; /* without the word */
	struct flaw flaw;

	record_clear(command);
	record_set(command, command, (uint8_t)step->command);
	if (step->what && without.argument_count)
		without.argument_count--;
	if (!(about_case(step->command) ? cli_case(cli, &without, command) : mute_take(cli, options, command)))
		return USAGE;
	if (!options_fill(options, cli->zone, command))
		return USAGE;
	if (step->asked)
		record_set(command, asked, (uint8_t)step->asked);
	if (step->command == COMMAND_seal)
		record_set(command, confidential, !options_flag(options, "open"));
	if (codec_check_command(command, &flaw) != ERROR_missing_field)
		return DONE;
	const char *missing = flaw.name[0] ? flaw.name : field_name(flaw.field);
	return cli_usage(cli, "--%s is wanted", strcmp(missing, "assistant") == 0 ? "unit" : missing);
}

static void reply_print(const struct cli *cli, const struct record *reply)
{
	static const enum field fields[] = {FIELD_case_id, FIELD_mute, FIELD_state};
	struct buf text = {0};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (!record_holds(reply, fields[i]))
			continue;
		buf_add_text(&text, text.len ? " " : "");
		value_write(&text, reply, fields[i], cli->zone);
	}
	printf("%.*s\n", text.len ? (int)text.len : 4, text.len ? text.data : "done");
	buf_free(&text);
}

int run_step(struct cli *cli, const struct options *options)
{
	const struct step *step = step_find(cli->command->name, options->argument_count ? options_argument(options, options->argument_count - 1) : NULL);
	struct record command, reply;
	int result;

	if (!step)
		return cli_usage(cli, "return, extension or suspension is wanted behind the case's number");
	result = step_fill(cli, options, step, &command);
	if (result == DONE)
		result = cli_request(cli, &command, &reply);
	if (result == DONE && cli->json)
		cli_json(&reply);
	else if (result == DONE)
		reply_print(cli, &reply);
	return result;
}

int run_mute_list(struct cli *cli, const struct options *options)
{
	static const struct table_column columns[] = {{"MUTE", true, 0}, {"UNTIL", false, 0}, {"AREA", false, 0}, {"CATEGORY", false, 0}, {"CLOCK", false, 0},
		{"ACTOR", false, 20}, {"REASON", false, 60}};
	static const enum field fields[] = {FIELD_mute, FIELD_until, FIELD_area, FIELD_category, FIELD_clock, FIELD_actor, FIELD_reason};
	struct record command, reply, row;
	struct flaw flaw;
	struct span rest, map;
	struct buf text = {0};

	(void)options;
	record_clear(&command);
	record_set(&command, command, COMMAND_list_mutes);
	int result = cli_request(cli, &command, &reply);
	if (result == DONE && cli->json)
		cli_json(&reply);
	if (result != DONE || cli->json)
		return result;
	struct table *table = table_new(columns, 7);
	list_open(record_get(&reply, mutes, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) != 0)
			continue;
		for (size_t i = 0; i < 7; i++) {
			buf_clear(&text);
			value_write(&text, &row, fields[i], cli->zone);
			table_add(table, buf_span(&text));
		}
	}
	table_print(table, stdout, cli->color);
	table_free(table);
	buf_free(&text);
	return DONE;
}
