/* What the subcommands share: the table of them, the global options, one request with its answer, and exit codes. */
#ifndef REEVE_CLI_COMMAND_H
#define REEVE_CLI_COMMAND_H

#include <stdio.h>

#include "clients/cli/connection.h"
#include "clients/cli/option.h"
#include "schema/codec.h"

enum exit_code {
	DONE = 0,
	REFUSED = 1,   /* the daemon said no, or a file is not as it should be */
	USAGE = 2,
	NO_DAEMON = 3, /* nobody answered within the time */
};

struct cli {
	const char *service;
	const char *feed;
	const char *actor;
	const char *zone; /* NULL: the environment's */
	int64_t timeout_ms;
	bool timeout_given;
	bool json;
	bool color;
	struct connection *connection;
	int64_t requests;     /* sent so far */
	char run[17];         /* this process in request ids, so that no two runs share one */
	const struct command *command;
};

struct command {
	const char *name;      /* "case show" */
	int (*run)(struct cli *cli, const struct options *options); /* NULL: another program does it */
	size_t least, most;    /* arguments that are not options */
	const char *arguments; /* for the help */
	const char *summary;   /* one line */
	const char *details;   /* NULL or whole sentences, each line up to 100 places */
	const struct option_row *rows;
};

/* Every subcommand, ended by a row without name. */
extern const struct command commands[];
/* CASE_OPTIONS: how the commands on one case name it when not by number. */
#define CASE_OPTIONS \
	OPTION_FIELD("source", "NAME", source, "with --ref: the case by its publisher and ..."), \
	OPTION_FIELD("ref", "NUMBER", source_ref, "... the publisher's own ticket number")

/* Opens the connection on first use. DONE or NO_DAEMON after it printed why. */
int cli_connect(struct cli *cli);
/* Fills in request and actor. */
void cli_sign(struct cli *cli, struct record *command, char ret_request[40]);
/* Sends one command and waits for its reply; a busy daemon is asked again after the time it names. On DONE and REFUSED the reply is
 * filled; its spans live until the next call. Nothing was printed unless NO_DAEMON. */
int cli_ask(struct cli *cli, struct record *command, struct record *ret_reply);
/* The same; a refusal is printed (as JSON on standard output with --json, else a line on standard error). */
int cli_request(struct cli *cli, struct record *command, struct record *ret_reply);
void cli_refusal(const struct cli *cli, const struct record *reply);
/* Prints one record as one line of JSON. */
void cli_json(const struct record *record);
/* One line on standard error; returns USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Shows what the policy changes, asks unless --yes, adopts it. directory: what to call it. */
int policy_apply_files(struct cli *cli, const struct options *options, const char *directory, struct span files, const char *reason);
/* Names the case of a command: the first argument, or --source and --ref. False after it printed what is wrong. */
bool cli_case(struct cli *cli, const struct options *options, struct record *command);

int run_submit(struct cli *cli, const struct options *options);
int run_import(struct cli *cli, const struct options *options);
int run_case_show(struct cli *cli, const struct options *options);
int run_case_timeline(struct cli *cli, const struct options *options);
int run_case_explain(struct cli *cli, const struct options *options);
int run_list(struct cli *cli, const struct options *options);
int run_move(struct cli *cli, const struct options *options);
int run_step(struct cli *cli, const struct options *options);
int run_mute_list(struct cli *cli, const struct options *options);
int run_report(struct cli *cli, const struct options *options);
int run_train(struct cli *cli, const struct options *options);
int run_contact(struct cli *cli, const struct options *options);
int run_watch(struct cli *cli, const struct options *options);
int run_status(struct cli *cli, const struct options *options);
int run_workers(struct cli *cli, const struct options *options);
int run_backup(struct cli *cli, const struct options *options);
int run_prune(struct cli *cli, const struct options *options);
/* Says on standard error that an answer lacks records that were pruned, and where they are. Nothing, when it lacks none. */
void pruned_say(const struct record *reply);
int run_restore(struct cli *cli, const struct options *options);
int run_journal_export(struct cli *cli, const struct options *options);
int run_journal_import(struct cli *cli, const struct options *options);
int run_journal_check(struct cli *cli, const struct options *options);
/* The newest sequence number of the daemon's journal. */
int journal_last(struct cli *cli, int64_t *ret_last);
int run_journal_print(struct cli *cli, const struct options *options);
int run_journal_verify(struct cli *cli, const struct options *options);
int run_policy_check(struct cli *cli, const struct options *options);
int run_policy_apply(struct cli *cli, const struct options *options);
int run_policy_show(struct cli *cli, const struct options *options);
int run_policy_versions(struct cli *cli, const struct options *options);
int run_policy_back(struct cli *cli, const struct options *options);
int run_advance(struct cli *cli, const struct options *options);

extern const struct option_row submit_options[], import_options[], case_options[], list_options[], sign_options[], report_options[],
	close_options[], triage_options[], dispatch_options[], reason_options[], answer_options[], acknowledge_options[], watch_options[],
	prune_options[], journal_print_options[], journal_export_options[], journal_import_options[], journal_verify_options[], policy_check_options[], policy_apply_options[], policy_show_options[], policy_versions_options[], advance_options[],
	request_options[], suspend_options[], approve_options[], transfer_options[], hand_over_options[], assist_options[], assist_report_options[],
	call_back_options[], reach_options[], supervise_options[], supervise_reply_options[], merge_options[], seal_options[], mute_options[], mute_end_options[], figures_options[], train_options[];

#endif
