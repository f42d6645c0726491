/* Crash images: runs a workload with its calls written down (write_log.c), lets the power fail at every call in many ways (disk.c), and opens
 * each of those disks with the real code (check.c). Owns the folders it works in, under /dev/shm or $TMPDIR, and removes them; an image that
 * does not hold is kept and named.
 *
 * At a sync every way is looked at when there are not too many of them, otherwise some by chance; at every other call a few. The checking is
 * done by children: one that dies or hangs is a finding about its image, and another one goes on behind it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/choice.h"
#include "tests/storage/check.h"
#include "tests/storage/disk.h"
#include "tests/storage/drive.h"

#define JOBS_MOST 8 /* children at once */
#define WAYS_MOST 1024 /* up to so many ways a sync is looked at completely */
#define FINDINGS_MOST 10
#define IMAGE_SECONDS 240

struct options {
	const char *library, *policy;
	uint64_t seed;
	int samples, jobs, rounds, again;
	bool chosen[WORKLOAD_COUNT], early, deaf, loose;
};

/* Shared with the children. */
struct job {
	uint64_t images, complete, points, again, rebuilt, findings;
	uint64_t at;   /* the image under way */
	uint64_t again_at; /* the sync before which a second failure was looked at last */
	char cut[200]; /* in words */
	char why[600];
};

struct run {
	const struct options *options;
	struct workload workload;
	struct place place;
	struct buf log, notes;
	struct reference *reference;
	struct job *jobs; /* shared */
};

/* ---- the log ---- */

struct line {
	struct logged_head head;
	char name[256], other[256];
	const unsigned char *bytes;
};

static bool line_next(struct span *rest, struct line *line)
{
	if (rest->len < sizeof line->head)
		return false;
	memcpy(&line->head, rest->data, sizeof line->head);
	const char *at = rest->data + sizeof line->head;
	snprintf(line->name, sizeof line->name, "%.*s", (int)line->head.name_len, at);
	snprintf(line->other, sizeof line->other, "%.*s", (int)line->head.other_len, at + line->head.name_len);
	line->bytes = (const unsigned char *)at + line->head.name_len + line->head.other_len;
	size_t len = sizeof line->head + line->head.name_len + line->head.other_len + line->head.len;
	*rest = (struct span){rest->data + len, rest->len - len};
	return true;
}

static bool is_sync(const struct logged_head *head)
{
	return head->kind == LOGGED_SYNC || head->kind == LOGGED_SYNC_NAMES || (head->kind == LOGGED_WRITE && head->synced);
}

/* ---- a child: every image that is its own ---- */

struct seen {
	uint64_t *slots;
	size_t count, room; /* a power of two */
};

/* False: it was there. */
static bool seen_add(struct seen *seen, uint64_t hash)
{
	if (seen->count * 2 >= seen->room) {
		struct seen bigger = {must_calloc(seen->room ? seen->room * 2 : 4096, sizeof(uint64_t)), 0, seen->room ? seen->room * 2 : 4096};
		for (size_t i = 0; i < seen->room; i++)
			if (seen->slots[i])
				seen_add(&bigger, seen->slots[i]);
		free(seen->slots);
		*seen = bigger;
	}
	size_t at = hash & (seen->room - 1);
	while (seen->slots[at] && seen->slots[at] != hash)
		at = (at + 1) & (seen->room - 1);
	if (seen->slots[at] == hash)
		return false;
	seen->slots[at] = hash;
	seen->count++;
	return true;
}

struct child {
	const struct run *run;
	struct job *job;
	int number;
	uint64_t skip, serial; /* images up to skip were looked at by those before it */
	struct disk *disk;
	struct seen seen;
	struct progress progress;
	char folder[300];
	const char *point;
	uint64_t syncs, again_skip;
	bool again; /* the second failure of one history */
};

static const char *const cut_words[CUT_KINDS] = {"way", "only what was synced", "everything", "all but one sector", "one sector", "up to a moment",
	"from a moment on", "by chance"};

