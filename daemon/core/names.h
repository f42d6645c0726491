/* Interned names: a small number per text, in order of first appearance. 0 is the empty text. Private to core. */
#ifndef REEVE_CORE_NAMES_H
#define REEVE_CORE_NAMES_H

#include "base/span.h"

struct name_entry;

struct names {
	struct name_entry *by_text; /* uthash */
	struct name_entry **by_number;
	uint32_t count; /* numbers given out; the next one is count + 1 */
	uint32_t room;
};

uint32_t names_add(struct names *names, struct span text);
uint32_t names_find(const struct names *names, struct span text);
struct span names_text(const struct names *names, uint32_t number);
void names_free(struct names *names);

#endif
