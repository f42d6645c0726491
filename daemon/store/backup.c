/* Online backup: one thread that copies the journal, looks at every record of the copy, and only then gives it its name. Owns the thread and
 * the unfinished copy; never writes to the journal and never holds up its writer (LMDB readers and the writer do not meet).
 *
 * Invariants: DIR/journal.mdb exists only when every record in it was hashed anew and follows its predecessor, and when the record that was
 * the last at the beginning is in it with the same hash; whatever fails, the journal itself is not at fault. Giving up is done by pointing
 * the copy's descriptor at something that cannot be written to, because LMDB's copy cannot be asked to stop. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_lmdb.h"
#include "store/segment.h"
#include "store/unfinished.h"

#define FILE_MODE 0600
#define VERIFY_SLICE 4096 /* records between two looks at whether it was given up */

struct journal_backup {
	struct journal *journal;
	struct unfinished unfinished;
	int64_t begun_seq; /* committed when it began */
	unsigned char begun_hash[JOURNAL_HASH_BYTES];
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct journal_backup_state state;
	int descriptor; /* of the copy while it is written, else -1 */
	bool given_up;
	bool joined; /* the thread is gone */
};

static bool given_up(struct journal_backup *backup)
{
	pthread_mutex_lock(&backup->lock);
	bool is = backup->given_up;
	pthread_mutex_unlock(&backup->lock);
	return is;
}

static int copy_open(struct journal_backup *backup, char *error, size_t error_size)
{
	struct buf path = {0};

	buf_printf(&path, "%s/journal.mdb", backup->unfinished.path);
	buf_add(&path, "", 1);
	int descriptor = open(path.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (descriptor < 0)
		snprintf(error, error_size, "%s: %s; name a directory that the daemon may write to", path.data, strerror(errno));
	buf_free(&path);
	pthread_mutex_lock(&backup->lock);
	backup->descriptor = descriptor;
	pthread_mutex_unlock(&backup->lock);
	return descriptor < 0 ? -1 : 0;
}

/* Synced, and out of the memory's cache: what is verified next comes from the disk. */
static int copy_settle(int descriptor, int64_t *ret_bytes)
{
	struct stat status;

	if (fsync(descriptor) != 0 || fstat(descriptor, &status) != 0)
		return errno;
	posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
	*ret_bytes = status.st_size;
	return 0;
}

static int copy_write(struct journal_backup *backup, char *error, size_t error_size)
{
	int64_t bytes = 0;
	int code;

	if (copy_open(backup, error, error_size))
		return -1;
	int failed = backup->journal->ops->copy(backup->journal, backup->descriptor, error, error_size);
	if (!failed && (code = copy_settle(backup->descriptor, &bytes))) {
		snprintf(error, error_size, "%s: the copy cannot be synced: %s; free space there, or name another directory", backup->unfinished.directory, strerror(code));
		failed = -1;
	}
	pthread_mutex_lock(&backup->lock);
	close(backup->descriptor);
	backup->descriptor = -1;
	backup->state.bytes = bytes;
	pthread_mutex_unlock(&backup->lock);
	return failed;
}

static void verified(struct journal_backup *backup, int64_t seq)
{
	pthread_mutex_lock(&backup->lock);
	backup->state.verified = seq;
	pthread_mutex_unlock(&backup->lock);
}

/* The copy has what was committed when it began, and the same of it. */
static bool continues(struct journal_backup *backup, struct journal *copy)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct span unused;

	if (backup->begun_seq == 0)
		return true;
	if (copy->ops->read_begin(copy))
		return false;
	bool same = copy->ops->read(copy, backup->begun_seq, &unused, hash) == 0 && memcmp(hash, backup->begun_hash, JOURNAL_HASH_BYTES) == 0;
	copy->ops->read_end(copy);
	return same;
}

static int records_verify(struct journal_backup *backup, struct journal *copy, char *error, size_t error_size)
{
	int64_t bad = 0;

	for (int64_t from = copy->first_seq; from <= copy->last_seq && !given_up(backup); from += VERIFY_SLICE) {
		int64_t to = copy->last_seq - from < VERIFY_SLICE ? copy->last_seq : from + VERIFY_SLICE - 1;
		if (journal_verify(copy, from, to, &bad)) {
			snprintf(error, error_size, "%s: record %" PRId64 " of the copy does not match its hash; run reeve journal verify: when it finds the same, go back to an "
				"earlier backup, otherwise check that disk", backup->unfinished.directory, bad);
			return -1;
		}
		verified(backup, to);
	}
	if (!given_up(backup) && !continues(backup, copy)) {
		snprintf(error, error_size, "%s: the copy lacks records that were committed before it began; check that disk", backup->unfinished.directory);
		return -1;
	}
	return 0;
}

static bool not_given_up(void *context)
{
	return !given_up(context);
}