/* One image: known already, somebody else's, or looked at. */
static void image_look(struct child *child, enum cut cut, size_t way)
{
	uint64_t chance = child->run->options->seed * UINT64_C(1000003) + ++child->serial;
	struct verdict verdict;

	disk_cut(child->disk, cut, way, &chance);
	uint64_t hash = disk_hash(child->disk) * 31 + (uint64_t)child->progress.acknowledged * 7 + (uint64_t)child->progress.backed;
	hash += hash == 0;
	if ((!child->again && hash % (uint64_t)child->run->options->jobs != (uint64_t)child->number) || !seen_add(&child->seen, hash) || child->serial <= child->skip)
		return;
	child->job->at = child->serial;
	snprintf(child->job->cut, sizeof child->job->cut, "image %" PRIu64 "%s at %s: %s %zu", child->serial, child->again ? " of a second failure" : "",
		child->point, cut_words[cut], way);
	disk_write(child->disk, child->folder);
	alarm(IMAGE_SECONDS);
	check_folder(child->run->reference, child->folder, &child->progress, child->job->images % 8 == 0, &verdict);
	alarm(0);
	folder_empty(child->folder, false);
	child->job->images++;
	child->job->rebuilt += verdict.rebuilt;
	if (!verdict.why[0])
		return;
	snprintf(child->job->why, sizeof child->job->why, "%s", verdict.why);
	disk_write(child->disk, child->folder);
	_exit(7);
}

static void sync_look(struct child *child)
{
	size_t ways;

	disk_choices(child->disk, WAYS_MOST + 1, &ways);
	child->job->points += child->number == 0 && !child->again;
	if (ways <= WAYS_MOST) {
		child->job->complete += child->number == 0 && !child->again;
		for (size_t way = 0; way < ways; way++)
			image_look(child, CUT_WAY, way);
		return;
	}
	image_look(child, CUT_OLDEST, 0);
	image_look(child, CUT_NEWEST, 0);
	for (int i = 0; i < child->run->options->samples; i++)
		image_look(child, CUT_LACKS + (enum cut)(i % (CUT_KINDS - CUT_LACKS)), (size_t)i);
}

static void again_look(struct child *child, const struct line *line, bool killed);

/* Two failures in a row are looked at before some of the syncs, each child's own. */
static void line_look_again(struct child *child, const struct line *line)
{
	int again = child->run->options->again;

	if (child->again || !again || !is_sync(&line->head))
		return;
	if (++child->syncs <= child->again_skip || child->syncs % (uint64_t)again || child->syncs / (uint64_t)again % (uint64_t)child->run->options->jobs != (uint64_t)child->number)
		return;
	child->job->again_at = child->syncs;
	again_look(child, line, true);
	again_look(child, line, false);
}

static void line_look(struct child *child, const struct line *line)
{
	char point[80];

	snprintf(point, sizeof point, "%s %.40s offset %" PRId64, is_sync(&line->head) ? "a sync of" : "a call on", line->name, line->head.offset);
	child->point = point;
	if (is_sync(&line->head))
		sync_look(child);
	line_look_again(child, line);
	if (!disk_apply(child->disk, &line->head, line->name, line->other, line->bytes))
		_exit(8);
	if (line->head.kind == LOGGED_NOTE) {
		progress_note(&child->progress, (struct span){(const char *)line->bytes, line->head.len});
		return;
	}
	image_look(child, CUT_NEWEST, 0);
	for (int i = 0; i < 1 + child->run->options->samples / 20; i++)
		image_look(child, CUT_LACKS + (enum cut)(chance_next(&(uint64_t){child->serial}) % (CUT_KINDS - CUT_LACKS)), 0);
}

/* ---- a second failure ---- */

static void place_again(const struct child *child, struct place *place)
{
	*place = (struct place){0};
	snprintf(place->root, sizeof place->root, "%.200s/again%d", child->run->place.root, child->number);
	folder_empty(place->root, true);
	mkdir(place->root, 0700);
	place_name(place);
}

