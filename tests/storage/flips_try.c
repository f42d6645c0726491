/* Opens a store in a child, exactly in the order in which reeved does, and reports what it holds through a pipe. Owns nothing that outlives the
 * child; knows nothing about where the damage is. A child that hangs is ended by its alarm. */
#include "tests/storage/flips.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/engine.h"

#define MAP_BYTES (INT64_C(1) << 30)
#define NOW INT64_C(1800000000000) /* 2027: after everything in the store */
#define SECONDS_MOST 120
#define STORE_EXIT 5

static int reporting; /* the child's end of the pipe */

static void __attribute__((noreturn)) report(const struct result *result)
{
	ssize_t done = write(reporting, result, sizeof *result);

	_exit(done == (ssize_t)sizeof *result ? 0 : 1);
}

static void __attribute__((noreturn)) refuse(struct result *result, const char *words)
{
	const char *at = strstr(words, "record ");

	snprintf(result->words, sizeof result->words, "%s", words);
	result->outcome = OUTCOME_REFUSED;
	result->named = at ? strtoll(at + 7, NULL, 10) : 0;
	report(result);
}

struct digest {
	unsigned char hash[32];
	int table;
};

static bool row_add(void *context, struct span key, struct span value)
{
	struct digest *digest = context;

	journal_chain(digest->hash, digest->table, key, digest->hash);
	journal_chain(digest->hash, digest->table, value, digest->hash);
	return true;
}

static void archive_digest(struct archive *archive, unsigned char ret_hash[32])
{
	struct digest digest = {{0}, 0};
	struct archive_reader *reader;

	archive_flush(archive);
	reader = archive_read_begin(archive);
	for (; reader && digest.table < ARCHIVE_TABLES; digest.table++)
		archive_walk(reader, digest.table, (struct span){0}, (struct span){0}, false, row_add, &digest);
	archive_read_end(reader);
	memcpy(ret_hash, digest.hash, 32);
	if (archive_fault(archive))
		memset(ret_hash, 0xff, 32);
}

static void private_digest(struct journal *journal, int64_t cases, unsigned char ret_hash[32])
{
	struct digest digest = {{0}, 0};
	struct span row;

	if (journal->ops->read_begin(journal))
		return;
	for (int64_t number = 1; number <= cases; number++)
		if (journal->ops->private_get(journal, number, &row) == 0)
			journal_chain(digest.hash, number, row, digest.hash);
	journal->ops->read_end(journal);
	memcpy(ret_hash, digest.hash, 32);
}

static struct archive *archive_begin(const char *directory, struct result *result)
{
	char error[512] = "";
	bool rebuilt = false;
	struct archive *archive = archive_open(directory, MAP_BYTES, engine_archive_format(), NULL, NULL, &rebuilt, error, sizeof error);

	if (!archive)
		refuse(result, error);
	result->rebuilt |= rebuilt;
	return archive;
}

static struct archive *archive_renew(const char *directory, struct archive *archive, struct result *result)
{
	archive_close(archive);
	if (archive_set_aside(directory))
		refuse(result, "the archive cannot be set aside");
	result->rebuilt = true;
	return archive_begin(directory, result);
}

static void start(const char *directory, struct result *result)
{
	struct settings settings;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine = NULL;
	char error[512] = "";

	settings_default(&settings);
	settings.store_low_room_bytes = 0;
	journal = journal_lmdb_open(directory, MAP_BYTES, error, sizeof error);
	if (!journal)
		refuse(result, error);
	archive = archive_begin(directory, result);
	int wrong = engine_archive_check(journal, archive, error, sizeof error);
	if (wrong < 0)
		refuse(result, error);
	if (wrong > 0)
		archive = archive_renew(directory, archive, result);
	for (int again = 0; again < 2 && !engine; again++) {
		engine = engine_open(&settings, journal, archive, NOW, error, sizeof error);
		if (engine || again || !archive_fault(archive))
			break;
		archive = archive_renew(directory, archive, result);
	}
	if (!engine)
		refuse(result, error);
	result->content.last_seq = journal->last_seq;
	memcpy(result->content.chain, journal->last_hash, 32);
	engine_digest(engine, result->content.state);
	archive_digest(archive, result->content.archive);
	private_digest(journal, 4096, result->content.private);
	result->rows = journal->damaged_rows;
	result->outcome = result->rebuilt ? OUTCOME_REBUILT : OUTCOME_SAME;
	if (result->rows)
		result->outcome = OUTCOME_FOUND;
	if (journal_verify(journal, 1, journal->last_seq, &result->named))
		result->outcome = OUTCOME_FOUND;
	engine_close(engine);
	archive_close(archive);
	journal->ops->close(journal);
	settings_free(&settings);
}

