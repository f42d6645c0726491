/* Memory runs out at the n-th allocation: while the store is opened, while the policy is loaded, while reports come in, and while a store with
 * all of that is started again. The process must
 * end with a line that says so, or refuse in words and go on; it must never crash on a pointer that is none. And whatever it
 * acknowledged before must be there, once, when it starts again with memory.
 *
 *   allocation_test [TRIES]     so many failures, spread over all allocations (0: every single one)
 *
 * malloc is this program's own here, so that the libraries' allocations count too. Each try is a process of its own. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/engine.h"
#include "policy/compile.h"

#define REPORTS 12
#define MAP_BYTES (64 << 20)
#define NOW INT64_C(1790000000000)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

/* Seen by parent and children alike. */
struct shared {
	long counted;                  /* allocations of the try */
	int64_t acknowledged[REPORTS]; /* case numbers, 0: not acknowledged */
	bool policy, whole;            /* the policy was answered; everything was */
};

static atomic_long counted;
static long fail_at;
static struct shared *shared;
static char folder[64];
static struct buf policy_frame, report_frames[REPORTS];

static bool fails(void)
{
	if (atomic_fetch_add(&counted, 1) + 1 != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

static void frames_make(void)
{
	struct policy_file *files;
	struct list_writer list;
	struct buf bytes = {0};
	struct record one;
	char error[300], ref[8];
	size_t count;

	if (policy_files_read(TOWN, &files, &count, error, sizeof error)) {
		fprintf(stderr, "%s\n", error);
		exit(2);
	}
	list_begin(&list, &bytes, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, name, files[i].name);
		record_set(&one, content, files[i].content);
		list_add(&list, &one);
	}
	record_clear(&one);
	record_set(&one, command, COMMAND_policy_apply);
	record_set(&one, request, span_of("policy"));
	record_set(&one, files, list_end(&list));
	codec_write(&policy_frame, &one, CODEC_NAMES);
	for (int i = 0; i < REPORTS; i++) {
		snprintf(ref, sizeof ref, "%d", i);
		record_clear(&one);
		record_set(&one, command, COMMAND_submit);
		record_set(&one, request, span_of(ref));
		record_set(&one, source, span_of("12345"));
		record_set(&one, source_ref, span_of(ref));
		record_set(&one, text, span_of("路灯不亮"));
		record_set(&one, area, span_of("370102"));
		record_set(&one, caller_phone, span_of("555"));
		codec_write_all(&report_frames[i], &one);
	}
	buf_free(&bytes);
	policy_files_free(files, count);
}

/* ---- one life, in a child ---- */

struct life {
	struct settings settings;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;
};

static void life_open(struct life *life)
{
	char error[400] = "";

	log_set_level(LOG_LEVEL_ERROR);
	settings_default(&life->settings);
	life->settings.store_low_room_bytes = 0;
	life->journal = journal_lmdb_open(folder, MAP_BYTES, error, sizeof error);
	if (life->journal)
		life->archive = archive_open(folder, MAP_BYTES, engine_archive_format(), NULL, NULL, NULL, error, sizeof error);
	if (life->archive)
		life->engine = engine_open(&life->settings, life->journal, life->archive, NOW, error, sizeof error);
	if (life->engine)
		return;
	fprintf(stderr, "refused: %s\n", error);
	_exit(error[0] ? 1 : 3);
}

static void outputs_note(struct engine *engine)
{
	static struct record reply;
	struct engine_output output;
	struct span rest, map;
	struct flaw flaw;

	while (engine_output(engine, &output))
		for (rest = output.payload; frame_next(&rest, &map);) {
			if (codec_read_lenient(map, &reply, &flaw) || record_has(&reply, error) || !record_has(&reply, request))
				continue;
			if (span_is(reply.request, "policy"))
				shared->policy = true;
			else
				shared->acknowledged[atoi(reply.request.data)] = reply.case_id;
		}
}

static void tell(struct life *life, const struct buf *frame)
{
	engine_receive(life->engine, DOOR_SERVICE, span_of("p"), buf_span(frame));
	if (engine_turn(life->engine, NOW)) {
		fprintf(stderr, "fault: %s\n", engine_fault(life->engine));
		_exit(engine_fault(life->engine)[0] ? 1 : 3);
	}
	outputs_note(life->engine);
}

static void life_close(struct life *life)
{
	engine_close(life->engine);
	archive_close(life->archive);
	life->journal->ops->close(life->journal);
	settings_free(&life->settings);
}

static void live(void)
{
	struct life life = {0};

	life_open(&life);
	tell(&life, &policy_frame);
	for (int i = 0; i < REPORTS; i++)
		tell(&life, &report_frames[i]);
	shared->whole = true;
	life_close(&life);
}

/* ---- after it: what must be there ---- */

/* Asks for each acknowledged report by its own reference: the same number, and as many cases as there are references. */
static void look(void)
{
	struct life life = {0};
	int64_t numbers[REPORTS], bad = 0;
	int known = 0;

	memcpy(numbers, shared->acknowledged, sizeof numbers);
	life_open(&life);
	if (journal_verify(life.journal, 1, life.journal->last_seq, &bad) && life.journal->last_seq)
		_exit(4);
	tell(&life, &policy_frame); /* a policy of its own, in case the first was lost */
	memset(shared->acknowledged, 0, sizeof shared->acknowledged);
	known = (int)engine_open_cases(life.engine);
	for (int i = 0; i < REPORTS; i++)
		tell(&life, &report_frames[i]); /* sent again: what is there answers with its number */
	for (int i = 0; i < REPORTS; i++)
		if (!shared->acknowledged[i] || (numbers[i] && numbers[i] != shared->acknowledged[i]))
			_exit(5);
	for (int i = 0; i < REPORTS; i++)
		known -= numbers[i] != 0;
	if (known < 0 || engine_open_cases(life.engine) != REPORTS)
		_exit(6);
	life_close(&life);
}

/* ---- the parent ---- */

static int child(void (*what)(void), long at, char *line, size_t size)
{
	int errors[2], status = 0;
	struct rlimit none = {0};
	size_t len = 0;
	ssize_t got;

	if (pipe(errors))
		exit(2);
	pid_t pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		dup2(errors[1], STDERR_FILENO);
		close(errors[0]);
		close(errors[1]);
		atomic_store(&counted, 0);
		fail_at = at;
		what();
		shared->counted = atomic_load(&counted);
		_exit(0);
	}
	close(errors[1]);
	while ((got = read(errors[0], line + len, size - 1 - len)) > 0)
		len += (size_t)got;
	line[len] = '\0';
	close(errors[0]);
	waitpid(pid, &status, 0);
	return status;
}

