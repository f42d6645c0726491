/* What happens when a map cannot be read. Owns the handlers of SIGSEGV and SIGBUS and a short list of maps; never allocates, locks or
 * formats inside a handler: the lines are made when a map is opened.
 *
 * lmdb_check.c finds damage before LMDB sees it; this is for what comes later: a page that goes bad while the daemon runs, a file that somebody cuts, a
 * disk that answers a read with an error. The journal is safe in every case (an unfinished commit is no commit), so the process may end here. */
#include "store/lmdb_fault.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAPS 8
#define OVERSHOOT 65536 /* a length that is wrong reads so far behind the map's end at most */

struct map {
	const struct lmdb_file *file; /* NULL: free */
	uintptr_t begin, end;
	char line[1024];
	size_t line_len;
	char *path, *aside; /* owned; aside: NULL unless spare */
};

static struct map maps[MAPS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before_segv, before_bus;
static bool handling;

static void __attribute__((noreturn)) end(const struct map *map)
{
	if (map->aside)
		rename(map->path, map->aside);
	/* Nobody is left to be told that it could not be said. */
	ssize_t unused = write(STDERR_FILENO, map->line, map->line_len);
	(void)unused;
	_exit(LMDB_FAULT_EXIT);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	const struct sigaction *before = number == SIGSEGV ? &before_segv : &before_bus;
	uintptr_t at = (uintptr_t)info->si_addr;

	for (size_t i = 0; i < MAPS; i++)
		if (maps[i].file && at >= maps[i].begin && at < maps[i].end)
			end(&maps[i]);
	/* Not ours: as if we had never been here. */
	if (before->sa_flags & SA_SIGINFO)
		before->sa_sigaction(number, info, context);
	else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN)
		before->sa_handler(number);
	else
		sigaction(number, before, NULL); /* the instruction is tried again and ends the process */
}

static void handle(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};

	if (handling)
		return;
	handling = true;
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &before_segv);
	sigaction(SIGBUS, &action, &before_bus);
}

/* Where the kernel put it: LMDB does not tell. */
static bool map_find(const char *path, uintptr_t *ret_begin, uintptr_t *ret_end)
{
	FILE *file = fopen("/proc/self/maps", "re");
	char *whole = realpath(path, NULL), line[4500];
	bool found = false;

	while (file && whole && !found && fgets(line, sizeof line, file)) {
		char *name = strchr(line, '/');
		unsigned long begin, finish;
		if (!name || sscanf(line, "%lx-%lx", &begin, &finish) != 2)
			continue;
		name[strcspn(name, "\n")] = '\0';
		found = strcmp(name, whole) == 0;
		*ret_begin = begin;
		*ret_end = finish + OVERSHOOT;
	}
	free(whole);
	if (file)
		fclose(file);
	return found;
}

static void line_make(struct map *map, const char *found)
{
	const struct lmdb_file *file = map->file;
	int len = snprintf(map->line, sizeof map->line, "level=error msg=\"%s: the file is damaged\" path=\"%s\" found=\"%s\" remedy=\"%s\"\n", file->label,
		file->path, found, file->remedy);

	map->line_len = len < 0 ? 0 : (size_t)len < sizeof map->line ? (size_t)len : sizeof map->line - 1;
}

static void map_fill(struct map *map, const struct lmdb_file *file, const char *found)
{
	struct buf aside = {0};

	map->file = file;
	line_make(map, found);
	map->path = span_dup(span_of(file->path));
	if (file->is_spare) {
		buf_printf(&aside, "%s.damaged", file->path);
		map->aside = span_dup(buf_span(&aside));
	}
	buf_free(&aside);
}

void lmdb_fault_watch(const struct lmdb_file *file)
{
	uintptr_t begin, finish;

	if (!map_find(file->path, &begin, &finish))
		return;
	pthread_mutex_lock(&lock);
	handle();
	for (size_t i = 0; i < MAPS; i++) {
		if (maps[i].file)
			continue;
		maps[i].begin = begin;
		maps[i].end = finish;
		map_fill(&maps[i], file, "a page of it cannot be read; the file was cut or changed, or the disk fails");
		break;
	}
	pthread_mutex_unlock(&lock);
}

void lmdb_fault_forget(const struct lmdb_file *file)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < MAPS; i++) {
		if (maps[i].file != file)
			continue;
		maps[i].file = NULL;
		free(maps[i].path);
		free(maps[i].aside);
		maps[i].path = maps[i].aside = NULL;
	}
	pthread_mutex_unlock(&lock);
}

void lmdb_fault_end(const struct lmdb_file *file, const char *found)
{
	struct map map = {0};

	map_fill(&map, file, found);
	end(&map);
}
