/* One segment being written: records of the journal into a stream under another name, synced, read back from the disk, renamed. Owns its thread
 * and that file; never touches the journal but to read committed records.
 *
 * Invariant: a file that is called like a segment is whole, and every record in it was hashed anew after it came back from the disk. The rename and the
 * folders are durable before the job is over, so that pruning may begin. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb_file.h"
#include "store/segment_inside.h"
#include "transfer/stream.h"

#define FILE_MODE 0600
#define FOLDER_MODE 0700

struct segment_job {
	struct journal *journal;
	char *state_directory, *directory; /* the second is inside the first */
	struct segment segment;
	unsigned char last_hash[JOURNAL_HASH_BYTES];
	struct stream_writer *writer;
	pthread_t thread;
	bool threaded;
	_Atomic bool given_up;
	_Atomic int64_t written, verified;
	pthread_mutex_t lock; /* of what follows */
	struct segment_job_state state;
};

static int refuse(const char *path, const char *what, int code, char *error, size_t error_size)
{
	bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;

	snprintf(error, error_size, "%s: %s: %s; %s", path, what, strerror(code),
		full ? "free space on its file system" : "make it writable for the daemon's user, or check that disk");
	return -1;
}

static bool record_write(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct segment_job *job = context;

	stream_write_record(job->writer, seq, record, hash);
	memcpy(job->last_hash, hash, JOURNAL_HASH_BYTES);
	atomic_store(&job->written, seq - job->segment.from + 1);
	return !atomic_load(&job->given_up);
}

/* For a journal that only this thread can read. */
static int scan_here(struct segment_job *job)
{
	struct journal *journal = job->journal;
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct span record;
	int result = journal->ops->read_begin(journal);

	if (result)
		return result;
	for (int64_t seq = job->segment.from; seq <= job->segment.to && !result; seq++) {
		result = journal->ops->read(journal, seq, &record, hash);
		if (!result)
			record_write(job, seq, record, hash);
	}
	journal->ops->read_end(journal);
	return result;
}

static int records_write(struct segment_job *job, FILE *file, const char *path, char *error, size_t error_size)
{
	const struct segment *segment = &job->segment;
	struct journal *journal = job->journal;

	job->writer = stream_write_begin_behind(file, false, segment->from - 1, segment->base_hash);
	int result = journal->ops->scan ? journal->ops->scan(journal, segment->from, segment->to, record_write, job) : scan_here(job);
	int code = stream_write_end(job->writer);
	if (atomic_load(&job->given_up)) {
		snprintf(error, error_size, "given up");
		return -1;
	}
	if (result) {
		snprintf(error, error_size, "record %" PRId64 " cannot be read; look at it with reeve journal verify", segment->from + atomic_load(&job->written));
		return -1;
	}
	if (!code && fsync(fileno(file)) != 0)
		code = errno;
	posix_fadvise(fileno(file), 0, 0, POSIX_FADV_DONTNEED); /* what is verified next comes from the disk */
	return code ? refuse(path, "it cannot be written", code, error, error_size) : 0;
}

static int file_write(struct segment_job *job, const char *path, char *error, size_t error_size)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");

	if (!file)
		return refuse(path, "it cannot be created", errno, error, error_size);
	int failed = records_write(job, file, path, error, error_size);
	if (fclose(file) != 0 && !failed)
		failed = refuse(path, "it cannot be closed", errno, error, error_size);
	return failed;
}

static bool record_count(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct segment_job *job = context;

	(void)record;
	(void)hash;
	atomic_store(&job->verified, seq - job->segment.from + 1);
	return !atomic_load(&job->given_up);
}

static int file_verify(struct segment_job *job, const char *path, char *error, size_t error_size)
{
	int failed = segment_read_file(path, &job->segment, job->segment.from, record_count, job, error, error_size);

	if (!failed && atomic_load(&job->given_up)) {
		snprintf(error, error_size, "given up");
		failed = -1;
	}
	return failed;
}

/* From its unfinished name to its own; both folders' entries are durable afterwards. */
static int file_name(struct segment_job *job, const char *unfinished, char *error, size_t error_size)
{
	char *path = segment_path(job->directory, job->segment.name);
	struct stat status;
	int code = rename(unfinished, path) == 0 ? lmdb_directory_sync(job->directory) : errno;

	if (!code)
		code = lmdb_directory_sync(job->state_directory);
	if (!code && stat(path, &status) == 0)
		job->segment.bytes = status.st_size;
	int failed = code ? refuse(path, "it cannot be put in its place", code, error, error_size) : 0;
	free(path);
	return failed;
}

static int segment_write(struct segment_job *job, char *error, size_t error_size)
{
	struct buf path = {0};

	if (mkdir(job->directory, FOLDER_MODE) != 0 && errno != EEXIST)
		return refuse(job->directory, "it cannot be created", errno, error, error_size);
	buf_printf(&path, "%s/%012" PRId64 SEGMENT_UNFINISHED, job->directory, job->segment.from);
	int failed = file_write(job, path.data, error, error_size);
	segment_name(&job->segment, job->last_hash);
	if (!failed)
		failed = file_verify(job, path.data, error, error_size);
	if (!failed)
		failed = file_name(job, path.data, error, error_size);
	if (failed)
		unlink(path.data);
	buf_free(&path);
	return failed;
}

static void *job_run(void *context)
{
	struct segment_job *job = context;
	char error[sizeof job->state.error] = "";
	int failed = segment_write(job, error, sizeof error);

	pthread_mutex_lock(&job->lock);
	job->state.failed = failed != 0;
	job->state.segment = job->segment;
	memcpy(job->state.last_hash, job->last_hash, JOURNAL_HASH_BYTES);
	memcpy(job->state.error, error, sizeof error);
	job->state.over = true;
	pthread_mutex_unlock(&job->lock);
	return NULL;
}

static void job_free(struct segment_job *job)
{
	pthread_mutex_destroy(&job->lock);
	free(job->state_directory);
	free(job->directory);
	free(job);
}

struct segment_job *segment_job_start(struct journal *journal, const char *state_directory, int64_t to, char *error, size_t error_size)
{
	struct segment_job *job = must_calloc(1, sizeof *job);

	job->journal = journal;
	job->state_directory = span_dup(span_of(state_directory));
	job->directory = segment_path(state_directory, SEGMENT_FOLDER);
	job->segment = (struct segment){.from = journal->first_seq, .to = to};
	memcpy(job->segment.base_hash, journal->base_hash, JOURNAL_HASH_BYTES);
	pthread_mutex_init(&job->lock, NULL);
	if (!journal->ops->scan) {
		job_run(job);
		return job;
	}
	int code = pthread_create(&job->thread, NULL, job_run, job);
	job->threaded = code == 0;
	if (job->threaded)
		return job;
	snprintf(error, error_size, "no thread to write a segment: %s; raise the limit of tasks", strerror(code));
	job_free(job);
	return NULL;
}

void segment_job_poll(struct segment_job *job, struct segment_job_state *ret_state)
{
	pthread_mutex_lock(&job->lock);
	job->state.written = atomic_load(&job->written);
	job->state.verified = atomic_load(&job->verified);
	*ret_state = job->state;
	pthread_mutex_unlock(&job->lock);
}

void segment_job_end(struct segment_job *job)
{
	if (!job)
		return;
	atomic_store(&job->given_up, true);
	if (job->threaded)
		pthread_join(job->thread, NULL);
	job_free(job);
}
