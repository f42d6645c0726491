/* Segments on their way into a backup. Owns nothing; never changes the ones that it copies. A segment is never written to again, so on the same file
 * system the copy is a second name of the same file. Either way each is read again, whole, before the backup is called one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb_file.h"
#include "store/segment_inside.h"

#define FILE_MODE 0600
#define FOLDER_MODE 0700
#define PIECE ((size_t)1 << 20)

static int bytes_copy(int from, int to)
{
	char *piece = must_calloc(1, PIECE);
	ssize_t got = 0, done = 0;

	while ((got = read(from, piece, PIECE)) > 0)
		for (ssize_t at = 0; at < got; at += done)
			if ((done = write(to, piece + at, (size_t)(got - at))) < 0) {
				int code = errno;
				free(piece);
				return code;
			}
	int code = got < 0 ? errno : fsync(to) == 0 ? 0 : errno;
	free(piece);
	return code;
}

/* 0 or errno; to appears when it is whole. */
static int file_copy(const char *from, const char *to)
{
	struct buf unfinished = {0};
	int source = -1, target = -1, code = 0;

	if (link(from, to) == 0)
		return 0;
	if (errno == EEXIST)
		return 0; /* an earlier try: it is read again like the others */
	buf_printf(&unfinished, "%s" SEGMENT_UNFINISHED, to);
	source = open(from, O_RDONLY | O_CLOEXEC);
	if (source >= 0)
		target = open(unfinished.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	code = source < 0 || target < 0 ? errno : bytes_copy(source, target);
	if (source >= 0)
		close(source);
	if (target >= 0)
		close(target);
	if (!code && rename(unfinished.data, to) != 0)
		code = errno;
	if (code)
		unlink(unfinished.data);
	buf_free(&unfinished);
	return code;
}

struct going {
	segments_go_on *go_on;
	void *context;
};

static bool keep_going(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	const struct going *going = context;

	(void)record;
	(void)hash;
	return seq % 1024 != 0 || going->go_on(going->context);
}

static int one_copy(const char *source, const char *target, const struct segment *segment, struct going *going, char *error, size_t error_size)
{
	char *from = segment_path(source, segment->name), *to = segment_path(target, segment->name);
	int code = file_copy(from, to), failed = -1;

	if (code)
		snprintf(error, error_size, "%s: it cannot be copied: %s; free space there, or name another directory", to, strerror(code));
	else
		failed = segment_read_file(to, segment, segment->from, keep_going, going, error, error_size);
	free(from);
	free(to);
	return failed;
}

int segments_copy(const struct segments *segments, const char *directory, segments_go_on *go_on, void *context, char *error, size_t error_size)
{
	char *target = segment_path(directory, SEGMENT_FOLDER);
	struct going going = {go_on, context};
	int failed = 0;

	if (segments->count && mkdir(target, FOLDER_MODE) != 0 && errno != EEXIST) {
		snprintf(error, error_size, "%s: it cannot be created: %s; name another directory", target, strerror(errno));
		failed = -1;
	}
	for (size_t i = 0; i < segments->count && !failed && go_on(context); i++)
		failed = one_copy(segments->directory, target, &segments->rows[i], &going, error, error_size);
	if (!failed && segments->count && (lmdb_directory_sync(target) || lmdb_directory_sync(directory))) {
		snprintf(error, error_size, "%s: it cannot be synced; check that disk", target);
		failed = -1;
	}
	free(target);
	return failed;
}
