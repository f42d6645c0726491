/* Preloaded into a program (LD_PRELOAD): writes down every call that changes files below one folder, in the order in which they took effect.
 * Owns the log's descriptor; never changes what a call does. What it cannot describe it names as alien, so that nothing is missed silently.
 *
 * The call and its line are one step under a lock: threads of the program (the archivist, a backup) are in the log in the order in which the
 * kernel saw them. Lock files (lock, and what ends in -lock) hold nothing that survives a crash, and are left out. */
#include "tests/storage/write_log.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "tests/storage/preload.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_descriptor = -1;
static char notes[PATH_MAX];

__attribute__((constructor)) static void log_open(void)
{
	const char *path = getenv(WRITE_LOG_FILE), *watched = getenv(WRITE_LOG_FOLDER), *noted = getenv(WRITE_LOG_NOTES);

	if (!path || !watched)
		return;
	log_descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_descriptor < 0)
		die(path);
	folder_watch(watched);
	snprintf(notes, sizeof notes, "%s", noted ? noted : "");
}

/* ---- whose path ---- */

static const char *logged_name(const char *path)
{
	size_t len = strlen(path);

	if (log_descriptor < 0 || (len > 5 && (strcmp(path + len - 5, "-lock") == 0 || strcmp(path + len - 5, "/lock") == 0)))
		return NULL;
	return inside(path);
}

/* The name of an open file below the folder, or NULL. */
static const char *watched(int descriptor, char path[PATH_MAX])
{
	if (log_descriptor < 0)
		return NULL;
	descriptor_path(descriptor, path);
	return logged_name(path);
}

/* ---- the log; lock held ---- */

static void put(const void *data, size_t len)
{
	if (len && syscall(SYS_write, log_descriptor, data, len) != (ssize_t)len)
		die("the log cannot be written");
}

static void log_add(struct logged_head head, const char *name, const char *other, const void *bytes)
{
	head.name_len = name ? (uint32_t)strlen(name) : 0;
	head.other_len = other ? (uint32_t)strlen(other) : 0;
	put(&head, sizeof head);
	put(name, head.name_len);
	put(other, head.other_len);
	put(bytes, head.len);
}

static uint64_t inode_of(int descriptor)
{
	struct stat status;

	return fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

/* Up to where the log knows a file. Printing into a FILE writes by doors of libc's own that nobody can stand in: what came that way is read when the file
 * is synced, which is the first moment at which anybody may rely on it. */
static struct known {
	uint64_t inode;
	int64_t end;
} known[64];

static int64_t *known_end(uint64_t inode)
{
	static size_t next;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].inode == inode)
			return &known[i].end;
	struct known *fresh = &known[next++ % (sizeof known / sizeof *known)];
	*fresh = (struct known){.inode = inode};
	return &fresh->end;
}

static void log_write(int descriptor, const char *name, const void *bytes, size_t len, int64_t offset)
{
	int flags = fcntl(descriptor, F_GETFL);
	int64_t *end = known_end(inode_of(descriptor));

	*end = offset + (int64_t)len > *end ? offset + (int64_t)len : *end;
	log_add((struct logged_head){.kind = LOGGED_WRITE, .synced = (flags & O_DSYNC) != 0, .inode = inode_of(descriptor), .offset = offset,
		.len = (uint32_t)len}, name, NULL, bytes);
}

static void log_unseen(const char *path, const char *name, const struct stat *status)
{
	int64_t *end = known_end(status->st_ino);
	int descriptor = status->st_size > *end ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
	char bytes[4096];
	ssize_t got;

	while (descriptor >= 0 && (got = syscall(SYS_pread64, descriptor, bytes, sizeof bytes, *end)) > 0) {
		log_add((struct logged_head){.kind = LOGGED_WRITE, .inode = status->st_ino, .offset = *end, .len = (uint32_t)got}, name, NULL, bytes);
		*end += got;
	}
	if (descriptor >= 0)
		syscall(SYS_close, descriptor);
}

static void log_alien(const char *name)
{
	log_add((struct logged_head){.kind = LOGGED_ALIEN}, name, NULL, NULL);
}

/* ---- writing ---- */

