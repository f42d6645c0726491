/* The n-th call fails: runs each workload again and again with nth_call.c preloaded, one failing call further each time, until it runs through without
 * meeting one; for each way of failing, once and lasting. Then what it left is opened without faults and judged by check.c. Owns the folders it
 * works in, and removes them; one that does not hold is kept and named.
 *
 * A run may go on or end with a line that says what, where and what to do; never by a signal, never without a word, never not at all. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/choice.h"
#include "tests/storage/check.h"
#include "tests/storage/drive.h"
#include "tests/storage/nth_call.h"

#define JOBS_MOST 8
#define CHECK_SECONDS 240
#define FINDINGS_MOST 20
#define CALLS_MOST 100000 /* a workload that never gets past its n-th call is one that tries for ever */

enum { KIND_EIO, KIND_LATE, KIND_ENOSPC, KIND_EINTR, KIND_SHORT, KIND_ENOMEM, KINDS };
static const char *const kind_names[KINDS] = {"EIO", "LATE", "ENOSPC", "EINTR", "SHORT", "ENOMEM"};

struct options {
	const char *library, *policy;
	int jobs, every, rounds, only; /* only: this kind; KINDS: all */
	bool chosen[WORKLOAD_COUNT], early;
};

struct sums {
	uint64_t failed[KINDS], survived, starts, lost, hung, crashed, speechless;
};

/* Shared with the children. */
struct job {
	struct sums sums;
	struct verdict verdict;
};

struct run {
	const struct options *options;
	struct workload workload;
	struct place whole; /* the run without faults */
	struct reference *reference;
	struct progress full;
	struct job *jobs;
};

/* A child's work: one workload, one way of failing. */
struct series {
	const struct run *run;
	struct job *job;
	struct place place;
	int kind;
	bool lasting;
	const char *only; /* files with this in their name; empty: all */
	uint64_t before;  /* findings of the series before it */
};

static uint64_t findings(const struct sums *sums)
{
	return sums->lost + sums->hung + sums->crashed + sums->speechless;
}

static uint64_t findings_here(const struct series *series)
{
	return findings(&series->job->sums) - series->before;
}

static void finding_say(struct series *series, int at, const char *called, const char *why)
{
	char kept[PLACE_MOST + 20];

	if (series->run->options->early)
		return; /* as it should be */
	snprintf(kept, sizeof kept, "%s-%d", series->place.root, at);
	printf("  %s, %s%s at call %d (%s)\n    %s\n    %s\n", workload_names[series->run->workload.kind], kind_names[series->kind], series->lasting ? " and lasting" : "", at,
		called, why, kept);
	fflush(stdout);
	rename(series->place.root, kept);
	if (!place_make(&series->place, "faults"))
		_exit(1);
}

