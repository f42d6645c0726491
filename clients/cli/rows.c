/* A CSV file as rows. Owns the file, libcsv's parser and the rows parsed but not yet asked for; home of libcsv and zlib in
 * the command line. zlib reads plain files as they are, so there is one path for both.
 *
 * Blanks around a cell belong to it (RFC 4180); blank lines are skipped; a quote that is never closed is a fault,
 * named with its row. Never looks at what a cell means. */
#include "clients/cli/rows.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#define CHUNK 65536
#define ROW_BYTES_MOST (16u << 20)

/* Cells of one or more rows: text, where each cell ends, how many cells each row has. */
struct cells {
	struct buf text;
	size_t *ends;
	size_t count, room;
};

struct rows {
	gzFile file;
	int64_t size;
	struct csv_parser parser;
	struct cells heading, current, *ready;
	size_t ready_count, ready_room, ready_at;
	struct cells growing;   /* the row being parsed */
	int64_t number;
	bool ended, begun;
	char error[256];
};

static void cells_end(struct cells *cells)
{
	if (cells->count == cells->room) {
		cells->room = cells->room ? cells->room * 2 : 32;
		cells->ends = must_realloc(cells->ends, cells->room * sizeof *cells->ends);
	}
	cells->ends[cells->count++] = cells->text.len;
}

static void cells_free(struct cells *cells)
{
	buf_free(&cells->text);
	free(cells->ends);
	*cells = (struct cells){0};
}

static struct span cells_at(const struct cells *cells, size_t index)
{
	if (index >= cells->count || !cells->text.data) /* no text at all: every cell is empty */
		return (struct span){"", 0};
	size_t begin = index ? cells->ends[index - 1] : 0;
	return (struct span){cells->text.data + begin, cells->ends[index] - begin};
}

static void cell_take(void *text, size_t len, void *context)
{
	struct rows *rows = context;

	buf_add(&rows->growing.text, text, len);
	cells_end(&rows->growing);
}

static void row_take(int end, void *context)
{
	struct rows *rows = context;

	(void)end;
	if (rows->ready_count == rows->ready_room) {
		rows->ready_room = rows->ready_room ? rows->ready_room * 2 : 64;
		rows->ready = must_realloc(rows->ready, rows->ready_room * sizeof *rows->ready);
	}
	rows->ready[rows->ready_count++] = rows->growing;
	rows->growing = (struct cells){0};
}

static int blank_is_text(unsigned char character)
{
	(void)character;
	return 0;
}

static int parse_fault(struct rows *rows)
{
	snprintf(rows->error, sizeof rows->error, "row %lld: %s: is a quote missing?",
		(long long)(rows->number + (int64_t)(rows->ready_count - rows->ready_at) + 1), csv_strerror(csv_error(&rows->parser)));
	return -1;
}

/* Parses until at least one row is ready. 1, 0 at the end, -1. */
static int rows_fill(struct rows *rows)
{
	unsigned char chunk[CHUNK];

	rows->ready_count = rows->ready_at = 0;
	while (rows->ready_count == 0 && !rows->ended) {
		int len = gzread(rows->file, chunk, CHUNK);
		unsigned char *at = chunk;
		if (len < 0) {
			int code;
			snprintf(rows->error, sizeof rows->error, "row %lld: %s", (long long)rows->number + 1, gzerror(rows->file, &code));
			return -1;
		}
		if (!rows->begun && len >= 3 && memcmp(chunk, "\xef\xbb\xbf", 3) == 0) {
			at += 3;
			len -= 3;
		}
		rows->begun = true;
		rows->ended = len == 0;
		if (csv_parse(&rows->parser, at, (size_t)len, cell_take, row_take, rows) != (size_t)len)
			return parse_fault(rows);
		if (rows->ended && csv_fini(&rows->parser, cell_take, row_take, rows) != 0)
			return parse_fault(rows);
		if (rows->growing.text.len > ROW_BYTES_MOST || rows->parser.entry_pos > ROW_BYTES_MOST) {
			snprintf(rows->error, sizeof rows->error, "row %lld is longer than 16 MiB: is a quote missing?", (long long)rows->number + 1);
			return -1;
		}
	}
	return rows->ready_count > 0;
}

static int cells_next(struct rows *rows, struct cells *ret_cells)
{
	int found = 1;

	if (rows->ready_at == rows->ready_count)
		found = rows_fill(rows);
	if (found == 1) {
		cells_free(ret_cells);
		*ret_cells = rows->ready[rows->ready_at++];
	}
	return found;
}

struct rows *rows_open(const char *path, char *error, size_t error_size)
{
	struct rows *rows = must_calloc(1, sizeof *rows);
	struct stat about;

	csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_space_func(&rows->parser, blank_is_text);
	rows->file = gzopen(path, "rb");
	if (!rows->file || stat(path, &about) != 0) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		rows_close(rows);
		return NULL;
	}
	rows->size = about.st_size;
	int found = cells_next(rows, &rows->heading);
	if (found == 1)
		return rows;
	snprintf(error, error_size, "%s: %s", path, found == 0 ? "empty: a heading is wanted in the first line" : rows->error);
	rows_close(rows);
	return NULL;
}

void rows_close(struct rows *rows)
{
	if (!rows)
		return;
	for (size_t i = rows->ready_at; i < rows->ready_count; i++)
		cells_free(&rows->ready[i]);
	free(rows->ready);
	cells_free(&rows->growing);
	cells_free(&rows->current);
	cells_free(&rows->heading);
	csv_free(&rows->parser);
	if (rows->file)
		gzclose(rows->file);
	free(rows);
}

int rows_column(const struct rows *rows, const char *heading)
{
	for (size_t i = 0; i < rows->heading.count; i++)
		if (span_is(cells_at(&rows->heading, i), heading))
			return (int)i;
	return -1;
}

int rows_next(struct rows *rows)
{
	int found = cells_next(rows, &rows->current);

	if (found == 1)
		rows->number++;
	return found;
}

struct span rows_cell(const struct rows *rows, int column)
{
	return cells_at(&rows->current, (size_t)column);
}

int64_t rows_number(const struct rows *rows)
{
	return rows->number;
}

const char *rows_error(const struct rows *rows)
{
	return rows->error;
}

void rows_progress(const struct rows *rows, int64_t *ret_read, int64_t *ret_size)
{
	*ret_read = gzoffset(rows->file);
	*ret_size = rows->size;
}
