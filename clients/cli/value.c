/* One field from text and to text. One function per type of schema/fields.def; which field has which type and limit is
 * read from that table, so a new field needs nothing here.
 *
 * The daemon checks everything again and has the last word; checks here are those that let a person see the mistake
 * before anything is sent. Never writes PRIVATE fields to tables: only `contact` shows them, and asks for them by name. */
#include "clients/cli/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/case_number.h"
#include "clients/cli/moment.h"
#include "schema/codec.h"
#include "schema/text.h"

struct reading {
	struct span text;
	const char *zone;
	double limit;
	char *wrong;
	size_t wrong_size;
};

#define WRONG(in, ...) (snprintf((in)->wrong, (in)->wrong_size, __VA_ARGS__), false)

static bool number_copy(const struct reading *in, char copy[40])
{
	if (in->text.len == 0 || in->text.len >= 40)
		return false;
	memcpy(copy, in->text.data, in->text.len);
	copy[in->text.len] = 0;
	return true;
}

static bool read_INT(const struct reading *in, int64_t *ret)
{
	char copy[40], *end;

	if (!number_copy(in, copy))
		return WRONG(in, "a whole number is wanted");
	errno = 0;
	long long number = strtoll(copy, &end, 10);
	if (errno || *end || number < 0 || (double)number > in->limit)
		return WRONG(in, "a whole number from 0 to %.0f is wanted", in->limit);
	*ret = number;
	return true;
}

static bool read_REAL(const struct reading *in, double *ret)
{
	char copy[40], *end;

	if (!number_copy(in, copy))
		return WRONG(in, "a number is wanted");
	double number = strtod(copy, &end);
	if (*end || !(number >= -in->limit && number <= in->limit))
		return WRONG(in, "a number from %g to %g is wanted", -in->limit, in->limit);
	*ret = number;
	return true;
}

static bool read_TIME(const struct reading *in, int64_t *ret)
{
	if (!moment_read(in->text, in->zone, ret))
		return WRONG(in, "a time like 2011-07-01T08:30:15, with an offset or in the zone, now or -2h is wanted");
	return true;
}

static bool read_FLAG(const struct reading *in, bool *ret)
{
	static const char *const yes[] = {"true", "yes", "1", "on"}, *const no[] = {"false", "no", "0", "off"};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		if (span_is(in->text, yes[i]) || span_is(in->text, no[i])) {
			*ret = span_is(in->text, yes[i]);
			return true;
		}
	}
	return WRONG(in, "true or false is wanted");
}

static bool read_TEXT(const struct reading *in, struct span *ret)
{
	if ((double)in->text.len > in->limit)
		return WRONG(in, "longer than the %.0f bytes that this field takes", in->limit);
	if (!text_is_clean(in->text))
		return WRONG(in, "not valid UTF-8, or it holds control characters");
	*ret = in->text;
	return true;
}

static bool read_PRIVATE(const struct reading *in, struct span *ret) { return read_TEXT(in, ret); }
static bool read_BYTES(const struct reading *in, struct span *ret) { (void)ret; return WRONG(in, "bytes cannot be given as text"); }
static bool read_LIST(const struct reading *in, struct span *ret) { (void)ret; return WRONG(in, "a list cannot be given as text"); }

static bool read_CASE(const struct reading *in, int64_t *ret)
{
	if (!case_number_read(in->text, ret))
		return WRONG(in, "not a case number, or its check digit does not match: a digit is wrong or two are swapped");
	return true;
}

static bool read_name(const struct reading *in, int (*find)(struct span), const char *(*name)(int), uint8_t *ret)
{
	int found = find(in->text);
	int used = snprintf(in->wrong, in->wrong_size, "one of these is wanted:");

	if (found > 0) {
		*ret = (uint8_t)found;
		return true;
	}
	for (int i = 1; i < 64 && used > 0 && (size_t)used < in->wrong_size; i++)
		if (name(i))
			used += snprintf(in->wrong + used, in->wrong_size - (size_t)used, " %s", name(i));
	return false;
}

