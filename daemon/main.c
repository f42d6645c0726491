/* reeved: puts the parts together, in the order in which they have to come:
 *
 *   configuration, signals blocked, lock, journal, archive, engine (reads what is open), doors, loop
 *
 * and takes them apart backwards. Owns the settings. Decides nothing else; what may fail says so in one line with the remedy. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "config.h"
#include "engine/engine.h"
#include "lock.h"
#include "net/loop.h"
#include "net/manager.h"
#include "policy/compile.h"

#define ANEW_SECONDS 10 /* what happens again so soon is left to the service manager */

/* Documented in reeved(8); the unit file names some of them. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_FAULT = 1,
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_TAKEN = 4,
	EXIT_STORE = 5,
	EXIT_DOOR = 6,
};

enum task { TASK_SERVE, TASK_CHECK_CONFIG, TASK_CHECK_POLICY };

struct command_line {
	enum task task;
	const char *config; /* NULL: the default file if it is there */
	const char *state_dir;
	const char *policy;
};

struct daemon {
	struct command_line line;
	struct settings settings;
	struct settings replaced; /* by the last reload: may still be looked at until the next */
	struct loop *loop;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;
	int lock; /* -1: not held yet */
	int64_t again_at; /* seconds on the monotonic clock when it last had begun anew, 0: never */
};

static const char help[] =
	"reeved - the daemon of Reeve: takes reports, keeps promises, never loses what it acknowledged\n"
	"\n"
	"usage: reeved [--config FILE] [--state-dir DIR]\n"
	"       reeved --check-config [FILE]\n"
	"       reeved --check-policy DIR\n"
	"       reeved --print-defaults\n"
	"\n"
	"  -c, --config FILE      read this configuration; without it " REEVE_CONFIG_FILE "\n"
	"                         if it is there, and else every default\n"
	"  -s, --state-dir DIR    keep journal, archive and lock there, whatever the configuration says\n"
	"      --check-config [FILE]\n"
	"                         say what is wrong with a configuration, line by line, and end\n"
	"      --check-policy DIR say what is wrong with a policy directory, line by line, and end\n"
	"      --print-defaults   write a configuration with every setting, explained\n"
	"  -V, --version\n"
	"  -h, --help\n"
	"\n"
	"It stays in the foreground and logs to standard error. SIGTERM and SIGINT end it after the work under way,\n"
	"SIGHUP reads the configuration again.\n"
	"\n"
	"To try it without installing:\n"
	"  reeved --print-defaults >reeved.yaml   then set daemon.state_dir and doors to a directory of yours\n"
	"  reeved --config reeved.yaml\n"
	"  reeve --help                           the client: apply a policy, submit a report, watch the feed\n"
	"\n"
	"Exit codes: 0 ended as asked, 1 fault at run time, 2 usage, 3 configuration or policy has mistakes,\n"
	"4 another daemon has the state directory, 5 the store cannot be opened, 6 a door cannot be opened.\n"
	"Manual: reeved(8)\n";

static int usage(const char *message, const char *subject)
{
	fprintf(stderr, "reeved: %s%s%s; see reeved --help\n", message, subject ? " " : "", subject ? subject : "");
	return EXIT_USAGE;
}

/* Checks */

static const char *config_path(const struct command_line *line)
{
	if (line->config)
		return line->config;
	return access(REEVE_CONFIG_FILE, F_OK) == 0 ? REEVE_CONFIG_FILE : NULL;
}

static bool settings_load(const struct command_line *line, struct settings *ret_settings)
{
	struct config_problems problems;
	const char *path = config_path(line);
	bool good = config_load(path, ret_settings, &problems);

	config_problems_print(stderr, path ? path : "defaults", &problems);
	config_problems_free(&problems);
	if (line->state_dir) {
		free(ret_settings->daemon_state_dir);
		ret_settings->daemon_state_dir = span_dup(span_of(line->state_dir));
	}
	return good;
}