static void again_fail(struct child *child, const char *why)
{
	snprintf(child->job->cut, sizeof child->job->cut, "a second start at %s", child->point);
	snprintf(child->job->why, sizeof child->job->why, "%s", why);
	disk_write(child->disk, child->folder);
	_exit(7);
}

/* In a process of its own, whose disk is a copy. */
static void again_run(struct child *child, const struct line *line, bool killed)
{
	uint64_t chance = child->run->options->seed + child->syncs;
	struct workload workload = child->run->workload;
	struct logged_head under_way = line->head;
	struct buf log = {0};
	struct place place;
	struct line next;

	child->again = true;
	child->skip = 0;
	place_again(child, &place);
	under_way.synced = 0;
	if (killed && line->head.kind == LOGGED_WRITE && !disk_apply(child->disk, &under_way, line->name, line->other, line->bytes))
		_exit(8);
	/* Killed: the page cache outlives the process. A power cut: what is on the disk then is all there is. */
	disk_cut(child->disk, killed ? CUT_NEWEST : CUT_CHANCE, 0, &chance);
	disk_write(child->disk, place.folder);
	if (!killed)
		disk_settle(child->disk);
	workload.directory = place.folder;
	workload.rounds = 0;
	if (drive(&workload, &place, child->run->options->library, (char *[]){place.log_setting, place.folder_setting, place.notes_setting, NULL}) != 0)
		again_fail(child, "it does not start a second time");
	if (access(place.log, F_OK) == 0 && !place_read(place.log, &log))
		_exit(8);
	struct span rest = buf_span(&log);
	while (line_next(&rest, &next))
		line_look(child, &next);
	child->point = "the end";
	sync_look(child);
	folder_empty(place.root, true);
	_exit(0);
}

static void again_look(struct child *child, const struct line *line, bool killed)
{
	int status;

	pid_t pid = fork();
	if (pid == 0)
		again_run(child, line, killed);
	child->job->again++;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		raise(WTERMSIG(status));
	if (WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
}

static void child_run(const struct run *run, int number, uint64_t skip)
{
	struct child child = {.run = run, .job = &run->jobs[number], .number = number, .skip = skip, .disk = disk_new(run->options->deaf),
		.again_skip = run->jobs[number].again_at};
	struct span rest = buf_span(&run->log);
	struct line line;

	/* What the code under test says about a damaged image is not news. */
	int silence = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(silence, 2);
	child.job->points = child.job->complete = 0;
	snprintf(child.folder, sizeof child.folder, "%s/image%d", run->place.root, number);
	mkdir(child.folder, 0700);
	folder_empty(child.folder, false);
	while (line_next(&rest, &line))
		line_look(&child, &line);
	child.point = "the end";
	sync_look(&child);
	_exit(0);
}

/* ---- the parent ---- */

static pid_t child_start(const struct run *run, int number, uint64_t skip)
{
	fflush(NULL);
	pid_t pid = fork();

	if (pid == 0)
		child_run(run, number, skip);
	return pid;
}

static void finding_say(struct run *run, int number, int status)
{
	struct job *job = &run->jobs[number];
	char from[300], to[300];

	if (WIFSIGNALED(status))
		snprintf(job->why, sizeof job->why, WTERMSIG(status) == SIGALRM ? "it hung" : "it was ended by signal %d", WTERMSIG(status));
	snprintf(from, sizeof from, "%s/image%d", run->place.root, number);
	snprintf(to, sizeof to, "%s/found-%d-%" PRIu64, run->place.root, number, job->at);
	job->findings++;
	if (run->options->early || run->options->deaf)
		return; /* as it should be */
	rename(from, to);
	run->place.keep = true;
	printf("  %s, %s\n    %s\n    %s\n", workload_names[run->workload.kind], job->cut, job->why, to);
}

/* True: all of it was looked at, whatever was found. */
static bool children_wait(struct run *run)
{
	pid_t pids[JOBS_MOST];
	int left = run->options->jobs, status;

	for (int i = 0; i < run->options->jobs; i++)
		pids[i] = child_start(run, i, 0);
	while (left) {
		pid_t ended = wait(&status);
		int number = 0;
		while (number < run->options->jobs && pids[number] != ended)
			number++;
		if (number == run->options->jobs)
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status) != 7) {
			left--;
			if (WEXITSTATUS(status))
				return false;
			continue;
		}
		finding_say(run, number, status);
		if (run->jobs[number].findings >= FINDINGS_MOST)
			left--;
		else
			pids[number] = child_start(run, number, run->jobs[number].at);
	}
	return true;
}

