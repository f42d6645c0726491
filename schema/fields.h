/* The tables of fields.def and names.def in the form that reader and writer need. Internal to schema/. */
#ifndef REEVE_SCHEMA_FIELDS_H
#define REEVE_SCHEMA_FIELDS_H

#include "schema/codec.h"

enum field_type {
	TYPE_INT, TYPE_TIME, TYPE_CASE, TYPE_FLAG, TYPE_REAL, TYPE_TEXT, TYPE_BYTES, TYPE_LIST, TYPE_PRIVATE,
	/* named types: a table each, see names_find */
	TYPE_STATE, TYPE_KIND, TYPE_OUTCOME, TYPE_CLOCK, TYPE_TASK, TYPE_ROLE, TYPE_COMMAND, TYPE_EVENT, TYPE_ERROR,
	TYPE_LIMIT
};
#define TYPE_FIRST_NAMED TYPE_STATE
#define NAME_UNKNOWN 255 /* an error of a newer version, read leniently; it has no name */

struct field_info {
	struct span wire;
	int64_t limit;
	uint16_t number;
	uint16_t offset; /* in struct record */
	uint8_t type;
	uint8_t name_key_len;   /* the key as msgpack, by name */
	uint8_t number_key_len; /* the key as msgpack, by number */
	char number_key[4];
	char name_key[32];
};

extern struct field_info field_table[FIELD_COUNT];
/* Bits of the PRIVATE fields. */
extern uint64_t field_private[FIELD_WORDS];

bool field_find_number(uint64_t number, enum field *ret_field);
/* Names of one named type. */
const char *names_name(enum field_type type, int number);
int names_find(enum field_type type, struct span name);
/* The names a field of this type takes, joined by blanks, cut to fit. */
void names_list(enum field_type type, char *ret_text, size_t size);

#endif
