/* One shape for commands, events, replies and tasks: the fields of schema/fields.def, each there or not.
 *
 * Text and bytes are borrowed: they live as long as the frame or the page they came from. A record is about 2 KB and
 * is meant to be reused; record_clear is cheap (only the presence bits). Read a field only if record_has says so:
 * record_get_* return a default instead. */
#ifndef REEVE_CORE_RECORD_H
#define REEVE_CORE_RECORD_H

#include <string.h>

#include "base/span.h"

/* enum field: FIELD_command, FIELD_request, ... densely from 0; the wire number is in the codec's table. */
enum field {
#define FIELD(number, member, wire, type, limit, meaning) FIELD_##member,
#include "schema/fields.def"
	FIELD_COUNT
};

enum command_kind {
	COMMAND_none = 0,
#define NEEDS(member)
#define TAKES(member)
#define R(role)
#define COMMAND(number, name, door, roles, fields, meaning) COMMAND_##name = number,
#include "schema/commands.def"
#undef NEEDS
#undef TAKES
#undef R
};

enum event_kind {
	EVENT_none = 0,
#define HAS(member)
#define MAY(member)
#define EVENT(number, name, fields, meaning) EVENT_##name = number,
#include "schema/events.def"
#undef HAS
#undef MAY
	EVENT_LIMIT = 128 /* event numbers stay below */
};

enum error_kind {
	ERROR_none = 0,
#define ERROR(number, name, text) ERROR_##name = number,
#include "schema/errors.def"
};

enum state_kind {
	STATE_none = 0,
#define STATE(number, name, chinese, meaning) STATE_##name = number,
#include "schema/names.def"
	STATE_LIMIT
};
enum report_kind {
	KIND_none = 0,
#define KIND(number, name, chinese, meaning) KIND_##name = number,
#include "schema/names.def"
};
enum outcome_kind {
	OUTCOME_none = 0,
#define OUTCOME(number, name, chinese, meaning) OUTCOME_##name = number,
#include "schema/names.def"
};
enum clock_kind {
	CLOCK_none = 0,
#define CLOCK(number, name, chinese, meaning) CLOCK_##name = number,
#include "schema/names.def"
	CLOCK_LIMIT
};
enum task_kind {
	TASK_none = 0,
#define TASK(number, name, chinese, meaning) TASK_##name = number,
#include "schema/names.def"
	TASK_LIMIT
};
enum role_kind {
	ROLE_none = 0,
#define ROLE(number, name, chinese, meaning) ROLE_##name = number,
#include "schema/names.def"
	ROLE_LIMIT
};
/* Roles are held as a set of bits. */
#define ROLE_BIT(name) (1u << ROLE_##name)

#define FIELD_C_INT int64_t
#define FIELD_C_TIME int64_t
#define FIELD_C_CASE int64_t
#define FIELD_C_FLAG bool
#define FIELD_C_REAL double
#define FIELD_C_TEXT struct span
#define FIELD_C_BYTES struct span
#define FIELD_C_PRIVATE struct span
#define FIELD_C_LIST struct span /* the encoded array, read with codec_list_* */
#define FIELD_C_STATE uint8_t
#define FIELD_C_KIND uint8_t
#define FIELD_C_OUTCOME uint8_t
#define FIELD_C_CLOCK uint8_t
#define FIELD_C_TASK uint8_t
#define FIELD_C_ROLE uint8_t
#define FIELD_C_COMMAND uint8_t
#define FIELD_C_EVENT uint8_t
#define FIELD_C_ERROR uint8_t

#define FIELD_WORDS ((FIELD_COUNT + 63) / 64)

struct record {
	uint64_t present[FIELD_WORDS];
#define FIELD(number, member, wire, type, limit, meaning) FIELD_C_##type member;
#include "schema/fields.def"
};

static inline void record_clear(struct record *record)
{
	memset(record->present, 0, sizeof record->present);
}
static inline void record_mark(struct record *record, enum field field)
{
	record->present[field / 64] |= 1ull << (field % 64);
}
static inline void record_drop(struct record *record, enum field field)
{
	record->present[field / 64] &= ~(1ull << (field % 64));
}
static inline bool record_holds(const struct record *record, enum field field)
{
	return record->present[field / 64] >> (field % 64) & 1;
}
/* record_has(r, category); record_set(r, urgency, 2); record_get(r, urgency, 3) reads with a default. */
#define record_has(record, member) record_holds((record), FIELD_##member)
#define record_set(record, member, new_value) \
	((record)->member = (new_value), record_mark((record), FIELD_##member))
#define record_get(record, member, otherwise) (record_has(record, member) ? (record)->member : (otherwise))
/* Copies one field, presence included. */
#define record_copy(to, from, field_member) \
	(record_has(from, field_member) ? (void)record_set(to, field_member, (from)->field_member) : (void)0)

#endif