/* Everything that the log knows, applied, is what really lies in the folder: no call was missed. */
static bool log_is_whole(struct run *run)
{
	struct disk *disk = disk_new(false);
	struct span rest = buf_span(&run->log);
	struct line line;
	uint64_t chance = 1;
	bool good = true;

	while (good && line_next(&rest, &line)) {
		good = disk_apply(disk, &line.head, line.name, line.other, line.bytes);
		if (line.head.kind == LOGGED_NOTE)
			buf_add(&run->notes, line.bytes, line.head.len);
	}
	disk_cut(disk, CUT_NEWEST, 0, &chance);
	good = good && disk_equals(disk, run->workload.directory);
	disk_free(disk);
	return good;
}

static bool run_prepare(struct run *run)
{
	const struct options *options = run->options;

	if (!place_make(&run->place, "images"))
		return false;
	run->workload.directory = run->place.folder;
	int status = drive(&run->workload, &run->place, options->library, (char *[]){run->place.log_setting, run->place.folder_setting, run->place.notes_setting, NULL});
	if (status != 0) {
		fprintf(stderr, "the workload %s ended with %d\n", workload_names[run->workload.kind], status);
		return false;
	}
	if (!place_read(run->place.log, &run->log) || !log_is_whole(run))
		return false;
	run->reference = reference_read(&run->workload, buf_span(&run->notes), run->place.scratch);
	return run->reference != NULL;
}

/* Adds to the sums. */
static bool run_workload(const struct options *options, enum workload_kind kind, struct job *sums)
{
	static const int rounds[WORKLOAD_COUNT] = {22, 10, 8, 12, 6};
	struct run run = {.options = options, .workload = {.kind = kind, .policy = options->policy, .rounds = options->rounds ? options->rounds : rounds[kind],
		.early = options->early, .loose = options->loose}};
	size_t len = sizeof *run.jobs * JOBS_MOST;

	run.jobs = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = run.jobs != MAP_FAILED && run_prepare(&run) && children_wait(&run);
	for (int i = 0; good && i < options->jobs; i++) {
		sums->images += run.jobs[i].images;
		sums->again += run.jobs[i].again;
		sums->rebuilt += run.jobs[i].rebuilt;
		sums->findings += run.jobs[i].findings;
	}
	sums->points += run.jobs[0].points;
	sums->complete += run.jobs[0].complete;
	munmap(run.jobs, len);
	reference_free(run.reference);
	buf_free(&run.log);
	buf_free(&run.notes);
	place_remove(&run.place);
	return good;
}

static const char usage[] =
	"usage: storage_images [--seed N] [--samples N] [--jobs N] [--rounds N] [--again N] [--workload NAME]... [--loose] [--early] [--deaf] LIBRARY POLICY\n"
	"  --samples   images by chance at a sync that has too many ways (30)\n"
	"  --again     before each so manieth sync the process is killed, and the power fails, and the start after it is looked at likewise (4)\n"
	"  --workload  only these: plain, city, backup, prune, import\n"
	"  --loose     the archive writes whenever it likes: not the same images every time\n"
	"  --early     the workload lies: it acknowledges before the commit; then violations are what is wanted\n"
	"  --deaf      the disk lies: syncs do nothing; likewise\n";

static bool number_take(const char *name, int64_t most, int *ret_number)
{
	int64_t number;

	if (!choice_number("images", name, optarg, 1, most, &number))
		return false;
	*ret_number = (int)number;
	return true;
}

