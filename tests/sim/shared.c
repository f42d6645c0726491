/* The page between a run and the process that started it, and the end of a run that went wrong. */
#include "tests/sim/shared.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

struct shared *shared;

struct shared *shared_new(void)
{
	void *page = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		perror("reeve_sim: mmap");
		exit(2);
	}
	return page;
}

const char *rare_words(int rare)
{
	static const char *const words[] = {
#define RARE(name, words) words,
#include "tests/sim/rare.def"
	};

	return words[rare];
}

static void complain_with(const char *format, va_list args) __attribute__((noreturn, format(printf, 1, 0)));
static void complain_with(const char *format, va_list args)
{
	vsnprintf(shared->complaint, sizeof shared->complaint, format, args);
	fflush(stdout);
	_exit(1);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_with(format, args);
}

/* The rules of tests/fuzz end here too. */
void fuzz_broken(const char *file, int line, const char *format, ...)
{
	va_list args;

	(void)file;
	(void)line;
	va_start(args, format);
	complain_with(format, args);
}
