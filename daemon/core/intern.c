/* Interned names. Owns the texts; a span it gives out lives as long as the table. Numbers depend only on the order in which
 * texts first came, so a replay gives the same ones. */
#include "core/intern.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include <uthash.h>

struct name_entry {
	UT_hash_handle hh;
	uint32_t number;
	uint32_t len;
	char text[];
};

uint32_t intern_find(const struct intern *names, struct span text)
{
	struct name_entry *found;

	if (!text.len)
		return 0;
	HASH_FIND(hh, names->by_text, text.data, text.len, found);
	return found ? found->number : 0;
}

uint32_t intern_add(struct intern *names, struct span text)
{
	uint32_t number = intern_find(names, text);

	if (number || !text.len)
		return number;
	if (names->count + 2 > names->room) {
		names->room = names->room ? names->room * 2 : 256;
		names->by_number = must_realloc(names->by_number, names->room * sizeof *names->by_number);
	}
	struct name_entry *made = must_calloc(1, sizeof *made + text.len + 1);
	memcpy(made->text, text.data, text.len);
	made->len = (uint32_t)text.len;
	made->number = ++names->count;
	names->by_number[made->number] = made;
	HASH_ADD_KEYPTR(hh, names->by_text, made->text, made->len, made);
	return made->number;
}

struct span intern_text(const struct intern *names, uint32_t number)
{
	if (!number || number > names->count)
		return (struct span){"", 0};
	return (struct span){names->by_number[number]->text, names->by_number[number]->len};
}

void intern_free(struct intern *names)
{
	struct name_entry *entry, *next;

	HASH_ITER(hh, names->by_text, entry, next) {
		HASH_DEL(names->by_text, entry);
		free(entry);
	}
	free(names->by_number);
	*names = (struct intern){0};
}
