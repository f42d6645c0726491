/* Tables for people. Owns the cells until they are printed; never asks where they come from and never sorts.
 *
 * Widths follow Unicode's East Asian Width by way of utf8proc (wide 2, combining 0, ambiguous 1). Control characters
 * must not reach a terminal: they become blanks when a cell is added. Invariant: every cell but the last of a row
 * is padded to its column's width, so the columns line up in any script. */
#include "clients/cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define GAP 2 /* blanks between columns */

struct table {
	const struct table_column *columns;
	size_t count;
	struct buf text;   /* all cells, one after the other */
	size_t *ends;      /* where each cell ends in text */
	size_t cells, room;
};

/* The character at the front: its bytes and its places. Never 0 bytes. */
static size_t character_read(struct span text, size_t *ret_places)
{
	utf8proc_int32_t code;
	utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len, &code);

	if (len <= 0) {
		*ret_places = 1;
		return 1;
	}
	int places = utf8proc_charwidth(code);
	*ret_places = places < 0 ? 0 : (size_t)places;
	return (size_t)len;
}

size_t text_fit(struct span text, size_t places)
{
	size_t at = 0, used = 0, one;

	while (at < text.len) {
		size_t len = character_read((struct span){text.data + at, text.len - at}, &one);
		if (used + one > places)
			break;
		used += one;
		at += len;
	}
	return at;
}

size_t text_width(struct span text)
{
	size_t at = 0, used = 0, one;

	while (at < text.len) {
		at += character_read((struct span){text.data + at, text.len - at}, &one);
		used += one;
	}
	return used;
}

struct table *table_new(const struct table_column *columns, size_t count)
{
	struct table *table = must_calloc(1, sizeof *table);

	table->columns = columns;
	table->count = count;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	buf_free(&table->text);
	free(table->ends);
	free(table);
}

static void cell_end(struct table *table)
{
	if (table->cells == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->ends = must_realloc(table->ends, table->room * sizeof *table->ends);
	}
	table->ends[table->cells++] = table->text.len;
}

void table_add(struct table *table, struct span text)
{
	const struct table_column *column = &table->columns[table->cells % table->count];
	size_t begin = table->text.len;

	buf_add_span(&table->text, text);
	for (size_t i = begin; i < table->text.len; i++)
		if ((unsigned char)table->text.data[i] < 0x20 || table->text.data[i] == 0x7f)
			table->text.data[i] = ' ';
	struct span cell = {table->text.data + begin, text.len};
	if (column->most && text_width(cell) > column->most) {
		table->text.len = begin + text_fit(cell, column->most - 1);
		buf_add_text(&table->text, "…");
	}
	cell_end(table);
}

void table_add_text(struct table *table, const char *text)
{
	table_add(table, span_of(text));
}

void table_add_number(struct table *table, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)number);
	table_add_text(table, text);
}

static struct span cell_at(const struct table *table, size_t index)
{
	size_t begin = index ? table->ends[index - 1] : 0;

	return (struct span){table->text.data + begin, table->ends[index] - begin};
}

static void blanks(FILE *out, size_t count)
{
	while (count--)
		fputc(' ', out);
}

static void cell_print(FILE *out, struct span text, const struct table_column *column, size_t width, bool last)
{
	size_t pad = width - text_width(text);

	if (column->right)
		blanks(out, pad);
	fwrite(text.data, 1, text.len, out);
	if (!last)
		blanks(out, (column->right ? 0 : pad) + GAP);
}

static void widths_measure(const struct table *table, size_t *widths)
{
	for (size_t i = 0; i < table->count; i++)
		widths[i] = text_width(span_of(table->columns[i].heading));
	for (size_t i = 0; i < table->cells; i++) {
		size_t width = text_width(cell_at(table, i));
		if (width > widths[i % table->count])
			widths[i % table->count] = width;
	}
}

void table_print(const struct table *table, FILE *out, bool color)
{
	size_t *widths = must_calloc(table->count, sizeof *widths);

	widths_measure(table, widths);
	if (color)
		fputs("\033[1m", out);
	for (size_t i = 0; i < table->count; i++)
		cell_print(out, span_of(table->columns[i].heading), &table->columns[i], widths[i], i + 1 == table->count);
	fputs(color ? "\033[0m\n" : "\n", out);
	for (size_t i = 0; i < table->cells; i++) {
		size_t column = i % table->count;
		bool last = column + 1 == table->count;
		cell_print(out, cell_at(table, i), &table->columns[column], widths[column], last);
		if (last)
			fputc('\n', out);
	}
	free(widths);
}
