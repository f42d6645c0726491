/* A directory's files as bytes in memory. Owns what policy_files_read hands out until policy_files_free.
 * Invariants: files come in name order, so that the same directory is always the same policy; nothing larger than
 * FILE_BYTES_MOST is read; subdirectories and hidden files are left alone. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile.h"
#include "base/memory.h"

#define FILE_BYTES_MOST (4u << 20) /* as much as a field of content may hold, schema/fields.def */
#define FILES_MOST 1000

static bool name_wanted(const char *name)
{
	static const char *const endings[] = {".csv", ".yaml", ".yml"};
	size_t len = strlen(name);

	for (size_t i = 0; i < 3 && name[0] != '.'; i++)
		if (len > strlen(endings[i]) && strcmp(name + len - strlen(endings[i]), endings[i]) == 0)
			return true;
	return false;
}

static int entry_wanted(const struct dirent *entry)
{
	return name_wanted(entry->d_name);
}

/* By bytes, whatever the locale. */
static int entry_order(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static int stream_read(FILE *stream, struct buf *content)
{
	char piece[16384];
	size_t got;

	while ((got = fread(piece, 1, sizeof piece, stream)) > 0) {
		buf_add(content, piece, got);
		if (content->len > FILE_BYTES_MOST)
			return EFBIG;
	}
	return ferror(stream) ? EIO : 0;
}

static int file_read(const char *directory, const char *name, struct policy_file *ret_file)
{
	struct buf content = {0};
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		memory_out(0);
	FILE *stream = fopen(path, "re");
	int error = stream ? stream_read(stream, &content) : errno;
	if (stream)
		fclose(stream);
	free(path);
	if (error) {
		buf_free(&content);
		return error;
	}
	ret_file->name = span_of(span_dup(span_of(name)));
	buf_reserve(&content, 1);
	ret_file->content = buf_span(&content);
	return 0;
}

static void entries_free(struct dirent **entries, int count)
{
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}

static int entries_read(const char *directory, struct dirent **entries, int count, struct policy_file *files, char *error, size_t error_size)
{
	for (int i = 0; i < count; i++) {
		int wrong = file_read(directory, entries[i]->d_name, &files[i]);
		if (wrong) {
			snprintf(error, error_size, "%s/%s: %s", directory, entries[i]->d_name, wrong == EFBIG ? "larger than 4 MiB" : strerror(wrong));
			return -1;
		}
	}
	return 0;
}

int policy_files_read(const char *directory, struct policy_file **ret_files, size_t *ret_count, char *error, size_t error_size)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, entry_wanted, entry_order);

	if (count < 0) {
		snprintf(error, error_size, "%s: %s; name the directory of a policy", directory, strerror(errno));
		return -1;
	}
	if (count == 0 || count > FILES_MOST) {
		snprintf(error, error_size, "%s: %s; a policy is a directory of CSV and YAML files, see reeve-policy(5)", directory,
			count ? "more than 1000 CSV and YAML files" : "no CSV or YAML files here");
		entries_free(entries, count);
		return -1;
	}
	struct policy_file *files = must_calloc((size_t)count, sizeof *files);
	int result = entries_read(directory, entries, count, files, error, error_size);
	entries_free(entries, count);
	if (result) {
		policy_files_free(files, (size_t)count);
		return result;
	}
	*ret_files = files;
	*ret_count = (size_t)count;
	return 0;
}

void policy_files_free(struct policy_file *files, size_t count)
{
	for (size_t i = 0; files && i < count; i++) {
		free((char *)files[i].name.data);
		free((char *)files[i].content.data);
	}
	free(files);
}
