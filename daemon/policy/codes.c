/* Codes by hash, and "did you mean". Owns its rows, borrows every text.
 * Invariant: a code keeps the index it was first added with. Looking for a near one is slow (every code is compared),
 * so it is bounded by CODES_COMPARED_MOST and only asked for when something is wrong already. */
#include "policy/codes.h"

#include <stdlib.h>

#include "policy/words.h"

#define uthash_malloc(size) must_calloc(1, (size))
#define uthash_free(pointer, size) free(pointer)
#include "base/memory.h"
#include <uthash.h>

#define CODES_COMPARED_MOST 5000

struct code_row {
	UT_hash_handle hh;
	struct span code;
	int index;
};

static struct code_row *row_find(const struct codes *codes, struct span code)
{
	struct code_row *row = NULL;

	if (code.len)
		HASH_FIND(hh, codes->rows, code.data, code.len, row);
	return row;
}

int codes_add(struct codes *codes, struct span code, int index)
{
	struct code_row *row = row_find(codes, code);

	if (row)
		return row->index;
	if (!code.len)
		return -1;
	row = must_calloc(1, sizeof *row);
	row->code = code;
	row->index = index;
	HASH_ADD_KEYPTR(hh, codes->rows, row->code.data, row->code.len, row);
	return -1;
}

int codes_find(const struct codes *codes, struct span code)
{
	const struct code_row *row = row_find(codes, code);

	return row ? row->index : -1;
}

/* How far a word may be off to be meant: a third of its letters, at most three. */
static size_t reach(struct span text)
{
	return text.len < 3 ? 1 : text.len < 10 ? text.len / 3 : 3;
}

bool codes_near(const struct codes *codes, struct span text, struct span *ret_code)
{
	size_t best = reach(text) + 1, compared = 0;

	for (const struct code_row *row = codes->rows; row && compared++ < CODES_COMPARED_MOST; row = row->hh.next) {
		size_t distance = words_distance(row->code, text, best - 1);
		if (distance < best) {
			best = distance;
			*ret_code = row->code;
			if (best <= 1)
				break;
		}
	}
	return best <= reach(text);
}

const char *words_near(const char *const *words, struct span text)
{
	size_t best = reach(text) + 1;
	const char *near = NULL;

	for (; *words; words++) {
		size_t distance = words_distance(span_of(*words), text, best - 1);
		if (distance < best) {
			best = distance;
			near = *words;
		}
	}
	return near;
}

void codes_free(struct codes *codes)
{
	struct code_row *row, *next;

	HASH_ITER(hh, codes->rows, row, next) {
		HASH_DEL(codes->rows, row);
		free(row);
	}
}
