/* From the journal to the comparison: reads, compiles, plays the streams side by side in threads, settles their names in one table, and
 * makes the report. Owns all of it. Threads share the history and the recorded policies, which nobody changes any more, and
 * nothing else; so the result does not depend on how they are scheduled. */
#include "rehearse/rehearsal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rehearse/rules.h"

#define QUIET_MS 1000 /* shorter than this needs no progress */
#define LINE_MS 5000  /* between lines when standard error is no terminal */
#define POLL_MS 50

static int64_t steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A play's policies are taken by its state, so each play gets its own. */
static int play_prepare(struct rehearsal *rehearsal, struct play *play, const char *const *directories, size_t count)
{
	play->history = &rehearsal->history;
	play->model = rehearsal->classifier;
	play->recorded = (const struct policy *const *)rehearsal->recorded;
	if (!count) {
		play->policies = rules_recorded(&rehearsal->history, &play->policy_count, rehearsal->error, sizeof rehearsal->error);
		return play->policies ? 0 : -1;
	}
	play->policies = must_calloc(1, sizeof *play->policies);
	play->policies[0] = rules_directories(directories, count, rehearsal->error, sizeof rehearsal->error);
	play->policy_count = play->policies[0] ? 1 : 0;
	return play->policies[0] ? 0 : -1;
}

/* The policies that names are shown by: they must outlive the plays. */
static int names_prepare(struct rehearsal *rehearsal)
{
	const struct policy *last = rehearsal->recorded[rehearsal->recorded_count - 1];

	if (rehearsal->policy_count) {
		rehearsal->kept[0] = rules_directories(rehearsal->policy, rehearsal->policy_count, rehearsal->error, sizeof rehearsal->error);
		if (!rehearsal->kept[0])
			return -1;
	}
	if (rehearsal->against_count) {
		rehearsal->kept[1] = rules_directories(rehearsal->against, rehearsal->against_count, rehearsal->error, sizeof rehearsal->error);
		if (!rehearsal->kept[1])
			return -1;
	}
	rehearsal->names_policy = rehearsal->kept[0] ? rehearsal->kept[0] : last;
	rehearsal->names_old = rehearsal->kept[1] ? rehearsal->kept[1] : last;
	return 0;
}

int rehearsal_open(struct rehearsal *rehearsal)
{
	if (history_read(&rehearsal->history, rehearsal->from, rehearsal->error, sizeof rehearsal->error))
		return -1;
	if (rehearsal->model) {
		rehearsal->classifier = model_load(rehearsal->model, rehearsal->error, sizeof rehearsal->error);
		if (!rehearsal->classifier)
			return -1;
	}
	rehearsal->recorded = rules_recorded(&rehearsal->history, &rehearsal->recorded_count, rehearsal->error, sizeof rehearsal->error);
	if (!rehearsal->recorded || names_prepare(rehearsal))
		return -1;
	rehearsal->fold.history = &rehearsal->history;
	if (rehearsal->baseline != BASELINE_RECORDED && play_prepare(rehearsal, &rehearsal->before, rehearsal->against, rehearsal->against_count))
		return -1;
	return rehearsal->policy_count ? play_prepare(rehearsal, &rehearsal->after, rehearsal->policy, rehearsal->policy_count) : 0;
}

/* --- threads --- */

struct job {
	pthread_t thread;
	struct play *play;
	void (*run)(struct play *play);
	_Atomic bool ended;
};

static void *job_run(void *context)
{
	struct job *job = context;

	job->run(job->play);
	job->ended = true;
	return NULL;
}

static void progress_show(const struct job *jobs, size_t count, size_t records, bool terminal, bool end)
{
	size_t done = 0;

	for (size_t i = 0; i < count; i++)
		done += jobs[i].play->done;
	if (terminal)
		fprintf(stderr, end ? "\r\033[K" : "\rrehearsing %3zu %%", done * 100 / (records * count));
	else if (!end)
		fprintf(stderr, "rehearsing %zu %%\n", done * 100 / (records * count));
	fflush(stderr);
}

