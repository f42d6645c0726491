/* The commands that move one case on: sign, report, close, triage, dispatch, reject, answer, reopen, acknowledge; and contact,
 * which reads what is kept apart. All are one shape: a case, some fields, an answer; what they do is the daemon's to
 * decide. Owns the table from the subcommand's name to the command. */
#include "clients/cli/command.h"
#include "clients/cli/table.h"
#include "clients/cli/value.h"

#define UNIT OPTION_FIELD("unit", "CODE", unit, "the unit, code from the policy")
#define REASON OPTION_FIELD("reason", "TEXT", reason, "why, in words")
#define RESULT OPTION_FIELD("result", "TEXT", result, "what was done, or the answer given")
#define AT OPTION_FIELD("at", "TIME", at, "driven clock: advance to this first")

const struct option_row sign_options[] = {CASE_OPTIONS, UNIT, AT, OPTION_END};
const struct option_row report_options[] = {CASE_OPTIONS, UNIT, RESULT, AT, OPTION_END};
const struct option_row close_options[] = {CASE_OPTIONS, OPTION_FIELD("outcome", "OUTCOME", outcome, "solved answered rejected void handed_over"),
	REASON, RESULT, AT, OPTION_END};
const struct option_row triage_options[] = {CASE_OPTIONS, OPTION_FIELD("category", "CODE", category, "code from the policy"),
	OPTION_FIELD("urgency", "1-4", urgency, "1 danger to life, 2 urgent, 3 normal, 4 low"), OPTION_FIELD("kind", "KIND", kind, "what the resident wants"),
	OPTION_FIELD("area", "CODE", area, "code from the policy"), REASON, AT, OPTION_END};
const struct option_row dispatch_options[] = {CASE_OPTIONS, UNIT, REASON, AT, OPTION_END};
const struct option_row reason_options[] = {CASE_OPTIONS, REASON, AT, OPTION_END};
const struct option_row answer_options[] = {CASE_OPTIONS, RESULT, AT, OPTION_END};
const struct option_row acknowledge_options[] = {CASE_OPTIONS, OPTION_FIELD("notice", "KEY", notice, "one notice; without it all of the case that wait"),
	REASON, AT, OPTION_END};

static const struct {
	const char *name;
	enum command_kind command;
} moves[] = {
	{"unit sign", COMMAND_sign}, {"unit report", COMMAND_report}, {"close", COMMAND_close}, {"triage", COMMAND_triage},
	{"dispatch", COMMAND_dispatch}, {"reject", COMMAND_reject}, {"answer", COMMAND_answer}, {"reopen", COMMAND_reopen},
	{"ack", COMMAND_acknowledge},
};

static enum command_kind move_find(const char *name)
{
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
		if (strcmp(moves[i].name, name) == 0)
			return moves[i].command;
	return COMMAND_none;
}

/* Checks on this side what only this side can say in terms of options. */
static int needs_check(const struct cli *cli, const struct record *command)
{
	struct flaw flaw;

	if (codec_check_command(command, &flaw) != ERROR_missing_field)
		return DONE;
	return cli_usage(cli, "--%s is wanted", flaw.name[0] ? flaw.name : field_name(flaw.field));
}

static int case_request(struct cli *cli, const struct options *options, enum command_kind kind, struct record *ret_reply)
{
	struct record command;

	record_clear(&command);
	record_set(&command, command, (uint8_t)kind);
	if (!cli_case(cli, options, &command) || !options_fill(options, cli->zone, &command))
		return USAGE;
	int result = needs_check(cli, &command);
	return result == DONE ? cli_request(cli, &command, ret_reply) : result;
}

int run_move(struct cli *cli, const struct options *options)
{
	struct record reply;
	struct buf text = {0};
	int result = case_request(cli, options, move_find(cli->command->name), &reply);

	if (result != DONE)
		return result;
	if (cli->json) {
		cli_json(&reply);
		return DONE;
	}
	value_write(&text, &reply, FIELD_case_id, cli->zone);
	if (record_has(&reply, state)) {
		buf_add_text(&text, " ");
		value_write(&text, &reply, FIELD_state, cli->zone);
	}
	printf("%.*s\n", text.len ? (int)text.len : 4, text.len ? text.data : "done");
	buf_free(&text);
	return DONE;
}

int run_contact(struct cli *cli, const struct options *options)
{
	static const enum field fields[] = {FIELD_caller_name, FIELD_caller_phone, FIELD_caller_contact};
	static const struct table_column columns[] = {{"WHAT", false, 0}, {"VALUE", false, 0}};
	struct record reply;
	int result = case_request(cli, options, COMMAND_contact, &reply);

	if (result != DONE)
		return result;
	if (cli->json) {
		cli_json(&reply);
		return DONE;
	}
	struct table *table = table_new(columns, 2);
	for (size_t i = 0; i < 3; i++) {
		struct buf text = {0};
		if (!record_holds(&reply, fields[i]))
			continue;
		value_write(&text, &reply, fields[i], cli->zone);
		table_add_text(table, field_name(fields[i]));
		table_add(table, buf_span(&text));
		buf_free(&text);
	}
	table_print(table, stdout, cli->color);
	table_free(table);
	return DONE;
}
