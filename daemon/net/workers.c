/* Worker processes of our own. posix_spawn and never fork: a fork would copy libzmq's threads' locks in whatever state they are.
 *
 * A worker gets `--work ENDPOINT --name TASK-N --parent PID` after its command's own arguments (the last one so that it can end when the daemon
 * was killed), the environment, standard error, and nothing else: every other descriptor is closed. Each one has a process
 * group of its own, so that Ctrl-C reaches the daemon only, which then stops its workers in order.
 *
 * One that ends is started again after work.restart_ms, doubled each time up to work.restart_most_ms; a minute of life begins
 * anew. Killing a worker loses nothing: its leases go back when they expire. */
#include "net/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"
#include "net/timekeeper.h"

#define LIVED_MS 60000 /* a worker that lived so long starts with the first pause again */
#define WORDS_MOST 64  /* words of a command */
#define OWN_WORDS 7    /* what words_of adds, the NULL included */

struct worker_process {
	struct workers *owner;
	char name[64];
	char *command; /* words separated by blanks; or one path, blanks and all */
	bool one_word;
	pid_t pid;     /* 0: not running */
	int64_t started_ms;
	int64_t pause_ms;
	ev_child child;
	ev_timer again;
};

struct workers {
	struct ev_loop *loop;
	const struct settings *settings;
	struct worker_process *processes;
	size_t count;
	int64_t restarts;
	bool stopping;
	char parent[24]; /* our own process id */
	char **environment;
};

static void process_start(struct worker_process *process);

/* Where the program for a task lies, seen from the daemon's own: beside it, in an installed tree, in a build tree. */
static bool program_find(const char *task, char *ret_path, size_t size, char *error, size_t error_size)
{
	static const char *const places[] = {".", "../libexec/reeve", "../../libexec/reeve", "../workers"};
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	self[len > 0 ? len : 0] = 0;
	char *slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (snprintf(ret_path, size, "%s/%s/reeve-%s", self, places[i], task) < (int)size && access(ret_path, X_OK) == 0)
			return true;
	}
	snprintf(error, error_size, "no program reeve-%s beside %s, in ../libexec/reeve or ../workers; name it as command in workers", task, self);
	return false;
}

static void process_ended(struct worker_process *process, int status)
{
	struct workers *workers = process->owner;
	int64_t lived_ms = monotonic_ms() - process->started_ms;
	bool by_signal = WIFSIGNALED(status);

	process->pid = 0;
	if (workers->stopping)
		return;
	if (lived_ms >= LIVED_MS || process->pause_ms == 0)
		process->pause_ms = workers->settings->work_restart_ms;
	log_line(LOG_LEVEL_WARNING, "worker ended", "worker", process->name, by_signal ? "signal" : "exit",
		log_number(by_signal ? WTERMSIG(status) : WEXITSTATUS(status)), "lived_ms", log_number(lived_ms),
		"again_in_ms", log_number(process->pause_ms), NULL);
	ev_timer_set(&process->again, (double)process->pause_ms / 1000, 0);
	ev_timer_start(workers->loop, &process->again);
	process->pause_ms *= 2;
	if (process->pause_ms > workers->settings->work_restart_most_ms)
		process->pause_ms = workers->settings->work_restart_most_ms;
}

static void on_child(struct ev_loop *loop, ev_child *child, int revents)
{
	(void)revents;
	ev_child_stop(loop, child);
	process_ended(child->data, child->rstatus);
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct worker_process *process = timer->data;

	(void)loop;
	(void)revents;
	process->owner->restarts++;
	process_start(process);
}

/* Cuts the command into words in place and adds our own arguments. */
static void words_of(const struct worker_process *process, char *command, const char *ret_words[WORDS_MOST + OWN_WORDS])
{
	const char *blanks = process->one_word ? "" : " \t";
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(command, blanks, &rest); word && count < WORDS_MOST; word = strtok_r(NULL, blanks, &rest))
		ret_words[count++] = word;
	ret_words[count++] = "--work";
	ret_words[count++] = process->owner->settings->doors_work;
	ret_words[count++] = "--name";
	ret_words[count++] = process->name;
	ret_words[count++] = "--parent";
	ret_words[count++] = process->owner->parent;
	ret_words[count] = NULL;
}

