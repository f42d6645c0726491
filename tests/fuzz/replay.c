/* main for builds without libFuzzer: runs the target over files, and over every file of a folder in name order. Each input is in a
 * block of its exact size, so that a sanitizer sees a read beyond the end. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

static int done;

static void input_run(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat stat;

	if (!file || fstat(fileno(file), &stat)) {
		perror(path);
		exit(2);
	}
	size_t size = (size_t)stat.st_size;
	uint8_t *bytes = size ? malloc(size) : NULL;
	if (size && (!bytes || fread(bytes, 1, size, file) != size)) {
		perror(path);
		exit(2);
	}
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	done++;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void folder_run(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, visible, alphasort);
	char inside[4096];

	for (int i = 0; i < count; i++) {
		snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
		if (getenv("FUZZ_SAY"))
			fprintf(stderr, "%s\n", inside);
		input_run(inside);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat stat;
		if (lstat(argv[i], &stat) == 0 && S_ISDIR(stat.st_mode))
			folder_run(argv[i]);
		else
			input_run(argv[i]);
	}
	printf("%d inputs\n", done);
	return done ? 0 : 1;
}