static bool read_STATE(const struct reading *in, uint8_t *ret) { return read_name(in, state_find, state_name, ret); }
static bool read_KIND(const struct reading *in, uint8_t *ret) { return read_name(in, kind_find, kind_name, ret); }
static bool read_OUTCOME(const struct reading *in, uint8_t *ret) { return read_name(in, outcome_find, outcome_name, ret); }
static bool read_CLOCK(const struct reading *in, uint8_t *ret) { return read_name(in, clock_find, clock_name, ret); }
static bool read_TASK(const struct reading *in, uint8_t *ret) { return read_name(in, task_find, task_name, ret); }
static bool read_ROLE(const struct reading *in, uint8_t *ret) { return read_name(in, role_find, role_name, ret); }
static bool read_COMMAND(const struct reading *in, uint8_t *ret) { return read_name(in, command_find, command_name, ret); }
static bool read_EVENT(const struct reading *in, uint8_t *ret) { return read_name(in, event_find, event_name, ret); }
static bool read_ERROR(const struct reading *in, uint8_t *ret) { (void)ret; return WRONG(in, "an error cannot be given"); }

bool value_read(struct record *record, enum field field, struct span text, const char *zone, char *wrong, size_t wrong_size)
{
	struct reading in = {.text = text, .zone = zone, .wrong = wrong, .wrong_size = wrong_size};
	bool good = false;

	switch (field) {
#define FIELD(number, member, wire, type, most, meaning) \
	case FIELD_##member: \
		in.limit = (double)(most); \
		good = read_##type(&in, &record->member); \
		break;
#include "schema/fields.def"
	case FIELD_COUNT:
		break;
	}
	if (good)
		record_mark(record, field);
	return good;
}

bool value_settable(enum field field)
{
	const char *type = field_type_name(field);

	return strcmp(type, "LIST") != 0 && strcmp(type, "BYTES") != 0 && strcmp(type, "ERROR") != 0;
}

static void write_name(struct buf *buf, const char *name, int number)
{
	if (name)
		buf_add_text(buf, name);
	else
		buf_printf(buf, "%d", number);
}

static void write_TIME(struct buf *buf, int64_t ms, const char *zone)
{
	char text[MOMENT_TEXT];

	moment_write(ms, zone, text);
	buf_add_text(buf, text);
}

static void write_CASE(struct buf *buf, int64_t number, const char *zone)
{
	char text[CASE_NUMBER_TEXT];

	(void)zone;
	case_number_write(number, text);
	buf_add_text(buf, text);
}

static void write_BYTES(struct buf *buf, struct span bytes, const char *zone)
{
	(void)zone;
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(buf, "%02x", (unsigned char)bytes.data[i]);
}

#define WRITE(type, argument, statement) static void write_##type(struct buf *buf, argument, const char *zone) { (void)zone; statement; }
WRITE(INT, int64_t number, buf_printf(buf, "%" PRId64, number))
WRITE(REAL, double number, buf_printf(buf, "%.6g", number))
WRITE(FLAG, bool flag, buf_add_text(buf, flag ? "yes" : "no"))
WRITE(TEXT, struct span text, buf_add_span(buf, text))
WRITE(PRIVATE, struct span text, buf_add_span(buf, text))
WRITE(LIST, struct span list, buf_printf(buf, "%s", list.len ? "[...]" : ""))
WRITE(STATE, uint8_t number, write_name(buf, state_name(number), number))
WRITE(KIND, uint8_t number, write_name(buf, kind_name(number), number))
WRITE(OUTCOME, uint8_t number, write_name(buf, outcome_name(number), number))
WRITE(CLOCK, uint8_t number, write_name(buf, clock_name(number), number))
WRITE(TASK, uint8_t number, write_name(buf, task_name(number), number))
WRITE(ROLE, uint8_t number, write_name(buf, role_name(number), number))
WRITE(COMMAND, uint8_t number, write_name(buf, command_name(number), number))
WRITE(EVENT, uint8_t number, write_name(buf, event_name(number), number))
WRITE(ERROR, uint8_t number, write_name(buf, error_name(number), number))

void value_write(struct buf *buf, const struct record *record, enum field field, const char *zone)
{
	if (field == FIELD_COUNT || !record_holds(record, field))
		return;
	switch (field) {
#define FIELD(number, member, wire, type, limit, meaning) \
	case FIELD_##member: \
		write_##type(buf, record->member, zone); \
		break;
#include "schema/fields.def"
	case FIELD_COUNT:
		break;
	}
}
