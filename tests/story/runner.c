/* story_runner [--update] POLICIES STORY...
 *
 * Plays each story and says what was not as told; with --update it writes the stories anew with what happened (read the difference
 * before you keep it). A story is a text file; its first line is its title. Exit status 1 when anything was not as told. */
#include "tests/story/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool file_read(const char *name, struct buf *ret)
{
	char bytes[4096];
	size_t len;
	FILE *file = fopen(name, "rb");

	if (!file)
		return false;
	while ((len = fread(bytes, 1, sizeof bytes, file)) > 0)
		buf_add(ret, bytes, len);
	fclose(file);
	return true;
}

static bool file_write(const char *name, struct span text)
{
	FILE *file = fopen(name, "wb");
	bool written = file && fwrite(text.data, 1, text.len, file) == text.len;

	return file && fclose(file) == 0 && written;
}

static bool story_play(const char *policies, const char *name, bool update)
{
	struct buf text = {0}, report = {0}, written = {0};
	struct world *world = world_new(policies);
	int wrong = 1;

	if (!file_read(name, &text)) {
		buf_printf(&report, "%s: cannot be read\n", name);
	} else {
		wrong = script_play(name, buf_span(&text), world, &report, &written);
		if (update && wrong && !world->broken[0] && !span_equal(buf_span(&written), buf_span(&text)))
			file_write(name, buf_span(&written));
		if (!world->broken[0] && world->journal_count)
			wrong += audit(world, &report);
		buf_add_text(&report, "");
	}
	if (wrong)
		printf("%.*s%s: %d not as told\n", (int)report.len, report.data, name, wrong);
	world_free(world);
	buf_free(&text);
	buf_free(&report);
	buf_free(&written);
	return wrong == 0;
}

int main(int argc, char **argv)
{
	bool update = argc > 1 && strcmp(argv[1], "--update") == 0;
	int first = update ? 2 : 1, bad = 0;

	if (argc < first + 2) {
		fprintf(stderr, "usage: story_runner [--update] POLICIES STORY...\n");
		return 2;
	}
	for (int i = first + 1; i < argc; i++)
		bad += !story_play(argv[first], argv[i], update);
	if (argc - first > 2)
		printf("%d stories, %d not as told\n", argc - first - 1, bad);
	return bad > 0;
}