/* What was pruned before the copy's first record. More may have been pruned since: that is in the copy. */
static int segments_take(struct journal_backup *backup, struct journal *copy, char *error, size_t error_size)
{
	char *directory = span_dup(span_of(journal_lmdb_of(backup->journal)->file.path));
	struct segments segments;
	char *end = strrchr(directory, '/');
	int failed = 0;

	if (end)
		*end = '\0';
	segments_find(&segments, directory, copy);
	failed = segments_copy(&segments, backup->unfinished.directory, not_given_up, backup, error, error_size);
	pthread_mutex_lock(&backup->lock);
	backup->state.segments = (int64_t)segments.count;
	backup->state.lacks_to = segments.lacks_to;
	pthread_mutex_unlock(&backup->lock);
	segments_free(&segments);
	free(directory);
	return failed;
}

static int copy_verify(struct journal_backup *backup, char *error, size_t error_size)
{
	struct journal *copy = journal_lmdb_open_backup(backup->unfinished.path, error, error_size);
	int64_t rows = 0;

	if (!copy)
		return -1;
	int failed = records_verify(backup, copy, error, error_size);
	if (!failed && journal_lmdb_private_count(copy, &rows)) {
		snprintf(error, error_size, "%s: %s", backup->unfinished.directory, copy->error);
		failed = -1;
	}
	if (!failed && copy->first_seq > 1)
		failed = segments_take(backup, copy, error, error_size);
	pthread_mutex_lock(&backup->lock);
	backup->state.last_seq = copy->last_seq;
	backup->state.damaged_rows = copy->damaged_rows;
	backup->state.damaged_row = copy->damaged_row;
	memcpy(backup->state.last_hash, copy->last_hash, JOURNAL_HASH_BYTES);
	pthread_mutex_unlock(&backup->lock);
	copy->ops->close(copy);
	return failed;
}

static void *backup_run(void *context)
{
	struct journal_backup *backup = context;
	char error[sizeof backup->state.error] = "";
	int failed = copy_write(backup, error, sizeof error);

	if (!failed)
		failed = copy_verify(backup, error, sizeof error);
	if (!failed && given_up(backup)) {
		snprintf(error, sizeof error, "given up");
		failed = -1;
	}
	if (!failed)
		failed = unfinished_finish(&backup->unfinished, error, sizeof error);
	unfinished_end(&backup->unfinished);
	pthread_mutex_lock(&backup->lock);
	backup->state.failed = failed != 0;
	memcpy(backup->state.error, error, sizeof error);
	backup->state.over = true;
	pthread_mutex_unlock(&backup->lock);
	return NULL;
}

struct journal_backup *journal_backup_start(struct journal *journal, const char *directory, char *error, size_t error_size)
{
	struct journal_backup *backup;

	if (!journal->ops->copy) {
		snprintf(error, error_size, "this kind of journal is not kept in a file that could be copied");
		return NULL;
	}
	backup = must_calloc(1, sizeof *backup);
	*backup = (struct journal_backup){.journal = journal, .begun_seq = journal->last_seq, .descriptor = -1};
	memcpy(backup->begun_hash, journal->last_hash, JOURNAL_HASH_BYTES);
	pthread_mutex_init(&backup->lock, NULL);
	if (unfinished_begin(&backup->unfinished, directory, error, error_size) == 0) {
		int code = pthread_create(&backup->thread, NULL, backup_run, backup);
		if (code == 0)
			return backup;
		snprintf(error, error_size, "no thread for the backup: %s; raise the limit of tasks", strerror(code));
		unfinished_end(&backup->unfinished);
	}
	pthread_mutex_destroy(&backup->lock);
	free(backup);
	return NULL;
}

void journal_backup_poll(struct journal_backup *backup, struct journal_backup_state *ret_state)
{
	struct stat status;

	pthread_mutex_lock(&backup->lock);
	if (backup->descriptor >= 0 && fstat(backup->descriptor, &status) == 0)
		backup->state.bytes = status.st_size;
	*ret_state = backup->state;
	pthread_mutex_unlock(&backup->lock);
}

static void give_up(struct journal_backup *backup)
{
	int nowhere = open("/dev/null", O_RDONLY | O_CLOEXEC);

	pthread_mutex_lock(&backup->lock);
	backup->given_up = true;
	if (backup->descriptor >= 0 && nowhere >= 0)
		dup3(nowhere, backup->descriptor, O_CLOEXEC);
	pthread_mutex_unlock(&backup->lock);
	if (nowhere >= 0)
		close(nowhere);
}

void journal_backup_stop(struct journal_backup *backup, struct journal_backup_state *ret_state)
{
	give_up(backup);
	pthread_join(backup->thread, NULL);
	backup->joined = true;
	*ret_state = backup->state;
}

void journal_backup_end(struct journal_backup *backup)
{
	struct journal_backup_state unsaid;

	if (!backup)
		return;
	if (!backup->joined)
		journal_backup_stop(backup, &unsaid);
	pthread_mutex_destroy(&backup->lock);
	free(backup);
}
