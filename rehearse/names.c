/* Codes as numbers, for the tallies: each run has a table of its own, so that threads share nothing, and at the end they are
 * brought into one. Owns the texts. */
#include "rehearse/names.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct name_row {
	UT_hash_handle hh;
	uint32_t number;
	size_t len;
	char text[];
};

uint32_t names_add(struct names *names, struct span text)
{
	struct name_row *row;

	if (!text.len)
		return 0;
	HASH_FIND(hh, names->rows, text.data, text.len, row);
	if (row)
		return row->number;
	if (names->count + 2 > names->room) {
		names->room = names->room ? names->room * 2 : 256;
		names->by_number = must_realloc(names->by_number, names->room * sizeof *names->by_number);
	}
	row = must_calloc(1, sizeof *row + text.len + 1);
	memcpy(row->text, text.data, text.len);
	row->len = text.len;
	row->number = ++names->count;
	names->by_number[row->number] = row;
	HASH_ADD_KEYPTR(hh, names->rows, row->text, row->len, row);
	return row->number;
}

struct span names_text(const struct names *names, uint32_t number)
{
	if (!number || number > names->count)
		return span_of("");
	return (struct span){names->by_number[number]->text, names->by_number[number]->len};
}

uint32_t *names_take_all(struct names *names, const struct names *from)
{
	uint32_t *map = must_calloc(from->count + 1, sizeof *map);

	for (uint32_t i = 1; i <= from->count; i++)
		map[i] = names_add(names, names_text(from, i));
	return map;
}

void names_free(struct names *names)
{
	struct name_row *row, *next;

	HASH_ITER(hh, names->rows, row, next) {
		HASH_DEL(names->rows, row);
		free(row);
	}
	free(names->by_number);
	*names = (struct names){0};
}