static bool is_note(const char *path)
{
	return log_descriptor >= 0 && notes[0] && strcmp(path, notes) == 0;
}

EXPORT ssize_t write(int descriptor, const void *data, size_t len)
{
	char path[PATH_MAX] = "";
	const char *name = watched(descriptor, path);
	bool note = is_note(path);

	if (!name && !note)
		return syscall(SYS_write, descriptor, data, len);
	pthread_mutex_lock(&lock);
	int64_t offset = note ? 0 : lseek(descriptor, 0, fcntl(descriptor, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
	ssize_t done = syscall(SYS_write, descriptor, data, len);
	if (done > 0 && note)
		log_add((struct logged_head){.kind = LOGGED_NOTE, .len = (uint32_t)done}, NULL, NULL, data);
	else if (done > 0)
		log_write(descriptor, name, data, (size_t)done, offset);
	pthread_mutex_unlock(&lock);
	return done;
}

EXPORT ssize_t pwrite(int descriptor, const void *data, size_t len, off_t offset)
{
	char path[PATH_MAX];
	const char *name = watched(descriptor, path);

	if (!name)
		return syscall(SYS_pwrite64, descriptor, data, len, offset);
	pthread_mutex_lock(&lock);
	ssize_t done = syscall(SYS_pwrite64, descriptor, data, len, offset);
	if (done > 0)
		log_write(descriptor, name, data, (size_t)done, offset);
	pthread_mutex_unlock(&lock);
	return done;
}

/* One write at a time is what a torn one may look like as well. */
static ssize_t write_each(int descriptor, const char *name, const struct iovec *parts, int count, int64_t offset)
{
	ssize_t sum = 0;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < count; i++) {
		ssize_t done = syscall(SYS_pwrite64, descriptor, parts[i].iov_base, parts[i].iov_len, offset + sum);
		if (done > 0) {
			log_write(descriptor, name, parts[i].iov_base, (size_t)done, offset + sum);
			sum += done;
		}
		if (done != (ssize_t)parts[i].iov_len) {
			sum = sum ? sum : done;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	return sum;
}

EXPORT ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
	char path[PATH_MAX];
	const char *name = watched(descriptor, path);

	if (!name)
		return syscall(SYS_writev, descriptor, parts, count);
	int64_t offset = lseek(descriptor, 0, SEEK_CUR);
	ssize_t done = write_each(descriptor, name, parts, count, offset);
	if (done > 0)
		lseek(descriptor, offset + done, SEEK_SET);
	return done;
}

EXPORT ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset)
{
	char path[PATH_MAX];
	const char *name = watched(descriptor, path);

	if (!name)
		return NEXT(pwritev)(descriptor, parts, count, offset);
	return write_each(descriptor, name, parts, count, offset);
}

EXPORT int ftruncate(int descriptor, off_t length)
{
	char path[PATH_MAX];
	const char *name = watched(descriptor, path);

	if (!name)
		return (int)syscall(SYS_ftruncate, descriptor, length);
	pthread_mutex_lock(&lock);
	int result = (int)syscall(SYS_ftruncate, descriptor, length);
	if (result == 0) {
		*known_end(inode_of(descriptor)) = length;
		log_add((struct logged_head){.kind = LOGGED_TRUNCATE, .inode = inode_of(descriptor), .offset = length}, name, NULL, NULL);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
	char path[PATH_MAX];

	if (descriptor >= 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED)) {
		const char *name = watched(descriptor, path);
		if (name)
			log_alien(name);
	}
	return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}

/* ---- syncing ---- */

static int synced(int descriptor, long call)
{
	char path[PATH_MAX];
	const char *name = watched(descriptor, path);
	struct stat status;

	if (!name)
		return (int)syscall(call, descriptor);
	pthread_mutex_lock(&lock);
	if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
		log_unseen(path, name, &status);
	int result = (int)syscall(call, descriptor);
	if (result == 0 && fstat(descriptor, &status) == 0)
		log_add((struct logged_head){.kind = S_ISDIR(status.st_mode) ? LOGGED_SYNC_NAMES : LOGGED_SYNC, .inode = status.st_ino}, name, NULL, NULL);
	pthread_mutex_unlock(&lock);
	return result;
}

EXPORT int fsync(int descriptor)
{
	return synced(descriptor, SYS_fsync);
}

EXPORT int fdatasync(int descriptor)
{
	return synced(descriptor, SYS_fdatasync);
}

/* ---- names ---- */

static int open_logged(int directory, const char *path, int flags, mode_t mode)
{
	char whole[PATH_MAX];
	struct stat status;

	absolute_path(directory, path, whole);
	const char *name = logged_name(whole);
	if (!name || !(flags & (O_CREAT | O_TRUNC)))
		return (int)syscall(SYS_openat, directory, path, flags, mode);
	pthread_mutex_lock(&lock);
	bool was = stat(whole, &status) == 0;
	int descriptor = (int)syscall(SYS_openat, directory, path, flags, mode);
	if (descriptor >= 0 && !was)
		*known_end(inode_of(descriptor)) = 0;
	if (descriptor >= 0 && !was)
		log_add((struct logged_head){.kind = LOGGED_CREATE, .inode = inode_of(descriptor)}, name, NULL, NULL);
	else if (descriptor >= 0 && (flags & O_TRUNC) && status.st_size)
		log_add((struct logged_head){.kind = LOGGED_TRUNCATE, .inode = status.st_ino}, name, NULL, NULL);
	pthread_mutex_unlock(&lock);
	return descriptor;
}

EXPORT int open(const char *path, int flags, ...)
{
	return open_logged(AT_FDCWD, path, flags, MODE_OF(flags, flags));
}

EXPORT int openat(int directory, const char *path, int flags, ...)
{
	return open_logged(directory, path, flags, MODE_OF(flags, flags));
}

EXPORT int creat(const char *path, mode_t mode)
{
	return open_logged(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

static int renamed(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
	char whole_from[PATH_MAX], whole_to[PATH_MAX];

	absolute_path(from_directory, from, whole_from);
	absolute_path(to_directory, to, whole_to);
	pthread_mutex_lock(&lock);
	int result = (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
	if (result == 0 && logged_name(whole_from) && logged_name(whole_to))
		log_add((struct logged_head){.kind = LOGGED_RENAME}, logged_name(whole_from), logged_name(whole_to), NULL);
	else if (result == 0 && (logged_name(whole_from) || logged_name(whole_to)))
		log_alien(to);
	pthread_mutex_unlock(&lock);
	return result;
}

EXPORT int rename(const char *from, const char *to)
{
	return renamed(AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	return renamed(from_directory, from, to_directory, to, 0);
}

EXPORT int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
	return renamed(from_directory, from, to_directory, to, flags);
}

/* A name that comes or goes by a call which answers 0. */
static int name_changed(int directory, const char *path, long call, int argument, enum logged kind)
{
	char whole[PATH_MAX];

	absolute_path(directory, path, whole);
	pthread_mutex_lock(&lock);
	int result = (int)syscall(call, directory, path, argument);
	if (result == 0 && logged_name(whole))
		log_add((struct logged_head){.kind = kind}, logged_name(whole), NULL, NULL);
	pthread_mutex_unlock(&lock);
	return result;
}

EXPORT int unlink(const char *path)
{
	return name_changed(AT_FDCWD, path, SYS_unlinkat, 0, LOGGED_UNLINK);
}

EXPORT int unlinkat(int directory, const char *path, int flags)
{
	return name_changed(directory, path, SYS_unlinkat, flags, LOGGED_UNLINK);
}

EXPORT int rmdir(const char *path)
{
	return name_changed(AT_FDCWD, path, SYS_unlinkat, AT_REMOVEDIR, LOGGED_UNLINK);
}

EXPORT int mkdir(const char *path, mode_t mode)
{
	return name_changed(AT_FDCWD, path, SYS_mkdirat, (int)mode, LOGGED_MKDIR);
}

EXPORT int mkdirat(int directory, const char *path, mode_t mode)
{
	return name_changed(directory, path, SYS_mkdirat, (int)mode, LOGGED_MKDIR);
}

EXPORT int link(const char *from, const char *to)
{
	char whole[PATH_MAX];

	absolute_path(AT_FDCWD, to, whole);
	if (logged_name(whole))
		log_alien(to);
	return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
