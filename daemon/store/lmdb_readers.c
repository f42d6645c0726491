/* Readers of a file, as LMDB's lock file shows them. Owns nothing; never ends a process that does not have the file open.
 *
 * LMDB has no way to take a reader's state away from it: clearing its slot would let the writer change pages under a program that goes on reading them.
 * A reader loses nothing when it ends, so it is the process that is ended. Its number is pinned (pidfd) before it is looked at a last time, so that nobody else
 * can have it by then; a process of another name space is not found in the file's maps, and left alone. */
#include "store/lmdb_readers.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct oldest {
	int64_t pid, state;
	bool found;
};

/* A line of mdb_reader_list: process, thread, and the number of the commit that it sees, or - when it does not read. */
static int reader_line(const char *line, void *context)
{
	struct oldest *oldest = context;
	int64_t pid, state;

	if (sscanf(line, "%" SCNd64 " %*s %" SCNd64, &pid, &state) != 2)
		return 0;
	if (!oldest->found || state < oldest->state)
		*oldest = (struct oldest){pid, state, true};
	return 0;
}

bool lmdb_slowest_reader(const struct lmdb_file *file, struct journal_reader *ret_reader)
{
	struct oldest oldest = {0};
	MDB_envinfo info;

	mdb_reader_check(file->env, NULL);
	mdb_reader_list(file->env, reader_line, &oldest);
	mdb_env_info(file->env, &info);
	if (!oldest.found || oldest.state >= (int64_t)info.me_last_txnid)
		return false;
	*ret_reader = (struct journal_reader){oldest.pid, oldest.state, (int64_t)info.me_last_txnid - oldest.state};
	return true;
}

/* /proc/PID/maps has a line with the file's device and inode. */
static bool has_in_memory(int64_t pid, const char *path)
{
	char name[64], *line = NULL, wanted[64];
	struct stat status;
	bool found = false;
	size_t room = 0;

	snprintf(name, sizeof name, "/proc/%" PRId64 "/maps", pid);
	FILE *maps = stat(path, &status) == 0 ? fopen(name, "re") : NULL;
	snprintf(wanted, sizeof wanted, " %02x:%02x %" PRIu64 " ", major(status.st_dev), minor(status.st_dev), (uint64_t)status.st_ino);
	while (maps && !found && getline(&line, &room, maps) >= 0)
		found = strstr(line, wanted) != NULL;
	free(line);
	if (maps)
		fclose(maps);
	return found;
}

int lmdb_reader_end(const struct lmdb_file *file, const struct journal_reader *reader)
{
	struct journal_reader now;
	int process, code = 0;

	if (reader->pid == getpid())
		return ESRCH;
	process = (int)syscall(SYS_pidfd_open, (pid_t)reader->pid, 0);
	if (process < 0)
		return errno;
	if (!lmdb_slowest_reader(file, &now) || now.pid != reader->pid || now.state != reader->state || !has_in_memory(reader->pid, file->path))
		code = ESRCH;
	else if (syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0) != 0)
		code = errno;
	close(process);
	return code;
}
