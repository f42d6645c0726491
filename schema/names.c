/* Words that travel by name on the wire and by number in the journal: commands, events, errors, states, kinds, outcomes,
 * clocks, tasks, roles. Everything is read from the .def tables; nothing is written here a second time. */
#include "schema/fields.h"

#include <stdio.h>
#include <string.h>

#define NAME_NUMBERS 128

struct name_row {
	const char *name;
	size_t len;
};
#define ROW(number, name) [number] = {#name, sizeof #name - 1},

static const struct name_row name_tables[TYPE_LIMIT - TYPE_FIRST_NAMED][NAME_NUMBERS] = {
	[TYPE_STATE - TYPE_FIRST_NAMED] = {
#define STATE(number, name, chinese, meaning) ROW(number, name)
#include "schema/names.def"
	},
	[TYPE_KIND - TYPE_FIRST_NAMED] = {
#define KIND(number, name, chinese, meaning) ROW(number, name)
#include "schema/names.def"
	},
	[TYPE_OUTCOME - TYPE_FIRST_NAMED] = {
#define OUTCOME(number, name, chinese, meaning) ROW(number, name)
#include "schema/names.def"
	},
	[TYPE_CLOCK - TYPE_FIRST_NAMED] = {
#define CLOCK(number, name, chinese, meaning) ROW(number, name)
#include "schema/names.def"
	},
	[TYPE_TASK - TYPE_FIRST_NAMED] = {
#define TASK(number, name, chinese, meaning) ROW(number, name)
#include "schema/names.def"
	},
	[TYPE_ROLE - TYPE_FIRST_NAMED] = {
#define ROLE(number, name, chinese, meaning) ROW(number, name)
#include "schema/names.def"
	},
	[TYPE_COMMAND - TYPE_FIRST_NAMED] = {
#define COMMAND(number, name, door, roles, fields, meaning) ROW(number, name)
#include "schema/commands.def"
	},
	[TYPE_EVENT - TYPE_FIRST_NAMED] = {
#define EVENT(number, name, fields, meaning) ROW(number, name)
#include "schema/events.def"
	},
	[TYPE_ERROR - TYPE_FIRST_NAMED] = {
#define ERROR(number, name, text) ROW(number, name)
#include "schema/errors.def"
	},
};

static const char *const error_texts[NAME_NUMBERS] = {
#define ERROR(number, name, text) [number] = text,
#include "schema/errors.def"
};

const char *names_name(enum field_type type, int number)
{
	if (number <= 0 || number >= NAME_NUMBERS)
		return NULL;
	return name_tables[type - TYPE_FIRST_NAMED][number].name;
}

int names_find(enum field_type type, struct span name)
{
	const struct name_row *rows = name_tables[type - TYPE_FIRST_NAMED];

	if (name.len == 0)
		return 0;
	for (int i = 1; i < NAME_NUMBERS; i++)
		if (rows[i].len == name.len && memcmp(rows[i].name, name.data, name.len) == 0)
			return i;
	return 0;
}

void names_list(enum field_type type, char *ret_text, size_t size)
{
	size_t at = 0;

	ret_text[0] = '\0';
	for (int i = 1; i < NAME_NUMBERS; i++) {
		const char *name = names_name(type, i);
		if (!name)
			continue;
		int len = snprintf(ret_text + at, size - at, "%s%s", at ? " " : "", name);
		if (len < 0 || (size_t)len >= size - at) {
			ret_text[at] = '\0';
			return;
		}
		at += (size_t)len;
	}
}

#define NAMED(prefix, type) \
	const char *prefix##_name(int number) { return names_name(type, number); } \
	int prefix##_find(struct span name) { return names_find(type, name); }

NAMED(command, TYPE_COMMAND)
NAMED(event, TYPE_EVENT)
NAMED(state, TYPE_STATE)
NAMED(kind, TYPE_KIND)
NAMED(outcome, TYPE_OUTCOME)
NAMED(clock, TYPE_CLOCK)
NAMED(task, TYPE_TASK)
NAMED(role, TYPE_ROLE)

const char *error_name(int number)
{
	return names_name(TYPE_ERROR, number);
}

const char *error_text(int number)
{
	return number > 0 && number < NAME_NUMBERS ? error_texts[number] : NULL;
}
