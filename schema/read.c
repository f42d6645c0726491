/* The reader: one map of a scanned frame into a record.
 *
 * Two ways to read. Strict is the wire: everything is checked and everything unknown is refused. Lenient is for what Reeve
 * itself wrote, perhaps a newer one: unknown fields and unknown names are skipped and limits are not applied, because a
 * record that was accepted once must stay readable. Case numbers: text always carries the check digit; an integer carries it
 * too, unless (lenient only) its key is a number: that is the journal's form, the bare number. Inside of a list a case
 * number on the wire must be text, so that no integer can be taken for the other form later.
 *
 * Invariants: no allocation; never reads outside of the map even if nobody scanned it; after the first flaw it goes on, so
 * that request and command are known to whoever answers; a flaw never holds a value of a PRIVATE field. */
#include "schema/fields.h"
#include "schema/instant.h"
#include "schema/text.h"
#include "schema/token.h"

#include "base/case_number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define LIST_DEPTH_MOST 4

struct reader {
	struct flaw *flaw;
	bool lenient;
	bool by_number;  /* the key at hand is a number */
	unsigned depth;  /* lists around the map */
	const char *list; /* wire name of the innermost one, NULL outside */
};

static const char *token_word(const struct token *token)
{
	static const char *const words[] = {
		[TOKEN_NIL] = "nil", [TOKEN_FLAG] = "true or false", [TOKEN_WHOLE] = "an integer", [TOKEN_NEGATIVE] = "a negative integer",
		[TOKEN_REAL] = "a float", [TOKEN_TEXT] = "text", [TOKEN_BYTES] = "bytes", [TOKEN_ARRAY] = "an array", [TOKEN_MAP] = "a map",
		[TOKEN_EXTENSION] = "an extension", [TOKEN_UNKNOWN] = "no value", [TOKEN_CUT] = "cut off",
	};

	return words[token->type];
}

/* Notes the first flaw; later ones change nothing. */
__attribute__((format(printf, 5, 6))) static void flaw_set(struct reader *reader, enum error_kind error, enum field field, struct span name,
	const char *format, ...)
{
	struct flaw *flaw = reader->flaw;
	char tame[sizeof flaw->name];
	va_list args;

	if (flaw->error)
		return;
	flaw->error = error;
	flaw->field = field;
	text_tame(name, tame, sizeof tame);
	if (reader->list)
		snprintf(flaw->name, sizeof flaw->name, "%.30s%s%.32s", reader->list, tame[0] ? "." : "", tame);
	else
		memcpy(flaw->name, tame, sizeof tame);
	text_tame(span_of(flaw->name), tame, sizeof tame); /* the cut may have split a character */
	memcpy(flaw->name, tame, sizeof tame);
	va_start(args, format);
	vsnprintf(flaw->detail, sizeof flaw->detail, format, args);
	va_end(args);
}

#define flaw_field(reader, error, field, ...) flaw_set(reader, error, field, field_table[field].wire, __VA_ARGS__)

/* Past values that are not wanted. Bytes that nobody scanned may end here: then nothing is left to read. */
static bool skip(struct reader *reader, struct span *rest, uint64_t values)
{
	if (token_skip(rest, values))
		return true;
	*rest = (struct span){0};
	flaw_set(reader, ERROR_truncated, FIELD_COUNT, (struct span){0}, "the map ends inside of a value");
	return false;
}

static bool fail_type(struct reader *reader, enum field field, const struct token *token, const char *wanted)
{
	flaw_field(reader, ERROR_wrong_type, field, "takes %s, got %s", wanted, token_word(token));
	return false;
}

static bool read_int(struct reader *reader, enum field field, const struct token *token, void *place)
{
	int64_t limit = reader->lenient ? INT64_MAX : field_table[field].limit;

	if (token->type != TOKEN_WHOLE && token->type != TOKEN_NEGATIVE)
		return fail_type(reader, field, token, "an integer");
	if (token->type == TOKEN_NEGATIVE || token->whole > (uint64_t)limit) {
		flaw_field(reader, ERROR_out_of_range, field, "takes 0 to %lld", (long long)limit);
		return false;
	}
	*(int64_t *)place = (int64_t)token->whole;
	return true;
}

