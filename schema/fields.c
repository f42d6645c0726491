/* The fields by name and by number, read from fields.def before main begins.
 *
 * Invariants: wire names and numbers are each unique and numbers are below FIELD_NUMBERS (checked at start: a table that
 * breaks them ends the process at once). Nothing here changes after start, so every thread may read it. */
#include "schema/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_NUMBERS 1024
#define FIELD_SLOTS 1024 /* open addressing; a power of two, at least four times the fields */

_Static_assert(FIELD_COUNT * 4 <= FIELD_SLOTS, "make FIELD_SLOTS larger");

struct field_info field_table[FIELD_COUNT] = {
#define FIELD(number_, member_, wire_, type_, limit_, meaning_) \
	[FIELD_##member_] = {.wire = {wire_, sizeof wire_ - 1}, .limit = (limit_), .number = (number_), \
		.offset = offsetof(struct record, member_), .type = TYPE_##type_},
#include "schema/fields.def"
};
uint64_t field_private[FIELD_WORDS];

/* index + 1; 0 is free */
static uint16_t field_slots[FIELD_SLOTS];
static uint16_t field_numbers[FIELD_NUMBERS];

/* Length, ends and middle tell the names apart well enough; a multiplication spreads them. */
static inline unsigned name_slot(struct span name)
{
	const unsigned char *bytes = (const unsigned char *)name.data;
	uint64_t mixed = bytes[0] | (uint64_t)bytes[name.len - 1] << 8 | (uint64_t)bytes[name.len / 2] << 16 |
		(uint64_t)bytes[name.len / 3] << 24 | (uint64_t)name.len << 32;

	return (unsigned)(mixed * 0x9e3779b97f4a7c15u >> 40) % FIELD_SLOTS;
}

static void table_broken(const struct field_info *info)
{
	fprintf(stderr, "level=error msg=\"schema/fields.def: name or number stands twice or is too large\" field=%s\n", info->wire.data);
	abort();
}

static void field_keys(struct field_info *info)
{
	if (info->wire.len == 0 || info->wire.len > 31 || info->number == 0 || info->number >= FIELD_NUMBERS)
		table_broken(info);
	info->name_key[0] = (char)(0xa0 | info->wire.len);
	memcpy(info->name_key + 1, info->wire.data, info->wire.len);
	info->name_key_len = (uint8_t)(info->wire.len + 1);
	if (info->number < 0x80) {
		info->number_key[0] = (char)info->number;
		info->number_key_len = 1;
	} else if (info->number < 0x100) {
		memcpy(info->number_key, (char[]){(char)0xcc, (char)info->number}, 2);
		info->number_key_len = 2;
	} else {
		memcpy(info->number_key, (char[]){(char)0xcd, (char)(info->number >> 8), (char)info->number}, 3);
		info->number_key_len = 3;
	}
}

__attribute__((constructor)) static void fields_index(void)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		struct field_info *info = &field_table[i];
		enum field seen;

		field_keys(info);
		if (field_find(info->wire, &seen) || field_numbers[info->number])
			table_broken(info);
		field_numbers[info->number] = (uint16_t)(i + 1);
		unsigned slot = name_slot(info->wire);
		while (field_slots[slot])
			slot = (slot + 1) % FIELD_SLOTS;
		field_slots[slot] = (uint16_t)(i + 1);
		if (info->type == TYPE_PRIVATE)
			field_private[i / 64] |= 1ull << (i % 64);
	}
}

bool field_find(struct span wire_name, enum field *ret_field)
{
	if (wire_name.len == 0)
		return false;
	for (unsigned slot = name_slot(wire_name); field_slots[slot]; slot = (slot + 1) % FIELD_SLOTS) {
		const struct field_info *info = &field_table[field_slots[slot] - 1];
		if (info->wire.len == wire_name.len && memcmp(info->wire.data, wire_name.data, wire_name.len) == 0) {
			*ret_field = (enum field)(field_slots[slot] - 1);
			return true;
		}
	}
	return false;
}

bool field_find_number(uint64_t number, enum field *ret_field)
{
	if (number >= FIELD_NUMBERS || !field_numbers[number])
		return false;
	*ret_field = (enum field)(field_numbers[number] - 1);
	return true;
}

const char *field_name(enum field field)
{
	return (unsigned)field < FIELD_COUNT ? field_table[field].wire.data : NULL;
}

const char *field_type_name(enum field field)
{
	static const char *const names[TYPE_LIMIT] = {
		"INT", "TIME", "CASE", "FLAG", "REAL", "TEXT", "BYTES", "LIST", "PRIVATE",
		"STATE", "KIND", "OUTCOME", "CLOCK", "TASK", "ROLE", "COMMAND", "EVENT", "ERROR",
	};

	return (unsigned)field < FIELD_COUNT ? names[field_table[field].type] : NULL;
}