static void jobs_wait(const struct job *jobs, size_t count, size_t records, bool quiet)
{
	int64_t begun = steady_ms(), shown = begun + QUIET_MS - LINE_MS;
	bool terminal = isatty(STDERR_FILENO), drawn = false;

	for (;;) {
		bool ended = true;
		for (size_t i = 0; i < count; i++)
			ended = ended && jobs[i].ended;
		if (ended)
			break;
		nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
		int64_t now = steady_ms();
		if (quiet || now - begun < QUIET_MS || (!terminal && now - shown < LINE_MS))
			continue;
		progress_show(jobs, count, records, terminal, false);
		shown = now;
		drawn = true;
	}
	if (drawn)
		progress_show(jobs, count, records, terminal, true);
}

static int jobs_run(struct rehearsal *rehearsal, struct job *jobs, size_t count)
{
	size_t begun = 0;

	while (begun < count && pthread_create(&jobs[begun].thread, NULL, job_run, &jobs[begun]) == 0)
		begun++;
	jobs_wait(jobs, begun, rehearsal->history.count, rehearsal->quiet);
	for (size_t i = 0; i < begun; i++)
		pthread_join(jobs[i].thread, NULL);
	if (begun < count)
		snprintf(rehearsal->error, sizeof rehearsal->error, "cannot start a thread: raise the limit of processes, or end others");
	for (size_t i = 0; i < begun && !rehearsal->error[0]; i++)
		snprintf(rehearsal->error, sizeof rehearsal->error, "%s", jobs[i].play->fault);
	return rehearsal->error[0] ? -1 : 0;
}

static int plays_run(struct rehearsal *rehearsal)
{
	struct job jobs[STREAMS] = {0};
	size_t count = 0;

	/* The long ones first. */
	if (rehearsal->policy_count)
		jobs[count++] = (struct job){.play = &rehearsal->after, .run = play_run};
	if (rehearsal->baseline != BASELINE_RECORDED)
		jobs[count++] = (struct job){.play = &rehearsal->before, .run = play_run};
	jobs[count++] = (struct job){.play = &rehearsal->fold, .run = play_fold};
	return jobs_run(rehearsal, jobs, count);
}

int rehearsal_run(struct rehearsal *rehearsal)
{
	struct report *report = &rehearsal->report;
	bool played = rehearsal->baseline != BASELINE_RECORDED;

	if (plays_run(rehearsal))
		return -1;
	tally_settle(&rehearsal->fold.tally, &rehearsal->names);
	if (played)
		tally_settle(&rehearsal->before.tally, &rehearsal->names);
	if (rehearsal->policy_count)
		tally_settle(&rehearsal->after.tally, &rehearsal->names);
	undone_sort(&rehearsal->before.undone);
	undone_sort(&rehearsal->after.undone);
	*report = (struct report){
		.streams = {&rehearsal->fold.tally, played ? &rehearsal->before.tally : &rehearsal->fold.tally, &rehearsal->after.tally},
		.before = played ? &rehearsal->before : NULL,
		.after = &rehearsal->after,
		.same_rules = rehearsal->baseline == BASELINE_JOURNAL,
		.names = &rehearsal->names,
		.policy = rehearsal->names_policy,
		.old = rehearsal->names_old,
		.cases = rehearsal->history.cases,
		.book = &rehearsal->book,
	};
	if (report->same_rules)
		rehearsal->fidelity = report_fidelity(report);
	if (rehearsal->policy_count)
		report_make(report);
	return 0;
}

void rehearsal_close(struct rehearsal *rehearsal)
{
	play_free(&rehearsal->fold);
	play_free(&rehearsal->before);
	play_free(&rehearsal->after);
	book_free(&rehearsal->book);
	names_free(&rehearsal->names);
	rules_free(rehearsal->recorded, rehearsal->recorded_count);
	policy_free(rehearsal->kept[0]);
	policy_free(rehearsal->kept[1]);
	model_free(rehearsal->classifier);
	history_free(&rehearsal->history);
}