static int check_config(const struct command_line *line)
{
	struct settings settings;
	const char *path = config_path(line);
	bool good = settings_load(line, &settings);

	int64_t most = good ? config_memory_most(&settings) : 0;
	settings_free(&settings);
	if (good)
		printf("%s: no mistakes\nmost memory: %lld MiB\n", path ? path : "no file, every setting at its default", (long long)(most >> 20));
	return good ? EXIT_FINE : EXIT_CONFIG;
}

static void findings_print(const char *directory, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->rows[i];

		fprintf(stderr, "%s/%s", directory, finding->file ? finding->file : "");
		if (finding->row > 0)
			fprintf(stderr, ":%lld", (long long)finding->row);
		if (finding->row > 0 && finding->column > 0)
			fprintf(stderr, ":%lld", (long long)finding->column);
		fprintf(stderr, ": %s%s\n", finding->warning ? "warning: " : "", finding->message);
	}
}

static int check_policy(const char *directory)
{
	struct policy_file *files = NULL;
	struct findings findings = {0};
	size_t count = 0;
	char error[320];

	if (policy_files_read(directory, &files, &count, error, sizeof error) < 0) {
		fprintf(stderr, "reeved: %s\n", error);
		return EXIT_CONFIG;
	}
	struct policy *policy = policy_compile(files, count, &findings);
	if (policy)
		policy_review(policy, (int64_t)time(NULL) * 1000, &findings);
	findings_print(directory, &findings);
	if (policy)
		printf("%s: %zu areas, %zu categories, %zu units, no mistakes\n", directory, policy->area_count, policy->category_count, policy->unit_count);
	bool good = policy != NULL;
	policy_free(policy);
	findings_free(&findings);
	policy_files_free(files, count);
	return good ? EXIT_FINE : EXIT_CONFIG;
}

/* The daemon */

static void apply_log_level(const struct settings *settings)
{
	enum log_level level;

	if (log_level_find(settings->daemon_log_level, &level))
		log_set_level(level);
}

/* Each peer and each worker costs descriptors; the soft limit is often 1024. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void reload(void *context)
{
	struct daemon *daemon = context;
	struct settings fresh;

	if (!settings_load(&daemon->line, &fresh)) {
		log_line(LOG_LEVEL_ERROR, "reload refused", "reason", "the configuration has mistakes", "effect", "everything stays as it was", NULL);
		settings_free(&fresh);
		return;
	}
	config_take_over(&daemon->settings, &fresh);
	settings_free(&daemon->replaced);
	daemon->replaced = fresh;
	apply_log_level(&daemon->settings);
	log_line(LOG_LEVEL_NOTICE, "reloaded", NULL);
}

static int fail(enum exit_code code, const char *message, const char *error)
{
	log_line(LOG_LEVEL_ERROR, message, "reason", error, NULL);
	return code;
}

static void tell_rebuilt(const struct daemon *daemon, const char *why)
{
	log_line(LOG_LEVEL_NOTICE, "archive begun anew", "reason", why, "from_seq", log_number(daemon->journal->first_seq), "to_seq",
		log_number(daemon->journal->last_seq), NULL);
}

static int archive_begin(struct daemon *daemon, char *error, size_t error_size)
{
	const struct settings *settings = &daemon->settings;
	bool rebuilt = false;

	daemon->archive = archive_open(settings->daemon_state_dir, settings->store_archive_bytes, engine_archive_format(), loop_wake, daemon->loop,
		&rebuilt, error, error_size);
	if (rebuilt)
		tell_rebuilt(daemon, error);
	else if (daemon->archive && daemon->journal->last_seq > 0 && archive_reached(daemon->archive) == 0)
		tell_rebuilt(daemon, "there was none, or it held nothing");
	return daemon->archive ? 0 : -1;
}

/* Everything in it can be had from the journal. */
static int archive_renew(struct daemon *daemon, const char *why, char *error, size_t error_size)
{
	tell_rebuilt(daemon, why);
	archive_close(daemon->archive);
	daemon->archive = NULL;
	int code = archive_set_aside(daemon->settings.daemon_state_dir);
	if (!code)
		return archive_begin(daemon, error, error_size);
	snprintf(error, error_size, "archive.mdb must make way for a new one: %s; make %s writable for the daemon's user", strerror(code),
		daemon->settings.daemon_state_dir);
	return -1;
}

