/* Running a workload with a library preloaded, in a folder of its own under /dev/shm ($TMPDIR or /tmp where there is none). */
#include "tests/storage/drive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/check.h"

#define DRIVE_SECONDS 240 /* a machine with other things to do is no finding */

bool place_name(struct place *place)
{
	snprintf(place->folder, sizeof place->folder, "%.200s/run", place->root);
	snprintf(place->scratch, sizeof place->scratch, "%.200s/scratch", place->root);
	snprintf(place->notes, sizeof place->notes, "%.200s/notes", place->root);
	snprintf(place->log, sizeof place->log, "%.200s/log", place->root);
	snprintf(place->said, sizeof place->said, "%.200s/said", place->root);
	snprintf(place->folder_setting, sizeof place->folder_setting, "REEVE_WRITE_FOLDER=%s", place->folder);
	snprintf(place->notes_setting, sizeof place->notes_setting, "REEVE_WRITE_NOTES=%s", place->notes);
	snprintf(place->log_setting, sizeof place->log_setting, "REEVE_WRITE_LOG=%s", place->log);
	return mkdir(place->folder, 0700) == 0 && mkdir(place->scratch, 0700) == 0;
}

bool place_make(struct place *place, const char *name)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

	*place = (struct place){0};
	snprintf(place->root, sizeof place->root, "%.100s/reeve-%s-XXXXXX", base, name);
	if (mkdtemp(place->root))
		return place_name(place);
	fprintf(stderr, "%s: %s\n", place->root, strerror(errno));
	return false;
}

void place_remove(struct place *place)
{
	if (place->root[0] && !place->keep)
		folder_empty(place->root, true);
}

bool place_read(const char *path, struct buf *ret_bytes)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	buf_clear(ret_bytes);
	if (descriptor < 0 || fstat(descriptor, &status) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	buf_reserve(ret_bytes, (size_t)status.st_size + 1);
	while ((off_t)ret_bytes->len < status.st_size) {
		ssize_t got = read(descriptor, ret_bytes->data + ret_bytes->len, (size_t)status.st_size - ret_bytes->len);
		if (got <= 0)
			break;
		ret_bytes->len += (size_t)got;
	}
	close(descriptor);
	return (off_t)ret_bytes->len == status.st_size;
}

static void drive_exec(const struct workload *workload, const struct place *place, const char *library, char **settings)
{
	char kind[8], rounds[16], flags[8], preload[600];
	int said = open(place->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	snprintf(kind, sizeof kind, "%d", (int)workload->kind);
	snprintf(rounds, sizeof rounds, "%d", workload->rounds);
	snprintf(flags, sizeof flags, "%d", (workload->early ? 1 : 0) | (workload->loose ? 2 : 0));
	snprintf(preload, sizeof preload, "%s", library);
	setenv("LD_PRELOAD", preload, 1);
	for (; *settings; settings++)
		putenv(*settings);
	dup2(said, 2);
	alarm(DRIVE_SECONDS); /* outlives exec */
	execl("/proc/self/exe", "storage", "--drive", kind, workload->directory, place->notes, workload->policy, rounds, flags, (char *)NULL);
	_exit(126);
}

int drive(const struct workload *workload, const struct place *place, const char *library, char **settings)
{
	int status;

	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		drive_exec(workload, place, library, settings);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WTERMSIG(status) == SIGALRM ? DRIVE_HUNG : DRIVE_SIGNAL + WTERMSIG(status);
}

bool drive_wanted(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "--drive") == 0;
}

int drive_here(int argc, char **argv)
{
	if (argc != 8)
		return 2;
	int flags = atoi(argv[7]);
	struct workload workload = {.kind = (enum workload_kind)atoi(argv[2]), .directory = argv[3], .policy = argv[5], .rounds = atoi(argv[6]),
		.early = flags & 1, .loose = flags & 2};
	workload.notes = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	return workload.notes < 0 ? 2 : workload_run(&workload);
}
