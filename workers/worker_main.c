/* The command line that all worker programs share.
 *
 * Owns the signal handlers and the pipe that carries SIGTERM and SIGINT into the loop (a handler may only write to it). Reads no file and no
 * environment but JOURNAL_STREAM, through the log. Exit status: 0 left as asked, 1 cannot start, 2 wrong command line. */
#include "workers/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "schema/codec.h"

#define CREDIT_MOST 100000 /* the limit of `credit` in fields.def */
#define NAME_BYTES 64

static int stop_pipe[2] = {-1, -1};

static void on_signal(int number)
{
	int kept = errno;
	ssize_t wrote = write(stop_pipe[1], &number, 1);

	(void)wrote;
	errno = kept;
}

static int signals_begin(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK))
		return -1;
	sigemptyset(&action.sa_mask);
	return sigaction(SIGTERM, &action, NULL) || sigaction(SIGINT, &action, NULL) ? -1 : 0;
}

/* The kernel sends SIGTERM when the parent ends; a parent that ended before the call is noticed by its number. */
static bool follow_parent(long parent)
{
	pid_t before = parent > 0 ? (pid_t)parent : getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		return false;
	return getppid() == before;
}

static void help(const struct worker_job *job)
{
	printf("usage: %s [OPTION...]\n"
	       "\n"
	       "%s\n"
	       "\n"
	       "It connects to the daemon's work door, says what it can do, and answers the tasks it is given until it gets SIGTERM.\n"
	       "reeved starts its own workers; start more by hand, or on another machine, when one is not enough. Any of them may\n"
	       "be killed at any time: its tasks are given to another when their leases end.\n"
	       "\n"
	       "  --work ENDPOINT    the daemon's work door (%s)\n"
	       "  --name NAME        how `reeve workers` lists it (%s-PID)\n"
	       "  --credit N         tasks in hand at once, 1 to %d (%d)\n"
	       "%s"
	       "  --log-level LEVEL  debug, info, notice, warning or error (info)\n"
	       "  --with-parent      end when the process that started it ends\n"
	       "  --parent PID       the same, and end at once when PID is not the parent any more\n"
	       "  --help             this text\n"
	       "  --version          the version\n"
	       "\n"
	       "Try it:  %s --work ipc:///tmp/reeve/work --name mine --log-level debug\n"
	       "Manual:  reeve-worker(8); the conversation is described in PROTOCOL.md\n",
		job->program, job->what, WORKER_OPTIONS_DEFAULT.endpoint, task_name(job->task), CREDIT_MOST, (int)WORKER_OPTIONS_DEFAULT.credit,
		job->look ? "  --model FILE       a trained classifier, from `reeve train`; read again when it changes (none)\n" : "", job->program);
}

struct command_line {
	struct worker_options options;
	bool with_parent;
	long parent;
	bool done; /* --help or --version: nothing more to do */
};

/* 0, or -1 after a line that says what is wrong. */
static int read_number(const char *option, const char *text, long most, long *ret_number)
{
	char *end;

	errno = 0;
	long number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < 1 || number > most) {
		fprintf(stderr, "--%s takes a number from 1 to %ld, not '%s'\n", option, most, text);
		return -1;
	}
	*ret_number = number;
	return 0;
}

static int take_option(struct command_line *line, const struct worker_job *job, int option, const char *value)
{
	enum log_level level;
	long number = 0;

	switch (option) {
	case 'w':
		line->options.endpoint = value;
		return 0;
	case 'n':
		line->options.name = value;
		if (*value && strlen(value) <= NAME_BYTES)
			return 0;
		fprintf(stderr, "--name takes 1 to %d bytes\n", NAME_BYTES);
		return -1;
	case 'c':
		if (read_number("credit", value, CREDIT_MOST, &number))
			return -1;
		line->options.credit = number;
		return 0;
	case 'm':
		line->options.model = value;
		return 0;
	case 'p':
		line->with_parent = true;
		return read_number("parent", value, INT32_MAX, &line->parent);
	case 'P':
		line->with_parent = true;
		return 0;
	case 'l':
		if (log_level_find(value, &level)) {
			log_set_level(level);
			return 0;
		}
		fprintf(stderr, "--log-level takes debug, info, notice, warning or error, not '%s'\n", value);
		return -1;
	case 'h':
		help(job);
		line->done = true;
		return 0;
	case 'v':
		printf("%s %s\n", job->program, REEVE_VERSION);
		line->done = true;
		return 0;
	default:
		fprintf(stderr, "%s --help explains the options\n", job->program);
		return -1;
	}
}

static int command_line_read(struct command_line *line, int argc, char **argv, const struct worker_job *job)
{
	const struct option model = {"model", required_argument, NULL, 'm'};
	const struct option options[] = {
		{"work", required_argument, NULL, 'w'}, {"name", required_argument, NULL, 'n'}, {"credit", required_argument, NULL, 'c'},
		{"log-level", required_argument, NULL, 'l'}, {"with-parent", no_argument, NULL, 'P'}, {"parent", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'}, job->look ? model : (struct option){0}, {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (take_option(line, job, option, optarg))
			return -1;
		if (line->done)
			return 0;
	}
	if (optind < argc) {
		fprintf(stderr, "'%s' is not an option; %s --help explains them\n", argv[optind], job->program);
		return -1;
	}
	return 0;
}

int worker_main(int argc, char **argv, const struct worker_job *job)
{
	struct command_line line = {.options = WORKER_OPTIONS_DEFAULT};
	struct worker_counts counts;
	char name[NAME_BYTES + 1];

	snprintf(name, sizeof name, "%s-%ld", task_name(job->task), (long)getpid());
	line.options.name = name;
	if (command_line_read(&line, argc, argv, job))
		return 2;
	if (line.done)
		return 0;
	log_set_program(line.options.name);
	if (signals_begin()) {
		log_line(LOG_LEVEL_ERROR, "cannot start", "reason", strerror(errno), NULL);
		return 1;
	}
	if (line.with_parent && !follow_parent(line.parent)) {
		log_line(LOG_LEVEL_NOTICE, "the parent has ended already", NULL);
		return 0;
	}
	line.options.stop_fd = stop_pipe[0];
	int status = worker_run(job, &line.options, &counts);
	if (!status)
		log_line(LOG_LEVEL_INFO, "left", "decided", log_number(counts.decided), "failed", log_number(counts.failed), "refused", log_number(counts.refused),
			"stale", log_number(counts.stale), NULL);
	return status;
}
