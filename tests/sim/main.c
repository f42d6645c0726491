/* reeve_sim [--seeds N] [--steps N] [--first S] [--jobs N]: many seeds, each run in a process of its own kind, side by side; one line of figures at the end.
 * reeve_sim --seed S [--steps N] [--trace]: one of them again, exactly; --twice runs it twice and compares.
 *
 * A run that goes wrong ends its process; what it shared says where. It is then done again with fewer steps, without kinds of faults, and without
 * steps, as long as the same complaint stays, and what is left is printed. Exit status 1 when anything was wrong. */
#include "tests/sim/sim.h"

#include <ctype.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define JOBS_MOST 16
#define VIOLATIONS_MOST 5
#define RUN_SECONDS_MOST 120 /* of its own processor time: a run that hangs */

struct options {
	int64_t seeds, steps, first, jobs, shrink_s;
	bool one, trace, twice, rare;
};

static struct shared *pages[JOBS_MOST];
static unsigned char *skip;

/* ---- one run in a process of its own ---- */

/* Standard error of the runs, for assertions and sanitizers. */
static FILE *errors;

static void errors_read(struct shared *page, int status)
{
	char line[600], last[600] = "";

	rewind(errors);
	while (fgets(line, sizeof line, errors))
		if ((!last[0] && strncmp(line, "time=", 5)) || strstr(line, "ssertion") || strstr(line, "runtime error") || strstr(line, "ERROR: "))
			snprintf(last, sizeof last, "%s", line);
	last[strcspn(last, "\n")] = '\0';
	if (WIFSIGNALED(status) && !last[0])
		snprintf(page->complaint, sizeof page->complaint, "%s", strsignal(WTERMSIG(status)));
	else
		snprintf(page->complaint, sizeof page->complaint, "%.590s", last[0] ? last : "the run ended by itself");
}

static void run_here(const struct plan *plan)
{
	shared->seed = plan->seed;
	shared->step = 0;
	shared->busy = true;
	setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = RUN_SECONDS_MOST}, NULL);
	shared->hash = run_seed(plan);
	setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = 0}, NULL);
	shared->busy = false;
}

static pid_t fork_quiet(void)
{
	fflush(NULL);
	pid_t pid = fork();

	if (pid < 0) {
		perror("reeve_sim: fork");
		exit(2);
	}
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* Runs the plan apart. "" or the complaint, in the page. */
static const char *run_apart(const struct plan *plan, struct shared *page)
{
	int status;

	memset(page, 0, sizeof *page);
	if (ftruncate(fileno(errors), 0))
		perror("reeve_sim: ftruncate");
	pid_t pid = fork_quiet();
	if (pid == 0) {
		shared = page;
		dup2(fileno(errors), STDERR_FILENO);
		run_here(plan);
		fflush(stdout);
		exit(0);
	}
	waitpid(pid, &status, 0);
	if (status && !page->complaint[0])
		errors_read(page, status);
	return page->complaint;
}

/* ---- shrinking ---- */

/* The same complaint, whatever its numbers. */
static bool same_complaint(const char *a, const char *b)
{
	while (*a && *b) {
		while (isdigit((unsigned char)*a) || *a == '-')
			a++;
		while (isdigit((unsigned char)*b) || *b == '-')
			b++;
		if (*a != *b)
			return false;
		if (*a)
			a++, b++;
	}
	return !*a && !*b;
}

struct shrinking {
	struct plan plan;
	char complaint[600];
	struct shared *page;
	time_t until;
	int64_t tries;
};

static bool still(struct shrinking *shrinking)
{
	if (time(NULL) >= shrinking->until)
		return false;
	shrinking->tries++;
	return same_complaint(run_apart(&shrinking->plan, shrinking->page), shrinking->complaint);
}

static void drop_faults(struct shrinking *shrinking)
{
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		uint64_t bit = UINT64_C(1) << fault;
		shrinking->plan.faults &= ~bit;
		if (!still(shrinking))
			shrinking->plan.faults |= bit;
	}
}

static void drop_steps(struct shrinking *shrinking)
{
	int64_t steps = shrinking->plan.steps;

	for (int64_t piece = steps / 2; piece > 0; piece = piece > 1 ? piece / 2 : 0)
		for (int64_t from = 0; from < steps; from += piece) {
			int64_t to = from + piece < steps ? from + piece : steps, dropped = 0;
			unsigned char *before = must_calloc((size_t)piece, 1);
			memcpy(before, skip + from, (size_t)(to - from));
			for (int64_t i = from; i < to; i++) {
				dropped += !skip[i];
				skip[i] = 1;
			}
			if (dropped && !still(shrinking))
				memcpy(skip + from, before, (size_t)(to - from));
			free(before);
		}
}