static bool read_time(struct reader *reader, enum field field, const struct token *token, void *place)
{
	int64_t ms = 0;

	if (token->type == TOKEN_TEXT) {
		if (!instant_read(token->bytes, &ms)) {
			flaw_field(reader, ERROR_out_of_range, field, "is no RFC 3339 time, like 2011-07-01T05:32:33Z");
			return false;
		}
	} else if (token->type == TOKEN_NEGATIVE) {
		ms = token->negative;
	} else if (token->type == TOKEN_WHOLE) {
		ms = token->whole > INT64_MAX ? INT64_MAX : (int64_t)token->whole;
	} else {
		return fail_type(reader, field, token, "milliseconds or RFC 3339 text");
	}
	if (ms < INSTANT_FIRST || ms > INSTANT_LAST) {
		flaw_field(reader, ERROR_out_of_range, field, "milliseconds since 1970 in the years 1 to 9999 are taken");
		return false;
	}
	*(int64_t *)place = ms;
	return true;
}

static bool read_case(struct reader *reader, enum field field, const struct token *token, void *place)
{
	int64_t number = 0;
	bool good = false;

	if (token->type == TOKEN_TEXT) {
		good = case_number_read(token->bytes, &number);
	} else if (token->type != TOKEN_WHOLE && token->type != TOKEN_NEGATIVE) {
		return fail_type(reader, field, token, "a case number");
	} else if (reader->list && !reader->lenient) {
		return fail_type(reader, field, token, "a case number as text");
	} else if (token->type == TOKEN_WHOLE && reader->lenient && reader->by_number) {
		number = (int64_t)token->whole;
		good = token->whole <= CASE_NUMBER_MAX;
	} else if (token->type == TOKEN_WHOLE) {
		number = (int64_t)(token->whole / 10);
		good = token->whole / 10 <= CASE_NUMBER_MAX && case_number_check_digit(number) == (int)(token->whole % 10);
	}
	if (good && !(number == 0 && !reader->lenient)) {
		*(int64_t *)place = number;
		return true;
	}
	flaw_field(reader, ERROR_bad_case_number, field, "digits with their check digit, like 0000-0000-0013");
	return false;
}

static bool read_flag(struct reader *reader, enum field field, const struct token *token, void *place)
{
	if (token->type != TOKEN_FLAG)
		return fail_type(reader, field, token, "true or false");
	*(bool *)place = token->flag;
	return true;
}

/* Limits: +-90 and +-180 degrees; a limit of 1 is a share, 0 to 1. */
static bool read_real(struct reader *reader, enum field field, const struct token *token, void *place)
{
	double limit = (double)field_table[field].limit, least = field_table[field].limit == 1 ? 0 : -limit, value;

	if (token->type == TOKEN_REAL)
		value = token->real;
	else if (token->type == TOKEN_WHOLE)
		value = (double)token->whole;
	else if (token->type == TOKEN_NEGATIVE)
		value = (double)token->negative;
	else
		return fail_type(reader, field, token, "a number");
	if (!isfinite(value) || (!reader->lenient && !(value >= least && value <= limit))) {
		flaw_field(reader, ERROR_out_of_range, field, "takes %g to %g", least, limit);
		return false;
	}
	*(double *)place = value;
	return true;
}

static bool read_text(struct reader *reader, enum field field, const struct token *token, void *place)
{
	if (token->type != TOKEN_TEXT)
		return fail_type(reader, field, token, "text");
	if (!reader->lenient && token->bytes.len > (uint64_t)field_table[field].limit) {
		flaw_field(reader, ERROR_too_long, field, "%zu bytes, takes %lld", token->bytes.len, (long long)field_table[field].limit);
		return false;
	}
	if (!text_is_clean(token->bytes)) {
		flaw_field(reader, ERROR_bad_text, field, "valid UTF-8 without control characters (but tab and line ends) is taken");
		return false;
	}
	*(struct span *)place = token->bytes;
	return true;
}

