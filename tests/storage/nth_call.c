/* Preloaded into a program (LD_PRELOAD): the n-th call on files below one folder fails, see nth_call.h. Only calls that can fail in that way are
 * counted: nothing is ever short but reading and writing, and no file system runs out of space by being read. Owns a counter; everything else
 * is passed on. Signals never interrupt a program because of this: EINTR is all that it sees of one. */
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include "tests/storage/nth_call.h"
#include "tests/storage/preload.h"

/* What a call can suffer, as bits. */
enum suffering { FAILS = 1, NO_SPACE = 2, INTERRUPTED = 4, SHORTER = 8, NO_MEMORY = 16, FAILS_LATE = 32 };

#define WRITES (FAILS | FAILS_LATE | NO_SPACE | INTERRUPTED | SHORTER)
#define READS (FAILS | INTERRUPTED | SHORTER)
#define SYNCS (FAILS | FAILS_LATE | NO_SPACE | INTERRUPTED)

static enum suffering kind;
static int code;
static long at;
static bool lasting;
static atomic_long counted;
static char only[64], only_call[16], told[PATH_MAX];

static const struct { const char *name; enum suffering kind; int code; } kinds[] = {
	{"EIO", FAILS, EIO}, {"LATE", FAILS_LATE, 0}, {"ENOSPC", NO_SPACE, ENOSPC}, {"EINTR", INTERRUPTED, EINTR}, {"SHORT", SHORTER, 0}, {"ENOMEM", NO_MEMORY, ENOMEM},
};

__attribute__((constructor)) static void nth_begin(void)
{
	const char *watched = getenv(NTH_FOLDER), *name = getenv(NTH_KIND), *number = getenv(NTH_AT);

	if (!watched || !name || !number)
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			kind = kinds[i].kind;
			code = kinds[i].code;
		}
	at = strtol(number, NULL, 10);
	lasting = getenv(NTH_LASTING) && strcmp(getenv(NTH_LASTING), "1") == 0;
	snprintf(only, sizeof only, "%s", getenv(NTH_FILE) ? getenv(NTH_FILE) : "");
	snprintf(only_call, sizeof only_call, "%s", getenv(NTH_CALL) ? getenv(NTH_CALL) : "");
	snprintf(told, sizeof told, "%s", getenv(NTH_TOLD) ? getenv(NTH_TOLD) : "");
	folder_watch(watched);
}

static void tell(const char *call, const char *name)
{
	char line[PATH_MAX];
	int descriptor = (int)syscall(SYS_openat, AT_FDCWD, told, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int len = snprintf(line, sizeof line, "%s %s\n", call, name);

	if (descriptor < 0 || syscall(SYS_write, descriptor, line, (size_t)len) != len)
		die(told);
	syscall(SYS_close, descriptor);
}

/* True: this is the one. */
static bool comes(const char *call, unsigned can, const char *path)
{
	const char *name = path ? inside(path) : NULL;

	if (!name || !(can & kind) || (only[0] && !strstr(name, only)) || (only_call[0] && strcmp(call, only_call) != 0))
		return false;
	long number = atomic_fetch_add(&counted, 1) + 1;
	if (number == at)
		tell(call, name);
	if (number != at && !(lasting && number > at))
		return false;
	errno = code;
	return true;
}

static bool comes_open(const char *call, unsigned can, int descriptor)
{
	char path[PATH_MAX];

	if (!folder_len)
		return false;
	descriptor_path(descriptor, path);
	return comes(call, can, path);
}

static bool comes_at(const char *call, unsigned can, int directory, const char *path)
{
	char whole[PATH_MAX];

	if (!folder_len)
		return false;
	absolute_path(directory, path, whole);
	return comes(call, can, whole);
}

/* What a call answers that did all that was asked. */
static ssize_t late(bool now, ssize_t result)
{
	if (!now || kind != FAILS_LATE)
		return result;
	errno = EIO;
	return -1;
}

static size_t part(bool now, size_t len)
{
	return now && kind == SHORTER ? len / 2 : len;
}

/* ---- writing and reading ---- */

EXPORT ssize_t write(int descriptor, const void *data, size_t len)
{
	bool now = comes_open("write", WRITES, descriptor);

	return now && code ? -1 : late(now, syscall(SYS_write, descriptor, data, part(now, len)));
}

EXPORT ssize_t pwrite(int descriptor, const void *data, size_t len, off_t offset)
{
	bool now = comes_open("pwrite", WRITES, descriptor);

	return now && code ? -1 : late(now, syscall(SYS_pwrite64, descriptor, data, part(now, len), offset));
}

/* Half of what a list of parts asks for is its first part, or half of that. */
EXPORT ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
	bool now = comes_open("writev", WRITES, descriptor);

	if (now && kind != FAILS_LATE)
		return code ? -1 : syscall(SYS_write, descriptor, parts[0].iov_base, count > 1 ? parts[0].iov_len : parts[0].iov_len / 2);
	return late(now, syscall(SYS_writev, descriptor, parts, count));
}

