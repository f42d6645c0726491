/* Tables of results as rows of typed cells. Owns cells and texts; knows nothing of what they mean and computes nothing. */
#include "rehearse/sheet.h"

#include <assert.h>
#include <stdlib.h>

struct sheet *book_sheet(struct book *book, const char *key, const char *title, const char *note, const struct sheet_column *columns, size_t count,
	size_t rows_shown)
{
	assert(book->count < BOOK_SHEETS);
	struct sheet *sheet = &book->sheets[book->count++];

	*sheet = (struct sheet){.key = key, .title = title, .note = note, .columns = columns, .column_count = count, .rows_shown = rows_shown};
	return sheet;
}

void book_free(struct book *book)
{
	for (size_t i = 0; i < book->count; i++) {
		assert(book->sheets[i].cell_count % book->sheets[i].column_count == 0);
		free(book->sheets[i].cells);
	}
	buf_free(&book->texts);
	book->count = 0;
}

static void cell_add(struct sheet *sheet, struct cell cell)
{
	if (sheet->cell_count == sheet->cell_room) {
		sheet->cell_room = sheet->cell_room ? sheet->cell_room * 2 : 64;
		sheet->cells = must_realloc(sheet->cells, sheet->cell_room * sizeof *sheet->cells);
	}
	sheet->cells[sheet->cell_count++] = cell;
}

void cell_text(struct book *book, struct sheet *sheet, struct span text)
{
	struct cell cell = {.kind = CELL_TEXT, .text = book->texts.len, .text_len = text.len};

	buf_add_span(&book->texts, text);
	cell_add(sheet, cell);
}

void cell_number(struct sheet *sheet, enum cell_kind kind, int64_t number)
{
	cell_add(sheet, (struct cell){.kind = kind, .number = number});
}

void cell_real(struct sheet *sheet, enum cell_kind kind, double real)
{
	cell_add(sheet, (struct cell){.kind = kind, .real = real});
}

void cell_none(struct sheet *sheet)
{
	cell_add(sheet, (struct cell){.kind = CELL_NONE});
}

void cell_few(struct sheet *sheet, bool few)
{
	if (sheet->cell_count)
		sheet->cells[sheet->cell_count - 1].few = few;
}
