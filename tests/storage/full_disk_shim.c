/* A small disk for machines where none may be mounted: preloaded into reeved, it counts what files under $REEVE_SMALL_DISK grow by against the budget
 * in the file $REEVE_SMALL_DISK_BUDGET (8 bytes, how many are left, negative allowed), refuses with ENOSPC what does not fit, half of it written as a real disk
 * may do, and lets statvfs say what is left. Knows nothing of LMDB but that it writes with pwrite, lseek and writev, and write. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static _Atomic int64_t *budget;
static const char *place;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("REEVE_SMALL_DISK_BUDGET");
	int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	place = getenv("REEVE_SMALL_DISK");
	if (file < 0 || !place)
		return;
	void *map = mmap(NULL, sizeof *budget, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	budget = map == MAP_FAILED ? NULL : map;
}

static int is_ours(int file)
{
	char link[64], path[4096];

	if (!budget)
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	ssize_t len = readlink(link, path, sizeof path - 1);
	return len > 0 && strncmp(path, place, strlen(place)) == 0;
}

/* How many of len bytes at `at` may be written. */
static size_t allowed(int file, off_t at, size_t len)
{
	struct stat status;

	if (!is_ours(file) || fstat(file, &status) != 0)
		return len;
	off_t grows = at + (off_t)len - status.st_size;
	if (grows <= 0)
		return len;
	if (atomic_fetch_sub(budget, grows) - grows >= 0)
		return len;
	int64_t left = atomic_fetch_add(budget, grows) + grows, part = left > 0 ? (left < grows ? left : grows) / 2 / 512 * 512 : 0;
	atomic_fetch_sub(budget, part);
	return (size_t)((off_t)len - grows + part);
}

EXPORT ssize_t pwrite(int file, const void *bytes, size_t len, off_t at)
{
	size_t fits = allowed(file, at, len);

	if (fits == 0 && len > 0) {
		errno = ENOSPC;
		return -1;
	}
	return REAL(pwrite)(file, bytes, fits, at);
}

/* Of a file behind lseek; one part after the other. */
EXPORT ssize_t writev(int file, const struct iovec *parts, int count)
{
	ssize_t done = 0;

	if (!budget || !is_ours(file))
		return REAL(writev)(file, parts, count);
	for (int i = 0; i < count; i++) {
		ssize_t got = write(file, parts[i].iov_base, parts[i].iov_len);
		if (got < 0)
			return done ? done : -1;
		done += got;
		if (got < (ssize_t)parts[i].iov_len)
			break;
	}
	return done;
}

EXPORT ssize_t write(int file, const void *bytes, size_t len)
{
	off_t at = budget ? lseek(file, 0, SEEK_CUR) : -1;
	size_t fits = at < 0 ? len : allowed(file, at, len);

	if (fits == 0 && len > 0) {
		errno = ENOSPC;
		return -1;
	}
	return REAL(write)(file, bytes, fits);
}

EXPORT int statvfs(const char *path, struct statvfs *ret)
{
	int result = REAL(statvfs)(path, ret);

	if (result == 0 && budget && strncmp(path, place, strlen(place)) == 0) {
		int64_t left = atomic_load(budget);
		ret->f_bavail = (fsblkcnt_t)(left > 0 ? left : 0) / ret->f_frsize;
		ret->f_bfree = ret->f_bavail;
	}
	return result;
}
