/* What each command needs and takes, who may ask and at which door: commands.def as tables of bits.
 *
 * Only the shape is judged here: which fields there are. Whether the values make sense together is decided in core. The
 * tables are filled before main begins and never change. */
#include "schema/fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COMMAND_NUMBERS 128

struct command_shape {
	bool known;
	enum door door;
	unsigned roles;
	uint64_t needs[FIELD_WORDS];
	uint64_t takes[FIELD_WORDS];
};

static struct command_shape shapes[COMMAND_NUMBERS];

static inline void bit_set(uint64_t *bits, enum field field)
{
	bits[field / 64] |= 1ull << (field % 64);
}

#define DOOR_service DOOR_SERVICE
#define DOOR_work DOOR_WORK
#define DOOR_inside DOOR_INSIDE
#define NEEDS(member) bit_set(shape->needs, FIELD_##member);
#define TAKES(member) bit_set(shape->takes, FIELD_##member);
#define R(role) ROLE_BIT(role)

__attribute__((constructor)) static void shapes_fill(void)
{
	struct command_shape *shape;

#define COMMAND(number, name, door_, roles_, fields, meaning) \
	shape = &shapes[number]; \
	shape->known = true; \
	shape->door = DOOR_##door_; \
	shape->roles = (roles_); \
	fields
#include "schema/commands.def"
	for (size_t i = 0; i < COMMAND_NUMBERS; i++) {
		shape = &shapes[i];
		TAKES(command) TAKES(request) TAKES(actor) TAKES(at)
		for (size_t word = 0; word < FIELD_WORDS; word++)
			shape->takes[word] |= shape->needs[word];
	}
}

static const struct command_shape *shape_of(int command)
{
	return command > 0 && command < COMMAND_NUMBERS && shapes[command].known ? &shapes[command] : NULL;
}

unsigned command_roles(enum command_kind command)
{
	const struct command_shape *shape = shape_of((int)command);

	return shape ? shape->roles : 0;
}

enum door command_door(enum command_kind command)
{
	const struct command_shape *shape = shape_of((int)command);

	return shape ? shape->door : DOOR_INSIDE;
}

__attribute__((format(printf, 4, 5))) static int shape_fail(struct flaw *flaw, enum error_kind error, enum field field, const char *format, ...)
{
	va_list args;

	if (!flaw)
		return error;
	*flaw = (struct flaw){.error = error, .field = field};
	snprintf(flaw->name, sizeof flaw->name, "%s", field_name(field));
	va_start(args, format);
	vsnprintf(flaw->detail, sizeof flaw->detail, format, args);
	va_end(args);
	return error;
}

/* The first field in the order of fields.def, -1: none. */
static int first_field(const uint64_t bits[FIELD_WORDS])
{
	for (size_t word = 0; word < FIELD_WORDS; word++)
		if (bits[word])
			return (int)(word * 64 + (size_t)__builtin_ctzll(bits[word]));
	return -1;
}

/* A text that is needed must say something. */
static bool field_is_empty(const struct record *record, enum field field)
{
	if (field_table[field].type != TYPE_TEXT)
		return false;
	const struct span *text = (const struct span *)(const void *)((const char *)record + field_table[field].offset);
	return text->len == 0;
}

int codec_check_command(const struct record *record, struct flaw *ret_flaw)
{
	const struct command_shape *shape;
	uint64_t bits[FIELD_WORDS];

	if (!record_has(record, command))
		return shape_fail(ret_flaw, ERROR_missing_field, FIELD_command, "a request names its command");
	shape = shape_of(record->command);
	if (!shape)
		return shape_fail(ret_flaw, ERROR_unknown_command, FIELD_command, "no command has the number %d", record->command);
	for (size_t word = 0; word < FIELD_WORDS; word++)
		bits[word] = record->present[word] & ~shape->takes[word];
	if (first_field(bits) >= 0)
		return shape_fail(ret_flaw, ERROR_unexpected_field, (enum field)first_field(bits), "%s does not take it", command_name(record->command));
	for (size_t word = 0; word < FIELD_WORDS; word++) {
		bits[word] = shape->needs[word] & ~record->present[word];
		for (uint64_t needs = shape->needs[word] & record->present[word]; needs; needs &= needs - 1) {
			size_t field = word * 64 + (size_t)__builtin_ctzll(needs);
			bits[word] |= field_is_empty(record, (enum field)field) ? 1ull << (field % 64) : 0;
		}
	}
	if (first_field(bits) >= 0)
		return shape_fail(ret_flaw, ERROR_missing_field, (enum field)first_field(bits), "%s needs it, and not empty", command_name(record->command));
	return 0;
}