static void store_remove(void)
{
	static const char *const names[] = {"journal.mdb", "journal.mdb-lock", "archive.mdb", "archive.mdb-lock", "archive.mdb.damaged"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
}

static bool ended_well(int status, const char *line)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGABRT && line[0];
	return WEXITSTATUS(status) == 0 || (WEXITSTATUS(status) != 3 && line[0]);
}

struct tally {
	long done, bad;
	int aborted, refused;
};

/* One failure, and a start with memory after it. again: the store is a whole one, and starting it is what fails. */
static bool try_at(long at, bool again, struct tally *tally)
{
	char line[4096], after[4096];
	struct shared before;

	memset(shared, 0, sizeof *shared);
	store_remove();
	if (again && child(live, 0, line, sizeof line) != 0)
		return false;
	before = *shared;
	int status = child(again ? look : live, at, line, sizeof line);
	tally->aborted += WIFSIGNALED(status) != 0;
	tally->refused += !WIFSIGNALED(status) && WEXITSTATUS(status) != 0;
	if (!ended_well(status, line)) {
		fprintf(stderr, "allocation %ld%s fails: status %#x after '%s'\n", at, again ? " of the next start" : "", (unsigned)status, line);
		return false;
	}
	if (again)
		memcpy(shared->acknowledged, before.acknowledged, sizeof before.acknowledged);
	int later = child(look, 0, after, sizeof after);
	if (later == 0)
		return true;
	fprintf(stderr, "allocation %ld%s failed ('%s'); afterwards: status %#x, '%s'\n", at, again ? " of the next start" : "", line, (unsigned)later, after);
	return false;
}

/* Every allocation, or so many of them, evenly spread. Returns how many there are. */
static long try_all(long tries, bool again, struct tally *tally)
{
	char line[4096];

	memset(shared, 0, sizeof *shared);
	store_remove();
	if (child(live, 0, line, sizeof line) || !shared->whole || !shared->policy || (again && child(look, 0, line, sizeof line))) {
		fprintf(stderr, "without a failure: '%s'\n", line);
		exit(1);
	}
	long all = shared->counted, step = tries && all > tries ? all / tries : 1;
	for (long at = 1; at <= all; at += step, tally->done++)
		tally->bad += !try_at(at, again, tally);
	return all;
}

int main(int argc, char **argv)
{
	long tries = argc > 1 ? atol(argv[1]) : 120;
	struct tally tally = {0};

	snprintf(folder, sizeof folder, "%s/reeve-allocation-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !mkdtemp(folder))
		return 2;
	frames_make();
	long all = try_all(tries, false, &tally) + try_all(tries / 2, true, &tally);
	store_remove();
	rmdir(folder);
	printf("%ld of %ld allocations failed: %d ended the process, %d were refused in words, %ld were survived; %ld went wrong\n",
		tally.done, all, tally.aborted, tally.refused, tally.done - tally.aborted - tally.refused, tally.bad);
	return tally.bad != 0 || tally.aborted == 0;
}