static void shrunk_say(const struct shrinking *shrinking)
{
	int64_t left = 0;

	for (int64_t i = 0; i < shrinking->plan.steps; i++)
		left += !skip[i];
	printf("shrunk in %" PRId64 " runs to %" PRId64 " of %" PRId64 " steps; faults left:\n", shrinking->tries, left, shrinking->plan.steps);
	for (int fault = 0; fault < FAULT_COUNT; fault++)
		if (shrinking->plan.faults >> fault & 1)
			printf("  %s\n", fault_words((enum fault)fault));
}

static void shrink(uint64_t seed, int64_t step, const char *complaint, const struct options *options)
{
	struct shrinking shrinking = {.plan = {.seed = seed, .steps = options->steps, .faults = ~UINT64_C(0), .skip = skip}, .page = shared_new(),
		.until = time(NULL) + options->shrink_s};

	snprintf(shrinking.complaint, sizeof shrinking.complaint, "%s", complaint);
	memset(skip, 0, (size_t)options->steps);
	shrinking.plan.steps = step + 1;
	if (!still(&shrinking))
		shrinking.plan.steps = options->steps;
	drop_faults(&shrinking);
	drop_steps(&shrinking);
	shrunk_say(&shrinking);
	shrinking.plan.prints = true;
	run_apart(&shrinking.plan, shrinking.page);
	printf("seed %" PRIu64 ": %s\n", seed, shrinking.page->complaint);
}

/* ---- many seeds ---- */

struct job {
	pid_t pid;
	int64_t next; /* the seed after those that are done */
	struct shared *page;
	FILE *errors;
};

static void job_body(const struct options *options, int number, int64_t from)
{
	struct plan plan = {.steps = options->steps, .faults = ~UINT64_C(0)};

	for (int64_t seed = from; seed < options->first + options->seeds; seed += options->jobs) {
		plan.seed = (uint64_t)seed;
		run_here(&plan);
	}
	(void)number;
	exit(0);
}

static void job_start(struct job *job, const struct options *options, int number, int64_t from)
{
	job->page = pages[number];
	if (ftruncate(fileno(job->errors), 0))
		perror("reeve_sim: ftruncate");
	lseek(fileno(job->errors), 0, SEEK_SET);
	job->pid = fork_quiet();
	if (job->pid == 0) {
		shared = job->page;
		dup2(fileno(job->errors), STDERR_FILENO);
		job_body(options, number, from);
	}
}

static void job_began(struct job *job, const struct options *options, int number)
{
	job->errors = tmpfile();
	if (!job->errors) {
		perror("reeve_sim: tmpfile");
		exit(2);
	}
	job_start(job, options, number, options->first + number);
}

static int64_t violations;

static void violation(struct job *job, const struct options *options, int number, int status)
{
	uint64_t seed = job->page->seed;
	char complaint[600];

	errors = job->errors;
	if (!job->page->complaint[0])
		errors_read(job->page, status);
	snprintf(complaint, sizeof complaint, "%s", job->page->complaint);
	violations++;
	printf("seed %" PRIu64 ", step %" PRId64 ": %s\n", seed, job->page->step, complaint);
	fflush(stdout);
	job->page->complaint[0] = '\0';
	if (violations == 1 && options->shrink_s)
		shrink(seed, job->page->step, complaint, options);
	if (violations < VIOLATIONS_MOST && (int64_t)seed + options->jobs < options->first + options->seeds)
		job_start(job, options, number, (int64_t)seed + options->jobs);
}

static void jobs_run(const struct options *options)
{
	struct job jobs[JOBS_MOST] = {{0}};
	int status;
	pid_t pid;

	for (int i = 0; i < options->jobs; i++)
		job_began(&jobs[i], options, i);
	while ((pid = wait(&status)) > 0)
		for (int i = 0; i < options->jobs; i++)
			if (jobs[i].pid == pid) {
				jobs[i].pid = 0;
				if (status)
					violation(&jobs[i], options, i, status);
			}
}

static int64_t sum(enum count count)
{
	int64_t all = 0;

	for (int i = 0; i < JOBS_MOST; i++)
		all += pages[i]->counts[count];
	return all;
}

