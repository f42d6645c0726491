/* Choices out of bytes, files in memory, and the end of a broken rule. */
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_broken(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: broken rule: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

uint8_t choose(struct choices *choices)
{
	if (!choices->left)
		return 0;
	choices->left--;
	return *choices->at++;
}

uint32_t choose_wide(struct choices *choices)
{
	uint32_t low = choose(choices);

	return low | (uint32_t)choose(choices) << 8;
}

struct span choose_bytes(struct choices *choices)
{
	size_t len = choose(choices);

	if (len == 255)
		len = choose_wide(choices);
	if (len > choices->left)
		len = choices->left;
	struct span bytes = {(const char *)choices->at, len};
	choices->at += len;
	choices->left -= len;
	return bytes;
}

void fuzz_file_set(struct fuzz_file *file, struct span content)
{
	if (!file->path[0]) {
		file->fd = memfd_create("fuzz", MFD_CLOEXEC);
		FUZZ_CHECK(file->fd >= 0, "no file in memory");
		snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
	}
	FUZZ_CHECK(ftruncate(file->fd, 0) == 0 && pwrite(file->fd, content.data ? content.data : "", content.len, 0) == (ssize_t)content.len,
		"a file in memory cannot be written");
}

void fuzz_file_free(struct fuzz_file *file)
{
	if (file->path[0])
		close(file->fd);
	*file = (struct fuzz_file){0};
}