static void flip_now(const char *directory, struct late_flip flip)
{
	char path[512];
	unsigned char byte;

	snprintf(path, sizeof path, "%s/journal.mdb", directory);
	int file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0 || pread(file, &byte, 1, flip.offset) != 1)
		_exit(1);
	byte ^= (unsigned char)(1 << flip.bit);
	if (pwrite(file, &byte, 1, flip.offset) != 1)
		_exit(1);
	close(file);
}

static void verify(const char *directory, struct late_flip flip, struct result *result)
{
	char error[512] = "";
	struct journal *journal = journal_lmdb_open(directory, MAP_BYTES, error, sizeof error);

	if (!journal)
		refuse(result, error);
	flip_now(directory, flip);
	int found = journal_verify(journal, 1, journal->last_seq, &result->named);
	if (found < 0)
		refuse(result, journal->error);
	result->content.last_seq = journal->last_seq;
	result->outcome = found ? OUTCOME_FOUND : OUTCOME_SAME;
	journal->ops->close(journal);
}

static void __attribute__((noreturn)) child(const char *directory, enum way way, struct late_flip flip, int words)
{
	struct result result = {.outcome = OUTCOME_DIED};

	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	dup2(words, STDERR_FILENO);
	alarm(SECONDS_MOST);
	log_set_level(LOG_LEVEL_ERROR);
	if (way == WAY_DIE)
		raise(SIGBUS);
	if (way == WAY_VERIFY)
		verify(directory, flip, &result);
	else
		start(directory, &result);
	report(&result);
}

static const char *difference(const struct content *wanted, const struct content *found)
{
	if (wanted->last_seq != found->last_seq || memcmp(wanted->chain, found->chain, 32))
		return "records are missing or others";
	if (memcmp(wanted->state, found->state, 32))
		return "the state differs";
	if (memcmp(wanted->archive, found->archive, 32))
		return "the archive differs";
	return memcmp(wanted->private, found->private, 32) ? "callers' rows differ" : NULL;
}

static void judge(int status, const struct content *wanted, enum way way, struct result *result)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == STORE_EXIT && strstr(result->words, "remedy")) {
		result->outcome = OUTCOME_ENDED;
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		size_t len = strlen(result->words);
		result->outcome = OUTCOME_DIED;
		snprintf(result->words + len, sizeof result->words - len, " (%s %d)", WIFSIGNALED(status) ? "signal" : "exit",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	} else if ((result->outcome == OUTCOME_SAME || result->outcome == OUTCOME_REBUILT) && wanted && way == WAY_START) {
		const char *what = difference(wanted, &result->content);
		if (!what)
			return;
		result->outcome = OUTCOME_DIFFERENT;
		snprintf(result->words, sizeof result->words, "%s%s", what, result->rebuilt ? " after the archive was rebuilt" : "");
	}
}

void store_try(const char *directory, enum way way, struct late_flip flip, const struct content *wanted, struct result *ret_result)
{
	int answers[2], words[2], status = 0;

	memset(ret_result, 0, sizeof *ret_result);
	if (pipe2(answers, O_CLOEXEC) || pipe2(words, O_CLOEXEC))
		abort();
	pid_t pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		reporting = answers[1];
		child(directory, way, flip, words[1]);
	}
	close(answers[1]);
	close(words[1]);
	ssize_t got = read(answers[0], ret_result, sizeof *ret_result);
	if (got != (ssize_t)sizeof *ret_result) {
		memset(ret_result, 0, sizeof *ret_result);
		got = read(words[0], ret_result->words, sizeof ret_result->words - 1);
		ret_result->words[got > 0 ? got : 0] = '\0';
	}
	while (waitpid(pid, &status, 0) != pid)
		;
	close(answers[0]);
	close(words[0]);
	judge(status, wanted, way, ret_result);
}
