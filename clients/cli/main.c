/* The program `reeve`: global options, the table of subcommands, help. It decides nothing: it finds the subcommand by one
 * or two words, parses its options together with the global ones, and returns what the subcommand returns.
 *
 * Invariants: every row of the table is in docs/man/reeve.1 (a test compares), every row answers --help without a
 * daemon, and exit codes are those of enum exit_code. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/tool.h"

#define TIMEOUT_MS 10000

static const struct option_row global_options[] = {
	OPTION_VALUE("service", "ENDPOINT", "the daemon's requests (REEVE_SERVICE, else ipc:///run/reeve/service)"),
	OPTION_VALUE("feed", "ENDPOINT", "the daemon's events (REEVE_FEED, else ipc:///run/reeve/feed)"),
	OPTION_VALUE("actor", "NAME", "who asks (REEVE_ACTOR, else the user's name)"),
	OPTION_VALUE("timeout", "MS", "how long to wait for an answer, milliseconds (10000)"),
	OPTION_VALUE("zone", "ZONE", "show and read times in this zone, e.g. Asia/Shanghai (TZ of the environment)"),
	OPTION_VALUE("color", "WHEN", "auto, always or never (auto)"),
	OPTION_FLAG("json", "print JSON: one value, or one a line where there are many"),
	OPTION_FLAG("help", "what the subcommand does and takes"),
	OPTION_END,
};
static const struct option_row version_option[] = {OPTION_FLAG("version", "print the version"), OPTION_END};

#define CASE_ARGUMENTS "NUMBER | --source NAME --ref NUMBER"
#define REQUEST_DETAILS "A dispatcher approves or denies it: reeve approve, reeve deny. The clocks run on meanwhile."
const struct command commands[] = {
	{"submit", run_submit, 0, 0, "--source NAME --ref NUMBER --text TEXT|- [...]", "publish one report and print its case number",
	 "The same source and ref always name one case: sending it again prints the number that it has.", submit_options},
	{"import", run_import, 1, 1, "CSV[.gz] --map MAPPING.yaml [...]", "publish every row of a table",
	 "The mapping file says which column becomes which field: see reeve(1). Rows known already are counted, never doubled.\n"
	 "Interrupted, it goes on after the last acknowledged row when called again (--state). With --play the events of each\n"
	 "row are played at their own times to a daemon with a driven clock.", import_options},
	{"case show", run_case_show, 0, 1, CASE_ARGUMENTS, "one case as it stands", NULL, case_options},
	{"case timeline", run_case_timeline, 0, 1, CASE_ARGUMENTS, "the events of one case, in order", NULL, case_options},
	{"case explain", run_case_explain, 0, 1, CASE_ARGUMENTS, "the clocks of one case as counted and uncounted intervals",
	 "Each clock ends in its due time.", case_options},
	{"list", run_list, 0, 0, "[...]", "cases, newest first", "Filters add up. An area takes its whole subtree.", list_options},
	{"unit sign", run_move, 0, 1, CASE_ARGUMENTS, "the unit signs for the case", NULL, sign_options},
	{"unit report", run_move, 0, 1, CASE_ARGUMENTS " --result TEXT", "the unit reports its result", NULL, report_options},
	{"close", run_move, 0, 1, CASE_ARGUMENTS, "end a case", "Outcomes: solved answered rejected void handed_over.", close_options},
	{"triage", run_move, 0, 1, CASE_ARGUMENTS " --category CODE", "classify a case by hand", NULL, triage_options},
	{"dispatch", run_move, 0, 1, CASE_ARGUMENTS " --unit CODE", "send a case to a lead unit by hand", NULL, dispatch_options},
	{"reject", run_move, 0, 1, CASE_ARGUMENTS " --reason TEXT", "do not admit a case", NULL, reason_options},
	{"answer", run_move, 0, 1, CASE_ARGUMENTS " --result TEXT", "answer the resident at once; no unit is needed", NULL, answer_options},
	{"reopen", run_move, 0, 1, CASE_ARGUMENTS " --reason TEXT", "take up a closed case again", NULL, reason_options},
	{"ack", run_move, 0, 1, CASE_ARGUMENTS " [--notice KEY]", "answer an escalation: one notice, or all of the case that wait", NULL, acknowledge_options},
	{"unit return", run_step, 0, 1, CASE_ARGUMENTS " --reason TEXT", "the unit says that the case is not its own", REQUEST_DETAILS, request_options},
	{"unit extend", run_step, 0, 1, CASE_ARGUMENTS " --reason TEXT", "the unit asks for more time, before the limit", REQUEST_DETAILS, request_options},
	{"unit suspend", run_step, 0, 1, CASE_ARGUMENTS " --reason TEXT [--until TIME]", "the unit asks for a pause", REQUEST_DETAILS, suspend_options},
	{"unit assist-report", run_step, 0, 1, CASE_ARGUMENTS " --unit CODE --result TEXT", "an assisting unit did its part", NULL, assist_report_options},
	{"approve", run_step, 1, 2, "NUMBER return|extension|suspension", "yes to a unit's open request", NULL, approve_options},
	{"deny", run_step, 1, 2, "NUMBER return|extension|suspension --reason TEXT", "no to a unit's open request", NULL, reason_options},
	{"resume", run_step, 0, 1, CASE_ARGUMENTS, "a suspended case goes on", NULL, reason_options},
	{"transfer", run_step, 0, 1, CASE_ARGUMENTS " --unit CODE --reason TEXT", "another lead unit takes over", NULL, transfer_options},
	{"recall", run_step, 0, 1, CASE_ARGUMENTS " --reason TEXT", "take a dispatch back", NULL, reason_options},
	{"cancel", run_step, 0, 1, CASE_ARGUMENTS " --reason TEXT", "opened by mistake: close it as void", NULL, reason_options},
	{"hand-over", run_step, 0, 1, CASE_ARGUMENTS " --emergency NUMBER", "an emergency number took it over", NULL, hand_over_options},
	{"assist", run_step, 0, 1, CASE_ARGUMENTS " --unit CODE", "add an assisting unit with a clock of its own", "The lead unit stays answerable.", assist_options},
	{"check", run_step, 0, 1, CASE_ARGUMENTS, "the result was checked and is good", NULL, reason_options},
	{"rework", run_step, 0, 1, CASE_ARGUMENTS " --reason TEXT", "the result was checked and goes back to the same unit", NULL, reason_options},
	{"call-back", run_step, 0, 1, CASE_ARGUMENTS " --contacted yes|no", "what the resident says: contacted, solved, satisfied",
	 "Not solved: the same unit does it again. Not reached: it is tried again, as often as the policy wants.", call_back_options},
	{"reach", run_step, 0, 1, CASE_ARGUMENTS " --milestone NAME", "a stage of a staged promise was reached: cordoned, repaired", NULL, reach_options},
	{"remind", run_step, 0, 1, CASE_ARGUMENTS, "the resident asks again", NULL, reason_options},
	{"supervise open", run_step, 0, 1, CASE_ARGUMENTS " --opinion TEXT [--until TIME]", "a supervisor wants a reply", NULL, supervise_options},
	{"supervise reply", run_step, 0, 1, CASE_ARGUMENTS " --result TEXT", "the unit replies to the supervisor", NULL, supervise_reply_options},
	{"supervise close", run_step, 0, 1, CASE_ARGUMENTS, "the supervisor is content", NULL, reason_options},
	{"merge", run_step, 0, 1, CASE_ARGUMENTS " --into NUMBER", "another case carries the work",
	 "Nothing is lost: each caller is still called back, and unmerge undoes it.", merge_options},
	{"unmerge", run_step, 0, 1, CASE_ARGUMENTS, "undo a merge", NULL, reason_options},
	{"seal", run_step, 0, 1, CASE_ARGUMENTS " [--open]", "make a case confidential, or with --open no longer", NULL, seal_options},
	{"mute set", run_step, 0, 0, "--until TIME --reason TEXT [...]", "no notices of these for a while",
	 "Never hides urgency 1. Filters add up; without one everything else is muted.", mute_options},
	{"mute end", run_step, 1, 1, "MUTE", "end a mute", NULL, mute_end_options},
	{"mute list", run_mute_list, 0, 0, "", "the mutes in force", NULL, NULL},
	{"contact", run_contact, 0, 1, CASE_ARGUMENTS " [--reason TEXT]", "the caller's name, phone and contact",
	 "That they were read is an event of the case.", reason_options},
	{"report", run_report, 0, 0, "[--month YYYY-MM | --from TIME --to TIME] [--by WHAT] [...]", "the figures of a period: rates, counts, stage times, lights",
	 "Computed from the events up to the end of the period, so a past month stays as it was. Months begin at midnight of --zone,\n"
	 "else of the city's policy. What each figure is stands in reeve(1). With --cases a group also takes what is below it.", figures_options},
	{"rehearse", NULL, 0, 0, "--from STATE_DIR [--policy DIR]... [--baseline journal|recorded|DIR]... [...]", "what would have happened under another policy",
	 "Reads the journal of a daemon beside it, without the daemon. All options: reeve rehearse --help, reeve-rehearse(1).", NULL},
	{"train", run_train, 0, 0, "--out FILE | --test [--csv FILE --text COLUMN --label COLUMN] [...]", "teach the triage worker what categories people chose",
	 "Learns from the text of closed cases and the category that stood in the end, and writes a file for reeve-triage --model.\n"
	 "A running worker takes a new file up by itself. It is asked only under a policy that sets classifier: {confidence: ...}.", train_options},
	{"watch", run_watch, 0, 64, "[PREFIX...] [--from SEQ]", "events as they happen, from any sequence number on",
	 "A prefix is the beginning of a topic: case_escalated/boston/03/. None: everything. Goes on over restarts of the daemon\n"
	 "without missing or doubling an event.", watch_options},
	{"status", run_status, 0, 0, "", "how the daemon is", NULL, NULL},
	{"workers", run_workers, 0, 0, "", "the worker processes and what they hold", NULL, NULL},
	{"backup", run_backup, 1, 1, "DIR", "a consistent, compact copy of the journal while the daemon runs",
	 "DIR is a directory of the daemon's machine that holds no journal yet; a relative one lies in its state directory.\n"
	 "Answered when every record of the copy was verified; without --timeout it waits for ever. The archive is left out:\n"
	 "it is rebuilt from the journal. To restore: copy its journal.mdb into an empty state directory, or reeve restore.", NULL},
	{"restore", run_restore, 1, 1, "BACKUP_DIR --into DIR [--until SEQ]", "a new state directory from a backup, whole or as it was after a record",
	 "Needs no daemon. Every record is checked against the hash chain; the daemon that starts there rebuilds the archive.", journal_import_options},
	{"prune", run_prune, 0, 0, "[--dry-run]", "what is older than the policy's retention leaves the journal for a segment",
	 "Answered when it is done; without --timeout it waits for ever. By itself the daemon does so every prune.every_ms.", prune_options},
	{"journal print", run_journal_print, 0, 0, "[--from SEQ] [--to SEQ] [--count N] [--segment FILE]", "records of the journal",
	 "With --segment those of a file in the state directory's segments, which holds what was pruned: no daemon is asked.", journal_print_options},
	{"journal verify", run_journal_verify, 0, 0, "[--from SEQ] [--to SEQ]", "check sequence, checksum and chain of the journal",
	 "Prints the first bad number, if any, and then exits with 1.", journal_verify_options},
	{"journal export", run_journal_export, 1, 1, "FILE|- [--with-private]", "the journal as a portable stream, to move or audit it elsewhere",
	 "Compressed with zstd; its form is described in JOURNAL-FORMAT.md. It holds every report's text, those of confidential\n"
	 "cases as well. Callers' names, phones and contacts are left out unless --with-private takes them along.", journal_export_options},
	{"journal import", run_journal_import, 1, 100000, "FILE|-... --into DIR [--until SEQ]", "a new state directory from streams of journal export",
	 "Several files follow one another: first the segments that were pruned, then the export.\n"
	 "Needs no daemon. Every record is checked against the hash chain while it is read; what was changed is named.", journal_import_options},
	{"journal check", run_journal_check, 1, 100000, "FILE|-|DIR...", "check streams of journal export, segments, or a whole state directory",
	 "Writes nothing and needs no daemon; one may be running in DIR. Of a directory the segments are checked, then the journal.", NULL},
	{"policy check", run_policy_check, 1, 1, "DIR", "what is wrong with a policy, by file, line and column", NULL, policy_check_options},
	{"policy apply", run_policy_apply, 1, 1, "DIR [--yes] [--clocks keep|restage]", "adopt a policy for all that happens from now on",
	 "Shows what is added, removed and changed, and asks. Open cases keep their promises; --clocks restage gives\n"
	 "their stages the limits of the new policy.", policy_apply_options},
	{"policy show", run_policy_show, 0, 1, "[DIR] [--policy VERSION]", "the files of an adopted policy; with DIR they are written there",
	 NULL, policy_show_options},
	{"policy versions", run_policy_versions, 0, 0, "", "the adopted policies, newest first: when, by whom, why, and the journal's hash", NULL, policy_versions_options},
	{"policy back", run_policy_back, 1, 1, "VERSION [--yes]", "adopt an earlier version again, as a new one",
	 "The files of that version are adopted again after the changes were shown; nothing is deleted.", policy_apply_options},
	{"advance", run_advance, 0, 0, "--to TIME | --by DURATION", "driven clock: let time pass",
	 "Answered when the work due by then is done; without --timeout it waits for ever.", advance_options},
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL},
};

static void help_all(void)
{
	puts("usage: reeve [OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:");
	for (const struct command *command = commands; command->name; command++)
		printf("  %-18s %s\n", command->name, command->summary);
	puts("  help            what a command does and takes\n\nOptions of every command:");
	options_help(global_options);
	options_help(version_option);
	puts("\nExit codes: 0 done, 1 refused, 2 wrong usage, 3 no daemon or no answer in time. Manual: reeve(1).");
}

static int help_command(const struct command *command)
{
	printf("usage: reeve %s %s\n\n%c%s.\n", command->name, command->arguments, command->summary[0] - 32 * (command->summary[0] >= 'a'), command->summary + 1);
	if (command->details)
		puts(command->details);
	if (command->rows) {
		puts("\nOptions:");
		options_help(command->rows);
	}
	puts("\nOptions of every command:");
	options_help(global_options);
	return DONE;
}

/* Finds a subcommand of one or two words; *ret_words says how many it took. */
static const struct command *command_find_words(int count, char **words, int *ret_words)
{
	char two[64];

	for (const struct command *command = commands; count > 0 && command->name; command++) {
		*ret_words = 1;
		if (strcmp(command->name, words[0]) == 0)
			return command;
		snprintf(two, sizeof two, "%s %s", words[0], count > 1 ? words[1] : "");
		*ret_words = 2;
		if (strcmp(command->name, two) == 0)
			return command;
	}
	return NULL;
}