/* 0; or what to exit with, plus 1. */
static int options_read(int argc, char **argv, struct options *options)
{
	enum { OPTION_SEED = 256, OPTION_SAMPLES, OPTION_JOBS, OPTION_ROUNDS, OPTION_AGAIN, OPTION_WORKLOAD, OPTION_LOOSE, OPTION_EARLY, OPTION_DEAF, OPTION_HELP };
	static const struct option known[] = {
		{"seed", required_argument, NULL, OPTION_SEED}, {"samples", required_argument, NULL, OPTION_SAMPLES}, {"jobs", required_argument, NULL, OPTION_JOBS},
		{"rounds", required_argument, NULL, OPTION_ROUNDS}, {"again", required_argument, NULL, OPTION_AGAIN}, {"workload", required_argument, NULL, OPTION_WORKLOAD},
		{"loose", no_argument, NULL, OPTION_LOOSE}, {"early", no_argument, NULL, OPTION_EARLY}, {"deaf", no_argument, NULL, OPTION_DEAF},
		{"help", no_argument, NULL, OPTION_HELP}, {0},
	};
	bool any = false, good = true;
	int option, kind = 0;
	int64_t seed = 1;

	*options = (struct options){.samples = 30, .jobs = 2, .again = 4};
	opterr = 0;
	while (good && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == OPTION_HELP)
			return fputs(usage, stdout), 1;
		if (option == OPTION_WORKLOAD) {
			good = choice_name("images", "--workload", optarg, workload_names, WORKLOAD_COUNT, &kind);
			options->chosen[kind] = any = true;
		} else if (option == OPTION_LOOSE) {
			options->loose = true;
		} else if (option == OPTION_EARLY) {
			options->early = true;
		} else if (option == OPTION_DEAF) {
			options->deaf = true;
		} else if (option == OPTION_SEED) {
			good = choice_number("images", "--seed", optarg, 1, INT64_MAX, &seed);
		} else if (option == OPTION_SAMPLES) {
			good = number_take("--samples", 1000000, &options->samples);
		} else if (option == OPTION_AGAIN) {
			good = number_take("--again", 1000000, &options->again);
		} else if (option == OPTION_ROUNDS) {
			good = number_take("--rounds", 1000000, &options->rounds);
		} else if (option == OPTION_JOBS) {
			good = number_take("--jobs", JOBS_MOST, &options->jobs);
		} else {
			good = choice_unknown("images", argv, known);
		}
	}
	if (good && argc - optind != 2) {
		if (argc - optind > 2)
			fprintf(stderr, "images: %s is none of its options; --help lists them\n", argv[optind]);
		else
			fprintf(stderr, "images: a library and a policy's directory are wanted behind the options; --help tells more\n");
		good = false;
	}
	if (!good)
		return 3;
	for (kind = 0; !any && kind < WORKLOAD_COUNT; kind++)
		options->chosen[kind] = true;
	options->seed = (uint64_t)seed;
	options->library = argv[optind];
	options->policy = argv[optind + 1];
	return 0;
}

int main(int argc, char **argv)
{
	struct options options;
	struct job sums = {0};
	struct timespec begun, ended;
	int ran = 0;

	if (drive_wanted(argc, argv))
		return drive_here(argc, argv);
	int over = options_read(argc, argv, &options);
	if (over)
		return over - 1;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	for (int kind = 0; kind < WORKLOAD_COUNT; kind++) {
		if (options.chosen[kind] && !run_workload(&options, (enum workload_kind)kind, &sums))
			return 1;
		ran += options.chosen[kind];
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	printf("images: %d workloads, %" PRIu64 " sync points (%" PRIu64 " of them in every way), %" PRIu64 " starts that failed again, %" PRIu64 " images, %" PRIu64 " archives rebuilt, %ld seconds, %" PRIu64 " violations\n",
		ran, sums.points, sums.complete, sums.again, sums.images, sums.rebuilt, (long)(ended.tv_sec - begun.tv_sec), sums.findings);
	bool wanted = options.early || options.deaf;
	return (sums.findings > 0) == wanted && sums.images ? 0 : 1;
}