static int rare_look(const struct options *options)
{
	int missed = 0;

	for (int rare = 0; rare < RARE_COUNT; rare++) {
		int64_t seen = 0;
		for (int i = 0; i < JOBS_MOST; i++)
			seen += pages[i]->rare[rare];
		if (options->rare)
			printf("%10" PRId64 " %s\n", seen, rare_words(rare));
		if (!seen)
			printf("never reached: %s\n", rare_words(rare));
		missed += !seen;
	}
	return missed;
}

static int many(const struct options *options)
{
	jobs_run(options);
	/* Rare states are looked for where there is room for them. */
	int missed = options->rare || (options->seeds * options->steps >= 1000000 && !violations) ? rare_look(options) : 0;

	printf("sim: %" PRId64 " seeds x %" PRId64 " steps, %" PRId64 " steps, %" PRId64 " events, %" PRId64 " acknowledged, %" PRId64 " lost, %" PRId64 " crashes, %" PRId64
		" replays, %d rare states missed, %" PRId64 " violations\n", options->seeds, options->steps, sum(COUNT_steps), sum(COUNT_events), sum(COUNT_acknowledged),
		sum(COUNT_lost), sum(COUNT_crashes), sum(COUNT_replays), missed, violations);
	return violations || missed;
}

static int one(const struct options *options)
{
	struct plan plan = {.seed = (uint64_t)options->first, .steps = options->steps, .faults = ~UINT64_C(0), .prints = options->trace};
	char complaint[600];

	errors = tmpfile();
	snprintf(complaint, sizeof complaint, "%s", run_apart(&plan, pages[0]));
	uint64_t hash = pages[0]->hash;
	int64_t step = pages[0]->step;
	if (!complaint[0] && options->twice) {
		run_apart(&plan, pages[1]);
		printf("seed %" PRId64 ": %016" PRIx64 ", and again %016" PRIx64 "\n", options->first, hash, pages[1]->hash);
		return hash != pages[1]->hash;
	}
	if (!complaint[0]) {
		printf("seed %" PRId64 ": %" PRId64 " steps, %" PRId64 " events, %" PRId64 " acknowledged, %" PRId64 " crashes, trace %016" PRIx64 "\n", options->first, options->steps,
			sum(COUNT_events), sum(COUNT_acknowledged), sum(COUNT_crashes), hash);
		return 0;
	}
	printf("seed %" PRId64 ", step %" PRId64 ": %s\n", options->first, step, complaint);
	if (options->shrink_s && !options->trace)
		shrink((uint64_t)options->first, step, complaint, options);
	return 1;
}

static int64_t number_of(const char *text)
{
	char *end;
	long long value = text ? strtoll(text, &end, 10) : -1;

	if (value < 0 || *end) {
		fprintf(stderr, "reeve_sim: a number is wanted\n");
		exit(2);
	}
	return value;
}

static struct options options_read(char **argv)
{
	struct options options = {.seeds = 1000, .steps = 2000, .first = 1, .jobs = 2, .shrink_s = 60};

	for (char **at = argv + 1; *at; at++) {
		if (!strcmp(*at, "--trace"))
			options.trace = true;
		else if (!strcmp(*at, "--twice"))
			options.twice = true;
		else if (!strcmp(*at, "--rare"))
			options.rare = true;
		else if (!strcmp(*at, "--seeds"))
			options.seeds = number_of(*++at);
		else if (!strcmp(*at, "--steps"))
			options.steps = number_of(*++at);
		else if (!strcmp(*at, "--first"))
			options.first = number_of(*++at);
		else if (!strcmp(*at, "--jobs"))
			options.jobs = number_of(*++at);
		else if (!strcmp(*at, "--shrink"))
			options.shrink_s = number_of(*++at);
		else if (!strcmp(*at, "--seed"))
			options.first = number_of(*++at), options.one = true;
		else {
			fprintf(stderr, "usage: reeve_sim [--seeds N] [--steps N] [--first S] [--jobs N] [--rare] [--shrink SECONDS]\n"
				"       reeve_sim --seed S [--steps N] [--trace | --twice] [--shrink SECONDS]\n");
			exit(2);
		}
		if (!*at)
			exit(2);
	}
	options.jobs = options.jobs < 1 ? 1 : options.jobs > JOBS_MOST ? JOBS_MOST : options.jobs;
	return options;
}

int main(int argc, char **argv)
{
	struct options options = options_read(argv);

	(void)argc;
	for (int i = 0; i < JOBS_MOST; i++)
		pages[i] = shared_new();
	shared = pages[0];
	skip = must_calloc((size_t)options.steps + 1, 1);
	log_set_level(LOG_LEVEL_ERROR);
	policies_prepare();
	return options.one ? one(&options) : many(&options);
}
