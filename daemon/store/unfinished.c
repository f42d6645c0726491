/* Where a new journal grows: DIR/unfinished. Owns the lock on DIR (flock, gone with the process) and two directories' entries; never reads
 * or writes a journal's content.
 *
 * Invariant: DIR/journal.mdb appears by one rename, after the file and DIR's own name were synced; until then there is nothing of that name. A process that
 * is killed leaves DIR/unfinished, which the next one that writes into DIR removes. */
#include "store/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/directory.h"

#define DIRECTORY_MODE 0700 /* callers' names and phones are in it */
#define INSIDE "unfinished"

static const char *remedy_for(int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
		return "free space on its file system, or name another directory";
	case ENOENT:
		return "create the directory that it is in";
	case EACCES:
	case EPERM:
	case EROFS:
		return "name a directory that the program's user may write to (under systemd also ReadWritePaths=)";
	default:
		return "name another directory";
	}
}

static int refuse(const struct unfinished *unfinished, const char *what, int code, char *error, size_t error_size)
{
	snprintf(error, error_size, "%s: %s: %s; %s", unfinished->directory, what, strerror(code), remedy_for(code));
	return -1;
}

static bool holds(const struct unfinished *unfinished, const char *name)
{
	return faccessat(unfinished->descriptor, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void sweep(const struct unfinished *unfinished)
{
	unlinkat(unfinished->descriptor, INSIDE "/journal.mdb", 0);
	unlinkat(unfinished->descriptor, INSIDE "/journal.mdb-lock", 0);
	unlinkat(unfinished->descriptor, INSIDE "/journal.mdb.new", 0); /* of a store that was not even made */
	unlinkat(unfinished->descriptor, INSIDE, AT_REMOVEDIR);
}

static int place_prepare(struct unfinished *unfinished, char *error, size_t error_size)
{
	if (mkdir(unfinished->directory, DIRECTORY_MODE) != 0 && errno != EEXIST)
		return refuse(unfinished, "cannot be created", errno, error, error_size);
	unfinished->descriptor = open(unfinished->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (unfinished->descriptor < 0)
		return refuse(unfinished, "cannot be opened", errno, error, error_size);
	if (flock(unfinished->descriptor, LOCK_EX | LOCK_NB) != 0)
		return refuse(unfinished, "another program writes a journal into it", errno, error, error_size);
	if (holds(unfinished, "journal.mdb") || holds(unfinished, "archive.mdb")) {
		snprintf(error, error_size, "%s: it holds a journal or an archive already, and nothing is written over one; name a new directory", unfinished->directory);
		return -1;
	}
	sweep(unfinished);
	return mkdirat(unfinished->descriptor, INSIDE, DIRECTORY_MODE) == 0 ? 0 : refuse(unfinished, "cannot be written to", errno, error, error_size);
}

int unfinished_begin(struct unfinished *unfinished, const char *directory, char *error, size_t error_size)
{
	struct buf path = {0};

	buf_printf(&path, "%s/" INSIDE, directory);
	*unfinished = (struct unfinished){.directory = span_dup(span_of(directory)), .path = span_dup(buf_span(&path)), .descriptor = -1};
	buf_free(&path);
	if (place_prepare(unfinished, error, error_size) == 0)
		return 0;
	if (unfinished->descriptor >= 0)
		close(unfinished->descriptor);
	unfinished->descriptor = -1;
	unfinished_end(unfinished);
	return -1;
}

static int file_sync(const struct unfinished *unfinished)
{
	int descriptor = openat(unfinished->descriptor, INSIDE "/journal.mdb", O_RDONLY | O_CLOEXEC);

	if (descriptor < 0)
		return errno;
	int code = fsync(descriptor) == 0 ? 0 : errno;
	close(descriptor);
	return code;
}

int unfinished_finish(struct unfinished *unfinished, char *error, size_t error_size)
{
	int code = file_sync(unfinished);

	if (!code)
		code = directory_name_sync(unfinished->descriptor);
	if (!code && renameat2(unfinished->descriptor, INSIDE "/journal.mdb", unfinished->descriptor, "journal.mdb", RENAME_NOREPLACE) != 0)
		code = errno;
	if (!code && fsync(unfinished->descriptor) != 0)
		code = errno;
	return code ? refuse(unfinished, "the journal cannot be put in its place", code, error, error_size) : 0;
}

void unfinished_end(struct unfinished *unfinished)
{
	if (unfinished->directory && unfinished->descriptor >= 0) {
		sweep(unfinished);
		close(unfinished->descriptor);
	}
	free(unfinished->directory);
	free(unfinished->path);
	*unfinished = (struct unfinished){.descriptor = -1};
}
