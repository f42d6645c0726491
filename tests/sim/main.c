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
#include "tests/choice.h"

#define JOBS_MOST 16
#define VIOLATIONS_MOST 5
#define SEEDS_MOST 1000000000
#define STEPS_MOST 100000000
#define FIRST_MOST INT64_C(1000000000000000000)
#define SHRINK_MOST 86400
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
	return violations || missed || !sum(COUNT_steps);
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

static const char usage[] =
	"usage: reeve_sim [--seeds N] [--steps N] [--first S] [--jobs N] [--rare] [--shrink SECONDS]\n"
	"       reeve_sim --seed S [--steps N] [--trace | --twice] [--shrink SECONDS]\n"
	"  --seeds   so many seeds (1000), from --first on (1), of --steps steps each (2000); --jobs at once (2)\n"
	"  --rare    how often each rare state was reached\n"
	"  --seed    this one again, exactly; --trace in words, --twice compares two runs of it\n"
	"  --shrink  so long a seed that fails is made shorter (60)\n";

enum { OPTION_SEEDS = 256, OPTION_STEPS, OPTION_FIRST, OPTION_JOBS, OPTION_SHRINK, OPTION_SEED, OPTION_TRACE, OPTION_TWICE, OPTION_RARE, OPTION_HELP, OPTIONS_END };

static const struct option known[] = {
	{"seeds", required_argument, NULL, OPTION_SEEDS}, {"steps", required_argument, NULL, OPTION_STEPS}, {"first", required_argument, NULL, OPTION_FIRST},
	{"jobs", required_argument, NULL, OPTION_JOBS}, {"shrink", required_argument, NULL, OPTION_SHRINK}, {"seed", required_argument, NULL, OPTION_SEED},
	{"trace", no_argument, NULL, OPTION_TRACE}, {"twice", no_argument, NULL, OPTION_TWICE}, {"rare", no_argument, NULL, OPTION_RARE},
	{"help", no_argument, NULL, OPTION_HELP}, {0},
};

static bool option_take(int option, char *const *argv, struct options *options)
{
	const struct {
		const char *name;
		int64_t least, most, *number;
	} numbers[] = {
		{"--seeds", 1, SEEDS_MOST, &options->seeds}, {"--steps", 1, STEPS_MOST, &options->steps}, {"--first", 0, FIRST_MOST, &options->first},
		{"--jobs", 1, JOBS_MOST, &options->jobs}, {"--shrink", 0, SHRINK_MOST, &options->shrink_s}, {"--seed", 0, FIRST_MOST, &options->first},
	};

	if (option >= OPTION_SEEDS && option <= OPTION_SEED) {
		int at = option - OPTION_SEEDS;
		return choice_number("sim", numbers[at].name, optarg, numbers[at].least, numbers[at].most, numbers[at].number);
	}
	options->trace = options->trace || option == OPTION_TRACE;
	options->twice = options->twice || option == OPTION_TWICE;
	options->rare = options->rare || option == OPTION_RARE;
	return option == OPTION_TRACE || option == OPTION_TWICE || option == OPTION_RARE || choice_unknown("sim", argv, known);
}

/* What would be ignored is refused. */
static bool options_fit(const bool *given)
{
	static const struct {
		int option;
		bool of_one;
	} kinds[] = {{OPTION_SEEDS, false}, {OPTION_FIRST, false}, {OPTION_JOBS, false}, {OPTION_RARE, false}, {OPTION_TRACE, true}, {OPTION_TWICE, true}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (given[kinds[i].option - OPTION_SEEDS] && kinds[i].of_one != given[OPTION_SEED - OPTION_SEEDS]) {
			fprintf(stderr, "sim: --%s %s; --help tells more\n", known[kinds[i].option - OPTION_SEEDS].name,
				kinds[i].of_one ? "is for one run: name it with --seed S" : "is for many seeds, and --seed is one");
			return false;
		}
	return true;
}

/* 0; or what to exit with, plus 1. */
static int options_read(int argc, char **argv, struct options *options)
{
	bool given[OPTIONS_END - OPTION_SEEDS] = {false};
	int option;

	*options = (struct options){.seeds = 1000, .steps = 2000, .first = 1, .jobs = 2, .shrink_s = 60};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == OPTION_HELP)
			return fputs(usage, stdout), 1;
		if (!option_take(option, argv, options))
			return 3;
		given[option - OPTION_SEEDS] = true;
	}
	if (optind < argc) {
		fprintf(stderr, "sim: it takes options only, not %s; --help tells more\n", argv[optind]);
		return 3;
	}
	options->one = given[OPTION_SEED - OPTION_SEEDS];
	return options_fit(given) ? 0 : 3;
}

int main(int argc, char **argv)
{
	struct options options;
	int over = options_read(argc, argv, &options);

	if (over)
		return over - 1;
	for (int i = 0; i < JOBS_MOST; i++)
		pages[i] = shared_new();
	shared = pages[0];
	skip = must_calloc((size_t)options.steps + 1, 1);
	log_set_level(LOG_LEVEL_ERROR);
	policies_prepare();
	return options.one ? one(&options) : many(&options);
}