static int store_open(struct daemon *daemon, char *error, size_t error_size)
{
	const struct settings *settings = &daemon->settings;
	char why[512] = "";

	daemon->journal = journal_lmdb_open(settings->daemon_state_dir, settings->store_journal_bytes, error, error_size);
	if (!daemon->journal || archive_begin(daemon, error, error_size))
		return -1;
	int wrong = engine_archive_check(daemon->journal, daemon->archive, why, sizeof why);
	if (wrong > 0)
		return archive_renew(daemon, why, error, error_size);
	if (wrong < 0)
		snprintf(error, error_size, "%s", why);
	return wrong;
}

/* An archive that turns out to be damaged while it is read, or breaks while it catches up, is begun anew, once. */
static int engine_begin(struct daemon *daemon, char *error, size_t error_size)
{
	char why[512];

	for (int again = 0; again < 2; again++) {
		daemon->engine = engine_open(&daemon->settings, daemon->journal, daemon->archive, loop_now(daemon->loop), error, error_size);
		if (daemon->engine || again || !archive_fault(daemon->archive))
			break;
		snprintf(why, sizeof why, "%s", archive_fault(daemon->archive));
		if (archive_renew(daemon, why, error, error_size))
			break;
	}
	return daemon->engine ? 0 : -1;
}

/* Never 0. */
static int64_t monotonic_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > 0 ? now.tv_sec : 1;
}

static int serve(struct daemon *daemon)
{
	char error[512] = "";

	daemon->loop = loop_open(&daemon->settings, error, sizeof error);
	if (!daemon->loop)
		return fail(EXIT_FAULT, "not started", error);
	if (daemon->lock < 0)
		daemon->lock = state_lock(daemon->settings.daemon_state_dir, error, sizeof error);
	if (daemon->lock < 0)
		return fail(daemon->lock == LOCK_TAKEN ? EXIT_TAKEN : EXIT_STORE, "not started", error);
	if (store_open(daemon, error, sizeof error) < 0)
		return fail(EXIT_STORE, "not started", error);
	if (engine_begin(daemon, error, sizeof error) < 0)
		return fail(EXIT_STORE, "not started", error);
	if (loop_bind(daemon->loop, error, sizeof error) < 0)
		return fail(EXIT_DOOR, "not started", error);
	loop_on_reload(daemon->loop, reload, daemon);
	log_line(LOG_LEVEL_NOTICE, "started", "version", REEVE_VERSION, "state_dir", daemon->settings.daemon_state_dir,
		"clock", daemon->settings.daemon_clock, "last_seq", log_number(daemon->journal->last_seq),
		"open_cases", log_number(engine_open_cases(daemon->engine)), NULL);
	if (daemon->again_at)
		daemon->again_at = monotonic_seconds(); /* reading what is stored may have taken longer than it is to last */
	int ran = loop_run(daemon->loop, daemon->engine);
	if (ran != 0)
		return daemon->journal->damaged ? EXIT_STORE : EXIT_FAULT;
	log_line(LOG_LEVEL_NOTICE, "stopped", "last_seq", log_number(daemon->journal->last_seq), NULL);
	return EXIT_FINE;
}

/* Takes a daemon that is only half there. The archive's thread wakes the loop: it ends first. */
static void parts_close(struct daemon *daemon)
{
	engine_close(daemon->engine);
	archive_close(daemon->archive);
	if (daemon->journal)
		daemon->journal->ops->close(daemon->journal);
	loop_close(daemon->loop);
	daemon->engine = NULL;
	daemon->archive = NULL;
	daemon->journal = NULL;
	daemon->loop = NULL;
}