static bool read_bytes(struct reader *reader, enum field field, const struct token *token, void *place)
{
	if (token->type != TOKEN_BYTES)
		return fail_type(reader, field, token, "bytes");
	if (!reader->lenient && token->bytes.len > (uint64_t)field_table[field].limit) {
		flaw_field(reader, ERROR_too_long, field, "%zu bytes, takes %lld", token->bytes.len, (long long)field_table[field].limit);
		return false;
	}
	*(struct span *)place = token->bytes;
	return true;
}

static bool read_named(struct reader *reader, enum field field, const struct token *token, void *place)
{
	enum field_type type = field_table[field].type;
	char names[120];
	int number = 0;

	if (token->type == TOKEN_TEXT)
		number = names_find(type, token->bytes);
	else if (token->type == TOKEN_WHOLE)
		number = token->whole < 256 && names_name(type, (int)token->whole) ? (int)token->whole : 0;
	else
		return fail_type(reader, field, token, "a name");
	if (number > 0) {
		*(uint8_t *)place = (uint8_t)number;
		return true;
	}
	if (reader->lenient && type == TYPE_ERROR) {
		*(uint8_t *)place = NAME_UNKNOWN; /* a refusal that we have no name for is still a refusal */
		return true;
	}
	if (reader->lenient)
		return false;
	names_list(type, names, sizeof names);
	flaw_field(reader, type == TYPE_COMMAND ? ERROR_unknown_command : ERROR_bad_name, field, "takes one of: %s", names);
	return false;
}

static void read_map(struct reader *reader, struct span *rest, struct record *record);

/* Strict: every map inside is read too, into a record that is thrown away, so that what is kept as bytes is known to be good. */
static bool read_list_maps(struct reader *reader, enum field field, uint32_t count, struct span *rest)
{
	struct reader inner = {.flaw = reader->flaw, .depth = reader->depth + 1, .list = field_table[field].wire.data};
	struct record scratch;

	if (inner.depth > LIST_DEPTH_MOST) {
		flaw_field(reader, ERROR_too_deep, field, "lists in lists: at most %d", LIST_DEPTH_MOST);
		return false;
	}
	for (uint32_t i = 0; i < count && !reader->flaw->error; i++)
		read_map(&inner, rest, &scratch);
	return !reader->flaw->error;
}

/* The span covers header and maps; *rest is past them afterwards, whatever happens. */
static bool read_list(struct reader *reader, enum field field, struct span begin, const struct token *token, struct span *rest, void *place)
{
	struct span maps = *rest;

	if (!skip(reader, rest, token_inside(token)))
		return false;
	if (token->type != TOKEN_ARRAY)
		return fail_type(reader, field, token, "an array of maps");
	if (!reader->lenient && token->count > (uint64_t)field_table[field].limit) {
		flaw_field(reader, ERROR_too_long, field, "%u maps, takes %lld", token->count, (long long)field_table[field].limit);
		return false;
	}
	if (!reader->lenient && !read_list_maps(reader, field, token->count, &maps))
		return false;
	*(struct span *)place = (struct span){begin.data, begin.len - rest->len};
	return true;
}

static bool read_value(struct reader *reader, enum field field, struct span *rest, struct record *record)
{
	void *place = (char *)record + field_table[field].offset;
	struct span begin = *rest;
	struct token token = token_read(rest);

	if (field_table[field].type == TYPE_LIST)
		return read_list(reader, field, begin, &token, rest, place);
	bool good = false;
	switch (field_table[field].type) {
	case TYPE_INT: good = read_int(reader, field, &token, place); break;
	case TYPE_TIME: good = read_time(reader, field, &token, place); break;
	case TYPE_CASE: good = read_case(reader, field, &token, place); break;
	case TYPE_FLAG: good = read_flag(reader, field, &token, place); break;
	case TYPE_REAL: good = read_real(reader, field, &token, place); break;
	case TYPE_TEXT: case TYPE_PRIVATE: good = read_text(reader, field, &token, place); break;
	case TYPE_BYTES: good = read_bytes(reader, field, &token, place); break;
	default: good = read_named(reader, field, &token, place); break;
	}
	if (!good)
		skip(reader, rest, token_inside(&token));
	return good;
}