static int spawn(struct worker_process *process, const char **words)
{
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t actions;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	int fault = posix_spawnp(&process->pid, words[0], &actions, &attributes, (char **)words,
		process->owner->environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return fault;
}

static void process_start(struct worker_process *process)
{
	char *command = span_dup(span_of(process->command));
	const char *words[WORDS_MOST + OWN_WORDS];

	words_of(process, command, words);
	process->started_ms = monotonic_ms();
	int fault = spawn(process, words);
	if (fault == 0) {
		ev_child_set(&process->child, process->pid, 0);
		ev_child_start(process->owner->loop, &process->child);
		log_line(LOG_LEVEL_INFO, "worker started", "worker", process->name, "pid", log_number(process->pid), NULL);
	} else {
		log_line(LOG_LEVEL_ERROR, "worker not started", "worker", process->name, "program", words[0], "reason", strerror(fault), NULL);
		process_ended(process, W_EXITCODE(127, 0));
	}
	free(command);
}

static char **environment_make(void)
{
	size_t count = 0, kept = 0;

	while (environ[count])
		count++;
	char **made = must_calloc(count + 1, sizeof *made);
	for (size_t i = 0; i < count; i++) {
		/* What the service manager tells is for the daemon alone. */
		if (strncmp(environ[i], "NOTIFY_SOCKET=", 14) != 0 && strncmp(environ[i], "WATCHDOG_", 9) != 0 &&
		    strncmp(environ[i], "LISTEN_", 7) != 0)
			made[kept++] = span_dup(span_of(environ[i]));
	}
	return made;
}

static void process_prepare(struct worker_process *process, struct workers *owner, const struct worker_setting *setting,
	const char *program, int64_t number)
{
	process->owner = owner;
	snprintf(process->name, sizeof process->name, "%s-%lld", setting->task, (long long)number);
	process->command = span_dup(span_of(program ? program : setting->command));
	process->one_word = program != NULL;
	ev_init(&process->child, on_child);
	ev_init(&process->again, on_again);
	process->child.data = process->again.data = process;
}

/* Adds the processes of one row of the configuration; numbers of a task go on over several rows. */
static bool row_prepare(struct workers *workers, const struct worker_setting *setting, char *error, size_t error_size)
{
	char path[PATH_MAX];
	bool own = !setting->command || !*setting->command;
	int64_t before = 0;

	if (own && !program_find(setting->task, path, sizeof path, error, error_size))
		return false;
	for (const struct worker_setting *row = workers->settings->workers; row < setting; row++)
		before += strcmp(row->task, setting->task) == 0 ? row->count : 0;
	for (int64_t i = 1; i <= setting->count; i++)
		process_prepare(&workers->processes[workers->count++], workers, setting, own ? path : NULL, before + i);
	return true;
}

struct workers *workers_open(struct ev_loop *loop, const struct settings *settings, char *error, size_t error_size)
{
	struct workers *workers = must_calloc(1, sizeof *workers);
	int64_t total = 0;

	workers->loop = loop;
	workers->settings = settings;
	workers->environment = environment_make();
	snprintf(workers->parent, sizeof workers->parent, "%ld", (long)getpid());
	for (int64_t i = 0; i < settings->worker_count; i++)
		total += settings->workers[i].count;
	workers->processes = must_calloc((size_t)total, sizeof *workers->processes);
	for (int64_t i = 0; i < settings->worker_count; i++) {
		if (row_prepare(workers, &settings->workers[i], error, error_size))
			continue;
		workers_close(workers);
		return NULL;
	}
	return workers;
}

void workers_start(struct workers *workers)
{
	for (size_t i = 0; i < workers->count; i++)
		process_start(&workers->processes[i]);
}

void workers_stop(struct workers *workers, int signal)
{
	workers->stopping = true;
	for (size_t i = 0; i < workers->count; i++) {
		ev_timer_stop(workers->loop, &workers->processes[i].again);
		if (workers->processes[i].pid)
			kill(workers->processes[i].pid, signal);
	}
}

int64_t workers_running(const struct workers *workers)
{
	int64_t running = 0;

	for (size_t i = 0; i < workers->count; i++)
		running += workers->processes[i].pid != 0;
	return running;
}

int64_t workers_restarts(const struct workers *workers)
{
	return workers->restarts;
}

void workers_close(struct workers *workers)
{
	if (!workers)
		return;
	workers_stop(workers, SIGKILL);
	for (size_t i = 0; i < workers->count; i++) {
		struct worker_process *process = &workers->processes[i];

		ev_child_stop(workers->loop, &process->child);
		if (process->pid)
			waitpid(process->pid, NULL, 0);
		free(process->command);
	}
	for (size_t i = 0; workers->environment[i]; i++)
		free(workers->environment[i]);
	free(workers->environment);
	free(workers->processes);
	free(workers);
}
