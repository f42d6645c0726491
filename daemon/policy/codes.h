/* Codes while a policy is compiled: text to index, and the nearest one to a text that is none. */
#ifndef REEVE_POLICY_CODES_H
#define REEVE_POLICY_CODES_H

#include "base/span.h"

struct code_row;

struct codes {
	struct code_row *rows; /* uthash, in the order they were added */
};

/* -1 when it is new (and now known by this index), else the index of the one that is there. Borrows the text. */
int codes_add(struct codes *codes, struct span code, int index);
/* -1: none. */
int codes_find(const struct codes *codes, struct span code);
/* The code most like the text; false when none is near enough to be meant. */
bool codes_near(const struct codes *codes, struct span text, struct span *ret_code);
void codes_free(struct codes *codes);

/* The same for a list of words that ends with NULL; NULL: none is near. */
const char *words_near(const char *const *words, struct span text);

#endif
