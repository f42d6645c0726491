/* Interned names: a small number per text, in order of first appearance. 0 is the empty text. Private to core. */
#ifndef REEVE_CORE_INTERN_H
#define REEVE_CORE_INTERN_H

#include "base/span.h"

struct name_entry;

struct intern {
	struct name_entry *by_text; /* uthash */
	struct name_entry **by_number;
	uint32_t count; /* numbers given out; the next one is count + 1 */
	uint32_t room;
};

uint32_t intern_add(struct intern *names, struct span text);
uint32_t intern_find(const struct intern *names, struct span text);
struct span intern_text(const struct intern *names, uint32_t number);
void intern_free(struct intern *names);

#endif