/* The key at the beginning of *rest. False: no field of ours; a flaw is noted unless it is to be skipped. */
static bool read_key(struct reader *reader, struct span *rest, enum field *ret_field)
{
	struct token key = token_read(rest);
	char number[24];

	reader->by_number = key.type == TOKEN_WHOLE;
	if (key.type == TOKEN_TEXT && field_find(key.bytes, ret_field))
		return true;
	if (key.type == TOKEN_WHOLE && field_find_number(key.whole, ret_field))
		return true;
	if (key.type == TOKEN_TEXT) {
		if (!reader->lenient)
			flaw_set(reader, ERROR_unknown_field, FIELD_COUNT, key.bytes, "see the fields in PROTOCOL.md");
	} else if (key.type == TOKEN_WHOLE) {
		snprintf(number, sizeof number, "%llu", (unsigned long long)key.whole);
		if (!reader->lenient)
			flaw_set(reader, ERROR_unknown_field, FIELD_COUNT, span_of(number), "no field has this number");
	} else {
		flaw_set(reader, ERROR_wrong_type, FIELD_COUNT, (struct span){0}, "a key is a field's name or number, got %s", token_word(&key));
		skip(reader, rest, token_inside(&key));
	}
	return false;
}

static void read_pair(struct reader *reader, struct span *rest, struct record *record, uint64_t seen[FIELD_WORDS])
{
	enum field field;

	if (!read_key(reader, rest, &field)) {
		skip(reader, rest, 1);
		return;
	}
	uint64_t bit = 1ull << (field % 64);
	if (seen[field / 64] & bit) {
		flaw_field(reader, ERROR_duplicate_field, field, "stands twice, by name or number");
		skip(reader, rest, 1);
		return;
	}
	seen[field / 64] |= bit;
	if (reader->list && !reader->lenient && field_table[field].type == TYPE_PRIVATE)
		flaw_field(reader, ERROR_unexpected_field, field, "is not taken inside of a list");
	if (read_value(reader, field, rest, record))
		record_mark(record, field);
}

static void read_map(struct reader *reader, struct span *rest, struct record *record)
{
	uint64_t seen[FIELD_WORDS] = {0};
	struct token map = token_read(rest);

	record_clear(record);
	if (map.type != TOKEN_MAP) {
		flaw_set(reader, ERROR_not_a_map, FIELD_COUNT, (struct span){0}, "got %s", token_word(&map));
		skip(reader, rest, token_inside(&map));
		return;
	}
	for (uint32_t i = 0; i < map.count; i++) {
		if (rest->len == 0) {
			flaw_set(reader, ERROR_truncated, FIELD_COUNT, (struct span){0}, "the map ends before its last field");
			return;
		}
		read_pair(reader, rest, record, seen);
	}
}

static int read_top(struct span map, struct record *ret_record, struct flaw *ret_flaw, bool lenient)
{
	struct flaw unwanted;
	struct reader reader = {.flaw = ret_flaw ? ret_flaw : &unwanted, .lenient = lenient};
	struct span rest = map;

	reader.flaw->error = ERROR_none;
	reader.flaw->field = FIELD_COUNT;
	reader.flaw->name[0] = reader.flaw->detail[0] = '\0';
	read_map(&reader, &rest, ret_record);
	return reader.flaw->error;
}

int codec_read(struct span map, struct record *ret_record, struct flaw *ret_flaw)
{
	return read_top(map, ret_record, ret_flaw, false);
}

int codec_read_lenient(struct span map, struct record *ret_record, struct flaw *ret_flaw)
{
	return read_top(map, ret_record, ret_flaw, true);
}
