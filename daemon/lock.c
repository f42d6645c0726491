/* flock and not a pid file: the kernel lets go of it when the process ends, however it ends. The pid inside is only there to
 * be read by whoever is refused. Two daemons on one state directory would write one journal from two memories, and the second
 * would silently take over the first one's sockets; so this comes before anything is opened. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "store/directory.h"

/* Also when it was there: whoever created it may have been stopped before this. */
static int directory_keep(const char *directory)
{
	int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (descriptor < 0)
		return errno;
	int code = directory_name_sync(descriptor);
	close(descriptor);
	return code;
}

static int directory_make(const char *directory, char *error, size_t error_size)
{
	int code;
	struct stat found;

	if (mkdir(directory, 0750) < 0 && errno != EEXIST)
		snprintf(error, error_size, "cannot create the state directory %s: %s; create it for this user, or set daemon.state_dir", directory, strerror(errno));
	else if (stat(directory, &found) < 0)
		snprintf(error, error_size, "cannot look at the state directory %s: %s; make it readable for this user, or set another daemon.state_dir", directory, strerror(errno));
	else if (!S_ISDIR(found.st_mode))
		snprintf(error, error_size, "%s is not a directory; set daemon.state_dir", directory);
	else if ((code = directory_keep(directory)) != 0)
		snprintf(error, error_size, "the name of the state directory %s cannot be made durable: %s; check the disk, then restart", directory, strerror(code));
	else
		return 0;
	return -1;
}

/* The command line of a process with blanks between its words; empty when it cannot be read. */
static void command_line(long pid, char *ret_text, size_t size)
{
	char path[64];

	ret_text[0] = 0;
	snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t len = read(fd, ret_text, size - 1);
	close(fd);
	len = len < 0 ? 0 : len;
	ret_text[len] = 0;
	for (ssize_t i = 0; i + 1 < len; i++)
		ret_text[i] = ret_text[i] ? ret_text[i] : ' ';
}

static void tell_holder(int fd, const char *directory, char *error, size_t error_size)
{
	char text[32] = "", command[256];

	if (pread(fd, text, sizeof text - 1, 0) < 0)
		text[0] = 0;
	long pid = strtol(text, NULL, 10);
	command_line(pid, command, sizeof command);
	snprintf(error, error_size, "the state directory %s is in use by process %ld (%s); stop it, or set another daemon.state_dir",
		directory, pid, *command ? command : "its command line cannot be read");
}

/* Only for whoever wonders who holds it: a full disk must not keep the daemon from starting. */
static int pid_write(int fd)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len)
		return 0;
	return errno == ENOSPC || errno == EDQUOT ? 0 : -1;
}

int state_lock(const char *directory, char *error, size_t error_size)
{
	struct buf path = {0};

	if (directory_make(directory, error, error_size) < 0)
		return -1;
	buf_printf(&path, "%s/lock", directory);
	buf_add(&path, "", 1);
	int fd = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0) {
		snprintf(error, error_size, "cannot open %s: %s; the state directory must be writable for this user", path.data, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		bool taken = errno == EWOULDBLOCK;

		if (taken)
			tell_holder(fd, directory, error, error_size);
		else
			snprintf(error, error_size, "cannot lock %s: %s; set a daemon.state_dir on a file system that has locks", path.data, strerror(errno));
		close(fd);
		fd = taken ? LOCK_TAKEN : -1;
	} else if (pid_write(fd) < 0) {
		snprintf(error, error_size, "cannot write %s: %s; free space on its file system or check the disk, then restart", path.data, strerror(errno));
		close(fd);
		fd = -1;
	}
	buf_free(&path);
	return fd;
}