/* A fault that opening everything again mends, in words; or NULL. */
static const char *passing_fault(const struct daemon *daemon, const char **ret_message)
{
	if (daemon->journal && daemon->journal->full) {
		*ret_message = "disk full, beginning anew";
		return daemon->journal->error;
	}
	if (!daemon->archive || !archive_broken(daemon->archive))
		return NULL;
	*ret_message = "archive broken, beginning anew";
	return archive_fault(daemon->archive);
}

/* A disk that is full is no reason to be away, and an archive that has to be opened again neither: everything is closed and begun anew from what is stored,
 * in the same process, and refuses to write until there is room (engine/room.c). Not when the doors belong to the service manager, who can only pass them
 * to a new process, and not over and over. */
static bool begins_anew(struct daemon *daemon)
{
	const char *message, *why = passing_fault(daemon, &message);
	int64_t now = monotonic_seconds();

	if (!why)
		return false;
	bool soon = daemon->again_at && now - daemon->again_at < ANEW_SECONDS;
	if (soon || manager_socket_count() > 0) {
		log_line(LOG_LEVEL_ERROR, "ending", "reason", why, "effect", soon ? "it has begun anew a moment ago: whoever started it starts it again"
			: "its sockets are the service manager's, who starts it again", NULL);
		return false;
	}
	daemon->again_at = now;
	log_line(LOG_LEVEL_ERROR, message, "reason", why, "effect", "nothing of the last round was acknowledged; what was acknowledged is stored", NULL);
	return true;
}

static int run(const struct command_line *line)
{
	struct daemon daemon = {.line = *line, .lock = -1};

	if (!settings_load(line, &daemon.settings)) {
		settings_free(&daemon.settings);
		return EXIT_CONFIG;
	}
	apply_log_level(&daemon.settings);
	raise_file_limit();
	int code;
	bool again;
	do {
		code = serve(&daemon);
		again = code == EXIT_FAULT && begins_anew(&daemon);
		parts_close(&daemon);
	} while (again);
	settings_free(&daemon.settings);
	settings_free(&daemon.replaced);
	return code;
}

/* -1: go on; otherwise the exit code. */
static int options_read(int argc, char **argv, struct command_line *line)
{
	enum { OPTION_CHECK_CONFIG = 256, OPTION_CHECK_POLICY, OPTION_PRINT_DEFAULTS };
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'}, {"state-dir", required_argument, NULL, 's'},
		{"check-config", no_argument, NULL, OPTION_CHECK_CONFIG}, {"check-policy", required_argument, NULL, OPTION_CHECK_POLICY},
		{"print-defaults", no_argument, NULL, OPTION_PRINT_DEFAULTS}, {"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:s:Vh", options, NULL)) != -1) {
		if (option == 'c')
			line->config = optarg;
		else if (option == 's')
			line->state_dir = optarg;
		else if (option == OPTION_CHECK_CONFIG)
			line->task = TASK_CHECK_CONFIG;
		else if (option == OPTION_CHECK_POLICY)
			line->task = TASK_CHECK_POLICY, line->policy = optarg;
		else if (option == OPTION_PRINT_DEFAULTS)
			return config_print_defaults(stdout), EXIT_FINE;
		else if (option == 'V')
			return printf("reeved %s\n", REEVE_VERSION), EXIT_FINE;
		else if (option == 'h')
			return fputs(help, stdout), EXIT_FINE;
		else
			return usage("that is not how it is called", NULL);
	}
	if (line->task == TASK_CHECK_CONFIG && optind < argc)
		line->config = argv[optind++];
	return optind < argc ? usage("nothing is done with", argv[optind]) : -1;
}

int main(int argc, char **argv)
{
	struct command_line line = {0};
	int code = options_read(argc, argv, &line);

	if (code >= 0)
		return code;
	if (line.task == TASK_CHECK_CONFIG)
		return check_config(&line);
	if (line.task == TASK_CHECK_POLICY)
		return check_policy(line.policy);
	return run(&line);
}