EXPORT ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset)
{
	bool now = comes_open("pwritev", WRITES, descriptor);

	if (now && kind != FAILS_LATE)
		return code ? -1 : syscall(SYS_pwrite64, descriptor, parts[0].iov_base, count > 1 ? parts[0].iov_len : parts[0].iov_len / 2, offset);
	return late(now, NEXT(pwritev)(descriptor, parts, count, offset));
}

EXPORT ssize_t read(int descriptor, void *data, size_t len)
{
	bool now = comes_open("read", READS, descriptor);

	return now && code ? -1 : syscall(SYS_read, descriptor, data, part(now, len));
}

EXPORT ssize_t pread(int descriptor, void *data, size_t len, off_t offset)
{
	bool now = comes_open("pread", READS, descriptor);

	return now && code ? -1 : syscall(SYS_pread64, descriptor, data, part(now, len), offset);
}

EXPORT int ftruncate(int descriptor, off_t length)
{
	bool now = comes_open("ftruncate", SYNCS, descriptor);

	return now && code ? -1 : (int)late(now, syscall(SYS_ftruncate, descriptor, length));
}

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
	if (descriptor >= 0 && comes_open("mmap", FAILS | NO_MEMORY, descriptor))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}

/* ---- syncing ---- */

EXPORT int fsync(int descriptor)
{
	bool now = comes_open("fsync", SYNCS, descriptor);

	return now && code ? -1 : (int)late(now, syscall(SYS_fsync, descriptor));
}

EXPORT int fdatasync(int descriptor)
{
	bool now = comes_open("fdatasync", SYNCS, descriptor);

	return now && code ? -1 : (int)late(now, syscall(SYS_fdatasync, descriptor));
}


/* ---- names ---- */

static unsigned open_suffers(int flags)
{
	return FAILS | INTERRUPTED | (flags & O_CREAT ? NO_SPACE : 0);
}

EXPORT int open(const char *path, int flags, ...)
{
	mode_t mode = MODE_OF(flags, flags);

	return comes_at("open", open_suffers(flags), AT_FDCWD, path) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

EXPORT int openat(int directory, const char *path, int flags, ...)
{
	mode_t mode = MODE_OF(flags, flags);

	return comes_at("openat", open_suffers(flags), directory, path) ? -1 : (int)syscall(SYS_openat, directory, path, flags, mode);
}

EXPORT int rename(const char *from, const char *to)
{
	return comes_at("rename", FAILS | NO_SPACE, AT_FDCWD, from) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
	return comes_at("renameat2", FAILS | NO_SPACE, from_directory, from) ? -1 : (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

EXPORT int unlink(const char *path)
{
	return comes_at("unlink", FAILS, AT_FDCWD, path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

EXPORT int unlinkat(int directory, const char *path, int flags)
{
	return comes_at("unlinkat", FAILS, directory, path) ? -1 : (int)syscall(SYS_unlinkat, directory, path, flags);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
	return comes_at("mkdir", FAILS | NO_SPACE, AT_FDCWD, path) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

EXPORT int mkdirat(int directory, const char *path, mode_t mode)
{
	return comes_at("mkdirat", FAILS | NO_SPACE, directory, path) ? -1 : (int)syscall(SYS_mkdirat, directory, path, mode);
}

EXPORT int statvfs(const char *path, struct statvfs *out)
{
	return comes_at("statvfs", FAILS | INTERRUPTED, AT_FDCWD, path) ? -1 : NEXT(statvfs)(path, out);
}

EXPORT int fstatvfs(int descriptor, struct statvfs *out)
{
	return comes_open("fstatvfs", FAILS | INTERRUPTED, descriptor) ? -1 : NEXT(fstatvfs)(descriptor, out);
}