static const char *user_name(void)
{
	const char *name = getenv("LOGNAME");

	if (!name || !*name)
		name = getenv("USER");
	return name && *name ? name : "reeve-cli";
}

static const char *setting(const struct options *options, const char *name, const char *variable, const char *otherwise)
{
	const char *given = options_text(options, name);
	const char *of_environment = getenv(variable);

	if (given)
		return given;
	return of_environment && *of_environment ? of_environment : otherwise;
}

static bool color_wanted(const char *when)
{
	if (when && strcmp(when, "always") == 0)
		return true;
	if (when && strcmp(when, "never") == 0)
		return false;
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

static bool settings_take(struct cli *cli, const struct options *options)
{
	const char *color = options_text(options, "color");
	int64_t timeout;

	cli->service = setting(options, "service", "REEVE_SERVICE", "ipc:///run/reeve/service");
	cli->feed = setting(options, "feed", "REEVE_FEED", "ipc:///run/reeve/feed");
	cli->actor = setting(options, "actor", "REEVE_ACTOR", user_name());
	cli->zone = options_text(options, "zone");
	cli->json = options_flag(options, "json");
	cli->color = color_wanted(color);
	cli->timeout_given = options_flag(options, "timeout");
	if (!options_number(options, "timeout", 1, 86400000, TIMEOUT_MS, &timeout))
		return false;
	cli->timeout_ms = timeout;
	if (color && strcmp(color, "auto") != 0 && strcmp(color, "always") != 0 && strcmp(color, "never") != 0)
		return cli_usage(cli, "--color %s: auto, always or never is wanted", color), false;
	if (cli->zone && !moment_zone_known(cli->zone))
		return cli_usage(cli, "--zone %s: the time zone database of this machine has no such zone", cli->zone), false;
	return true;
}

static void run_name(struct cli *cli)
{
	uint64_t number = (uint64_t)moment_now() * 2654435761u + (uint64_t)getpid();
	FILE *random = fopen("/dev/urandom", "rb");

	if (random) {
		uint64_t drawn;
		if (fread(&drawn, sizeof drawn, 1, random) == 1)
			number ^= drawn;
		fclose(random);
	}
	snprintf(cli->run, sizeof cli->run, "%016llx", (unsigned long long)number);
}

static int run_help(struct cli *cli, int count, char **words)
{
	int used;

	if (count == 0) {
		help_all();
		return DONE;
	}
	const struct command *command = command_find_words(count, words, &used);
	if (command)
		return help_command(command);
	int shown = 0;
	for (command = commands; command->name; command++)
		if (strncmp(command->name, words[0], strlen(words[0])) == 0 && command->name[strlen(words[0])] == ' ')
			shown += printf("  %-18s %s\n", command->name, command->summary) > 0;
	return shown ? DONE : cli_usage(cli, "no command is called %s", words[0]);
}

/* The program that rehearses links the store, which a client never does. It parses its own options. */
static int rehearse_become(struct cli *cli, const struct options *options, int argc, char **argv)
{
	char **arguments = must_calloc((size_t)argc + 2, sizeof *arguments);
	int count = 0;

	arguments[count++] = (char *)"reeve-rehearse";
	for (int i = 1; i < argc; i++)
		arguments[count++] = argv[i];
	if (options_flag(options, "json"))
		arguments[count++] = (char *)"--json";
	tool_become(arguments);
	free(arguments);
	return cli_usage(cli, "reeve-rehearse is not installed beside this program: %s", strerror(errno));
}

static int run_command(struct cli *cli, struct options *options, int argc, char **argv)
{
	int used;

	cli->command = command_find_words(argc, argv, &used);
	if (!cli->command)
		return cli_usage(cli, "no command is called %s%s%s", argv[0], argc > 1 && argv[1][0] != '-' ? " " : "", argc > 1 && argv[1][0] != '-' ? argv[1] : "");
	if (!cli->command->run)
		return rehearse_become(cli, options, argc, argv);
	options_know(options, cli->command->rows);
	if (options_parse(options, argc - used + 1, argv + used - 1, false) != 0)
		return cli_usage(cli, "the options of %s are not understood", cli->command->name);
	if (options_flag(options, "help"))
		return help_command(cli->command);
	if (options->argument_count < cli->command->least || options->argument_count > cli->command->most)
		return cli_usage(cli, "%s takes: %s", cli->command->name, cli->command->arguments);
	if (!settings_take(cli, options))
		return USAGE;
	return cli->command->run(cli, options);
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct options options = {0};

	options_know(&options, global_options);
	options_know(&options, version_option);
	int first = options_parse(&options, argc, argv, true);
	if (first < 0)
		return cli_usage(&cli, "the options are not understood");
	if (options_flag(&options, "version")) {
		puts("reeve " REEVE_VERSION);
		return DONE;
	}
	if (first < argc && strcmp(argv[first], "help") == 0)
		return run_help(&cli, argc - first - 1, argv + first + 1);
	if (first >= argc) {
		help_all();
		return options_flag(&options, "help") ? DONE : USAGE;
	}
	run_name(&cli);
	int result = run_command(&cli, &options, argc - first, argv + first);
	connection_close(cli.connection);
	return result;
}
