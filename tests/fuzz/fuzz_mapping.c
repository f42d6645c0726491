/* A mapping file and a table of an import: the input is the mapping, a line "=====", and the CSV. Each row becomes a command that the
 * codec takes, or a complaint in words. */
#include <string.h>

#include "clients/cli/mapping.h"
#include "tests/fuzz/fuzz.h"

#define ROWS_MOST 50

/* What the table's row became can be sent: the daemon would at least read it. */
static void command_check(const struct record *command, const char *what)
{
	static struct record back;
	struct buf out = {0};
	struct flaw flaw;

	codec_write_all(&out, command);
	FUZZ_CHECK(codec_read(buf_span(&out), &back, &flaw) == 0, "%s that the codec refuses: %s: %s", what, flaw.name, flaw.detail);
	buf_free(&out);
}

static void table_play(struct mapping *mapping, struct rows *rows)
{
	static struct record command;
	char wrong[300] = "";

	for (int row = 0; row < ROWS_MOST && rows_next(rows) == 1; row++) {
		if (!mapping_report(mapping, rows, &command, wrong, sizeof wrong)) {
			FUZZ_CHECK(wrong[0], "a row is refused without a word");
			continue;
		}
		command_check(&command, "a report");
		for (size_t step = 0; step < mapping_steps(mapping); step++)
			if (mapping_step(mapping, step, rows, &command, wrong, sizeof wrong) == 1)
				command_check(&command, "a later step");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char border[] = "\n=====\n";
	static struct fuzz_file map_file, table_file;
	const uint8_t *cut = size ? memmem(data, size, border, sizeof border - 1) : NULL;
	struct span map = {(const char *)data, cut ? (size_t)(cut - data) + 1 : size};
	struct span table = {cut ? (const char *)cut + sizeof border - 1 : "", cut ? size - (size_t)(cut - data) - (sizeof border - 1) : 0};
	char error[400] = "";

	fuzz_file_set(&map_file, map);
	struct mapping *mapping = mapping_open(map_file.path, "Asia/Taipei", error, sizeof error);
	FUZZ_CHECK(mapping || error[0], "a mapping is refused without a word");
	if (!mapping)
		return 0;
	fuzz_file_set(&table_file, table);
	struct rows *rows = rows_open(table_file.path, error, sizeof error);
	FUZZ_CHECK(rows || error[0], "a table is refused without a word");
	if (rows && mapping_bind(mapping, rows, error, sizeof error))
		table_play(mapping, rows);
	rows_close(rows);
	mapping_close(mapping);
	return 0;
}
