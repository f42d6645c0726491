/* What the preloaded libraries share: which calls are about the watched folder. Included once in each; everything is static. */
#ifndef REEVE_TESTS_PRELOAD_H
#define REEVE_TESTS_PRELOAD_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))
/* The mode of open and openat; last: the parameter before it. */
#define MODE_OF(flags, last) \
	({ \
		mode_t mode_ = 0; \
		va_list list_; \
		va_start(list_, last); \
		if ((flags) & O_CREAT) \
			mode_ = va_arg(list_, mode_t); \
		va_end(list_); \
		mode_; \
	})

static char folder[PATH_MAX]; /* empty: nothing is watched */
static size_t folder_len;

static void die(const char *what)
{
	dprintf(2, "preloaded: %s: %s\n", what, strerror(errno));
	abort();
}

/* A folder that is not there yet has no other name. */
static void folder_watch(const char *path)
{
	if (!realpath(path, folder))
		snprintf(folder, sizeof folder, "%s", path);
	folder_len = strlen(folder);
}

/* The part of an absolute path below the folder ("" for itself), or NULL. */
static const char *inside(const char *path)
{
	if (!folder_len || strncmp(path, folder, folder_len) != 0 || (path[folder_len] && path[folder_len] != '/'))
		return NULL;
	return path[folder_len] ? path + folder_len + 1 : path + folder_len;
}

static void descriptor_path(int descriptor, char path[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
	ssize_t len = readlink(link, path, PATH_MAX - 1);
	path[len > 0 ? len : 0] = '\0';
}

static void absolute_path(int directory, const char *path, char out[PATH_MAX])
{
	char base[PATH_MAX] = "";

	if (path[0] == '/') {
		snprintf(out, PATH_MAX, "%s", path);
		return;
	}
	if (directory != AT_FDCWD)
		descriptor_path(directory, base);
	else if (!getcwd(base, sizeof base))
		base[0] = '\0';
	if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX)
		out[0] = '\0';
}

#endif
