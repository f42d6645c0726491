/* Codes as small numbers: 0 is the empty text, the others in the order in which they first came. */
#ifndef REEVE_REHEARSE_NAMES_H
#define REEVE_REHEARSE_NAMES_H

#include "base/span.h"

struct name_row;

struct names {
	struct name_row *rows; /* uthash */
	struct name_row **by_number;
	uint32_t count, room;
};

uint32_t names_add(struct names *names, struct span text);
struct span names_text(const struct names *names, uint32_t number);
/* Adds every name of `from`; returns an array by its numbers of the numbers here. Free it. */
uint32_t *names_take_all(struct names *names, const struct names *from);
void names_free(struct names *names);

#endif