/* Opens what is left, in a process of its own. 0, or how it ended. */
static int folder_check(struct series *series, const struct progress *progress)
{
	int status;

	series->job->sums.starts++;
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(CHECK_SECONDS);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		check_folder(series->run->reference, series->place.folder, progress, true, &series->job->verdict);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* One line that names its remedy behind a semicolon. */
static bool is_said(const struct buf *said)
{
	return said->len > 20 && memchr(said->data, ';', said->len);
}

static void ended_judge(struct series *series, int at, int status, const char *called, const struct buf *said, const struct progress *progress)
{
	struct sums *sums = &series->job->sums;
	bool about_archive = strstr(called, "archive") && (!series->lasting || series->only[0]);
	char why[300];

	if (status == DRIVE_HUNG) {
		sums->hung++;
		finding_say(series, at, called, "it hung");
	} else if (status >= DRIVE_SIGNAL) {
		sums->crashed++;
		snprintf(why, sizeof why, "it was ended by signal %d: %.*s", status - DRIVE_SIGNAL, (int)(said->len < 200 ? said->len : 200), said->data ? said->data : "");
		finding_say(series, at, called, why);
	} else if (status == WORKLOAD_REFUSED) {
		sums->lost++;
		snprintf(why, sizeof why, "it goes on, and takes no report any more: %.*s", (int)(said->len < 200 ? said->len : 200), said->data ? said->data : "");
		finding_say(series, at, called, why);
	} else if (status == 0 && progress->acknowledged != series->run->full.acknowledged) {
		sums->lost++;
		finding_say(series, at, called, "it ended well before it had done everything");
	} else if (status != 0 && !is_said(said)) {
		sums->speechless++;
		snprintf(why, sizeof why, "it ended with %d and said: %.*s", status, (int)(said->len < 200 ? said->len : 200), said->data ? said->data : "");
		finding_say(series, at, called, why);
	} else if (status != 0 && about_archive && !memmem(said->data, said->len, "archive", 7)) {
		sums->lost++;
		finding_say(series, at, called, "a fault of the archive ended something else");
	}
	sums->survived += status == 0;
}

static void left_judge(struct series *series, int at, const char *called, const struct progress *progress)
{
	struct sums *sums = &series->job->sums;
	uint64_t before = findings(sums);
	int status;

	series->job->verdict = (struct verdict){0};
	status = folder_check(series, progress);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		sums->hung++;
	else if (WIFSIGNALED(status))
		sums->crashed++;
	else if (series->job->verdict.why[0])
		sums->lost++;
	if (findings(sums) > before)
		finding_say(series, at, called, WIFSIGNALED(status) ? "opening what it left was ended by a signal" : series->job->verdict.why);
}

/* False: the workload did not come to its n-th call. */
static bool call_fail(struct series *series, int at)
{
	char setting[6][PLACE_MOST + 40], told[PLACE_MOST + 20], called[300] = "";
	struct place *place = &series->place;
	struct workload workload = series->run->workload;
	struct progress progress = {0};
	struct buf said = {0}, notes = {0}, line = {0};

	snprintf(told, sizeof told, "%s/told", place->root);
	snprintf(setting[0], sizeof setting[0], NTH_FOLDER "=%s", place->folder);
	snprintf(setting[1], sizeof setting[1], NTH_KIND "=%s", kind_names[series->kind]);
	snprintf(setting[2], sizeof setting[2], NTH_AT "=%d", at);
	snprintf(setting[3], sizeof setting[3], NTH_LASTING "=%d", series->lasting);
	snprintf(setting[5], sizeof setting[5], NTH_FILE "=%s", series->only);
	snprintf(setting[4], sizeof setting[4], NTH_TOLD "=%s", told);
	workload.directory = place->folder;
	folder_empty(place->folder, false);
	unlink(place->notes);
	unlink(told);
	int status = drive(&workload, place, series->run->options->library, (char *[]){setting[0], setting[1], setting[2], setting[3], setting[4], setting[5], NULL});
	bool came = access(told, F_OK) == 0;
	if (came && place_read(told, &line) && place_read(place->said, &said) && (access(place->notes, F_OK) != 0 || place_read(place->notes, &notes))) {
		snprintf(called, sizeof called, "%.*s", (int)line.len - 1, line.data);
		series->job->sums.failed[series->kind]++;
		progress_note(&progress, buf_span(&notes));
		uint64_t before = findings_here(series);
		ended_judge(series, at, status, called, &said, &progress);
		if (findings_here(series) == before)
			left_judge(series, at, called, &progress);
	}
	buf_free(&said);
	buf_free(&notes);
	buf_free(&line);
	return came;
}

static void series_run(struct series *series)
{
	int every = series->run->options->every;

	if (!place_make(&series->place, "faults"))
		_exit(1);
	for (int at = 1; at < CALLS_MOST && call_fail(series, at) && findings_here(series) < FINDINGS_MOST; at += every)
		;
	place_remove(&series->place);
}

static void child_run(const struct run *run, int number)
{
	int count = 0;

	for (int kind = 0; kind < KINDS; kind++)
		for (int form = 0; form < 3; form++) {
			struct series series = {.run = run, .job = &run->jobs[number], .kind = kind, .lasting = form > 0, .only = form == 2 ? "archive" : "",
				.before = findings(&run->jobs[number].sums)};
			/* A call that is interrupted again and again is a machine that stands still. */
			if (series.lasting && kind != KIND_EIO && kind != KIND_ENOSPC)
				continue;
			if (run->options->only != KINDS && run->options->only != kind)
				continue;
			if (count++ % run->options->jobs == number)
				series_run(&series);
		}
	fflush(NULL);
	_exit(0);
}

static bool run_prepare(struct run *run)
{
	struct buf notes = {0};

	if (!place_make(&run->whole, "faults"))
		return false;
	run->workload.directory = run->whole.folder;
	bool early = run->workload.early;
	run->workload.early = false;
	int status = drive(&run->workload, &run->whole, "", (char *[]){NULL});
	run->workload.early = early;
	if (status != 0 || !place_read(run->whole.notes, &notes)) {
		fprintf(stderr, "the workload %s ended with %d though nothing failed\n", workload_names[run->workload.kind], status);
		return false;
	}
	progress_note(&run->full, buf_span(&notes));
	run->reference = reference_read(&run->workload, buf_span(&notes), run->whole.scratch);
	buf_free(&notes);
	return run->reference != NULL;
}

static void sums_add(struct sums *sums, const struct sums *more)
{
	for (int kind = 0; kind < KINDS; kind++)
		sums->failed[kind] += more->failed[kind];
	sums->survived += more->survived;
	sums->starts += more->starts;
	sums->lost += more->lost;
	sums->hung += more->hung;
	sums->crashed += more->crashed;
	sums->speechless += more->speechless;
}

static bool run_workload(const struct options *options, enum workload_kind kind, struct sums *sums)
{
	static const int rounds[WORKLOAD_COUNT] = {10, 8, 4, 7, 4};
	struct run run = {.options = options, .workload = {.kind = kind, .policy = options->policy, .rounds = options->rounds ? options->rounds : rounds[kind],
		.early = options->early}};
	int status;

	run.jobs = mmap(NULL, sizeof *run.jobs * JOBS_MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = run.jobs != MAP_FAILED && run_prepare(&run);
	fflush(NULL);
	for (int i = 0; good && i < options->jobs; i++)
		if (fork() == 0)
			child_run(&run, i);
	while (wait(&status) > 0)
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	for (int i = 0; i < options->jobs; i++)
		sums_add(sums, &run.jobs[i].sums);
	munmap(run.jobs, sizeof *run.jobs * JOBS_MOST);
	reference_free(run.reference);
	place_remove(&run.whole);
	return good;
}

static const char usage[] =
	"usage: storage_faults [--jobs N] [--rounds N] [--every N] [--kind KIND] [--workload NAME]... [--early] LIBRARY POLICY\n"
	"  --every     only each so manieth call fails (1)\n"
	"  --kind      only this way of failing: EIO, LATE, ENOSPC, EINTR, SHORT, ENOMEM\n"
	"  --workload  only these: plain, city, backup, prune, import\n"
	"  --early     the workload lies: it acknowledges before the commit; then findings are what is wanted\n";

static bool number_take(const char *name, int64_t most, int *ret_number)
{
	int64_t number;

	if (!choice_number("faults", name, optarg, 1, most, &number))
		return false;
	*ret_number = (int)number;
	return true;
}

/* 0; or what to exit with, plus 1. */
static int options_read(int argc, char **argv, struct options *options)
{
	enum { OPTION_JOBS = 256, OPTION_ROUNDS, OPTION_EVERY, OPTION_KIND, OPTION_WORKLOAD, OPTION_EARLY, OPTION_HELP };
	static const struct option known[] = {
		{"jobs", required_argument, NULL, OPTION_JOBS}, {"rounds", required_argument, NULL, OPTION_ROUNDS}, {"every", required_argument, NULL, OPTION_EVERY},
		{"kind", required_argument, NULL, OPTION_KIND}, {"workload", required_argument, NULL, OPTION_WORKLOAD}, {"early", no_argument, NULL, OPTION_EARLY},
		{"help", no_argument, NULL, OPTION_HELP}, {0},
	};
	bool any = false, good = true;
	int option, kind = 0;

	*options = (struct options){.jobs = 2, .every = 1, .only = KINDS};
	opterr = 0;
	while (good && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == OPTION_HELP)
			return fputs(usage, stdout), 1;
		if (option == OPTION_WORKLOAD) {
			good = choice_name("faults", "--workload", optarg, workload_names, WORKLOAD_COUNT, &kind);
			options->chosen[kind] = any = true;
		} else if (option == OPTION_EARLY) {
			options->early = true;
		} else if (option == OPTION_KIND) {
			good = choice_name("faults", "--kind", optarg, kind_names, KINDS, &options->only);
		} else if (option == OPTION_JOBS) {
			good = number_take("--jobs", JOBS_MOST, &options->jobs);
		} else if (option == OPTION_EVERY) {
			good = number_take("--every", CALLS_MOST, &options->every);
		} else if (option == OPTION_ROUNDS) {
			good = number_take("--rounds", 1000000, &options->rounds);
		} else {
			good = choice_unknown("faults", argv, known);
		}
	}
	if (good && argc - optind != 2) {
		if (argc - optind > 2)
			fprintf(stderr, "faults: %s is none of its options; --help lists them\n", argv[optind]);
		else
			fprintf(stderr, "faults: a library and a policy's directory are wanted behind the options; --help tells more\n");
		good = false;
	}
	if (!good)
		return 3;
	for (kind = 0; !any && kind < WORKLOAD_COUNT; kind++)
		options->chosen[kind] = true;
	options->library = argv[optind];
	options->policy = argv[optind + 1];
	return 0;
}

int main(int argc, char **argv)
{
	struct options options;
	struct sums sums = {0};
	uint64_t failed = 0;
	bool good = true;

	if (drive_wanted(argc, argv))
		return drive_here(argc, argv);
	int over = options_read(argc, argv, &options);
	if (over)
		return over - 1;
	for (int kind = 0; kind < WORKLOAD_COUNT; kind++)
		if (options.chosen[kind])
			good = run_workload(&options, (enum workload_kind)kind, &sums) && good;
	for (int kind = 0; kind < KINDS; kind++)
		failed += sums.failed[kind];
	printf("faults: %" PRIu64 " calls failed (", failed);
	for (int kind = 0; kind < KINDS; kind++)
		printf("%s%s %" PRIu64, kind ? ", " : "", kind_names[kind], sums.failed[kind]);
	printf("), %" PRIu64 " went on, %" PRIu64 " starts, %" PRIu64 " lost, %" PRIu64 " hung, %" PRIu64 " crashed, %" PRIu64 " without a word\n",
		sums.survived, sums.starts, sums.lost, sums.hung, sums.crashed, sums.speechless);
	return good && failed && (findings(&sums) > 0) == options.early ? 0 : 1;
}
