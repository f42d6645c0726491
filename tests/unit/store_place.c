/* A temporary directory per test. Owns the directory's name until place_remove; never leaves files behind. */
#include "store_place.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int place_make(void **state)
{
	char *directory = span_dup(span_of("/tmp/reeve-store-XXXXXX"));

	*state = directory;
	return mkdtemp(directory) ? 0 : -1;
}

int place_remove(void **state)
{
	DIR *open_directory = opendir(*state);
	struct dirent *entry;

	while (open_directory && (entry = readdir(open_directory)))
		if (entry->d_name[0] != '.')
			unlink(place_path(*state, entry->d_name));
	if (open_directory)
		closedir(open_directory);
	int result = rmdir(*state);
	free(*state);
	return result;
}

const char *place_path(const char *directory, const char *name)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

bool place_has(const char *directory, const char *name)
{
	return access(place_path(directory, name), F_OK) == 0;
}

int64_t place_size(const char *directory, const char *name)
{
	struct stat status;

	return stat(place_path(directory, name), &status) == 0 ? status.st_size : -1;
}
