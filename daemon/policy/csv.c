/* libcsv in strict mode, fed line by line so that each row knows where it begins. Owns the table until csv_table_free.
 *
 * Invariants: every row has exactly as many fields as there are columns; columns have names, each once; all text is
 * UTF-8. libcsv skips empty lines itself; a row goes on over a line end exactly while its quotes are odd in number. */
#include "policy/csv.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "core/arena.h"
#include "policy/words.h"

struct reading {
	struct csv_table *table;
	struct csv_problem *problem;
	bool failed;
	int64_t line;     /* being fed */
	int64_t row_line; /* where the present row began */
	struct span *fields; /* of the present row */
	size_t field_count, field_room;
	size_t row_room;
};

__attribute__((format(printf, 4, 5)))
static void reading_fail(struct reading *reading, int64_t line, int64_t column, const char *format, ...)
{
	va_list args;

	if (reading->failed)
		return;
	reading->failed = true;
	reading->problem->line = line;
	reading->problem->column = column;
	va_start(args, format);
	vsnprintf(reading->problem->message, sizeof reading->problem->message, format, args);
	va_end(args);
}

static void field_end(void *data, size_t len, void *context)
{
	struct reading *reading = context;

	if (reading->field_count == reading->field_room) {
		reading->field_room = reading->field_room ? reading->field_room * 2 : 32;
		reading->fields = must_realloc(reading->fields, reading->field_room * sizeof *reading->fields);
	}
	reading->fields[reading->field_count++] = arena_copy(reading->table->arena, (struct span){data, len});
}

static void columns_check(struct reading *reading)
{
	const struct csv_table *table = reading->table;

	for (size_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].len)
			reading_fail(reading, reading->row_line, (int64_t)i + 1, "a column without a name: give it one or remove it");
		for (size_t j = 0; j < i; j++)
			if (span_equal(table->columns[i], table->columns[j]))
				reading_fail(reading, reading->row_line, (int64_t)i + 1, "two columns have the name '%.*s': keep one",
					SPAN_SHOWN(table->columns[i]));
	}
}

static void row_add(struct reading *reading, struct span *fields)
{
	struct csv_table *table = reading->table;

	if (reading->field_count != table->column_count) {
		reading_fail(reading, reading->row_line, 0, "%zu fields where the first row has %zu: look for a comma too many or too few, and put text with a comma into quotes",
			reading->field_count, table->column_count);
		return;
	}
	if (table->row_count == reading->row_room) {
		reading->row_room = reading->row_room ? reading->row_room * 2 : 256;
		table->rows = must_realloc(table->rows, reading->row_room * sizeof *table->rows);
	}
	table->rows[table->row_count++] = (struct csv_row){.line = reading->row_line, .fields = fields};
}

static void row_end(int terminator, void *context)
{
	struct reading *reading = context;
	struct csv_table *table = reading->table;

	(void)terminator;
	struct span *fields = arena_alloc(table->arena, reading->field_count, sizeof *fields);
	if (reading->field_count)
		memcpy(fields, reading->fields, reading->field_count * sizeof *fields);
	if (table->columns) {
		row_add(reading, fields);
	} else {
		table->columns = fields;
		table->column_count = reading->field_count;
		columns_check(reading);
	}
	reading->field_count = 0;
}

static void line_check(struct reading *reading, struct span line)
{
	if (line.len && memchr(line.data, 0, line.len))
		reading_fail(reading, reading->line, 0, "a NUL byte: this is not a text file");
	else if (utf8_flaw(line) >= 0)
		reading_fail(reading, reading->line, 0, "not UTF-8: save the file as UTF-8");
}

static void line_feed(struct reading *reading, struct csv_parser *parser, struct span line)
{
	line_check(reading, line);
	if (reading->failed)
		return;
	if (csv_parse(parser, line.data, line.len, field_end, row_end, reading) != line.len)
		reading_fail(reading, reading->line, 0,
			"a quote in the wrong place: a field with quotes begins and ends with one and doubles those inside");
}

static void content_feed(struct reading *reading, struct csv_parser *parser, struct span content)
{
	bool inside = false; /* of a quoted field, across line ends */

	for (reading->line = 1; content.len && !reading->failed; reading->line++) {
		const char *end = memchr(content.data, '\n', content.len);
		struct span line = {content.data, end ? (size_t)(end - content.data) + 1 : content.len};
		if (!inside)
			reading->row_line = reading->line;
		for (size_t i = 0; i < line.len; i++)
			inside ^= line.data[i] == '"';
		line_feed(reading, parser, line);
		content = (struct span){content.data + line.len, content.len - line.len};
	}
	if (!reading->failed && csv_fini(parser, field_end, row_end, reading) != 0)
		reading_fail(reading, reading->row_line, 0, "a quote is opened in this row and never closed");
}

int csv_table_read(struct span content, struct csv_table *ret_table, struct csv_problem *ret_problem)
{
	struct reading reading = {.table = ret_table, .problem = ret_problem};
	struct csv_parser parser;

	*ret_table = (struct csv_table){.arena = arena_new()};
	*ret_problem = (struct csv_problem){0};
	if (content.len >= 3 && memcmp(content.data, "\xef\xbb\xbf", 3) == 0)
		content = (struct span){content.data + 3, content.len - 3};
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
		memory_out(sizeof parser);
	content_feed(&reading, &parser, content);
	csv_free(&parser);
	free(reading.fields);
	if (!reading.failed && !ret_table->columns)
		reading_fail(&reading, 1, 0, "no first row with the names of the columns");
	if (!reading.failed)
		return 0;
	csv_table_free(ret_table);
	return -1;
}

void csv_table_free(struct csv_table *table)
{
	arena_free(table->arena);
	free(table->rows);
	*table = (struct csv_table){0};
}

int csv_table_column(const struct csv_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (span_is(table->columns[i], name))
			return (int)i;
	return -1;
}
