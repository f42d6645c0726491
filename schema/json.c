/* A record as one line of JSON for people, tests and --json. Never read back by Reeve. Numbers that JSON readers may not
 * hold exactly (above 2^53) are written as they are. PRIVATE fields are left out unless asked for by name (codec_json_all). */
#include "schema/fields.h"
#include "schema/instant.h"

#include "base/case_number.h"

#include <stdio.h>
#include <stdlib.h>

#define JSON_DEPTH_MOST 8

static void json_fields(struct buf *buf, const struct record *record, bool private_too, unsigned depth);

static void json_escape(struct buf *buf, unsigned char byte)
{
	switch (byte) {
	case '"': buf_add(buf, "\\\"", 2); break;
	case '\\': buf_add(buf, "\\\\", 2); break;
	case '\n': buf_add(buf, "\\n", 2); break;
	case '\r': buf_add(buf, "\\r", 2); break;
	case '\t': buf_add(buf, "\\t", 2); break;
	default: buf_printf(buf, "\\u%04x", byte); break;
	}
}

static void json_text(struct buf *buf, struct span text)
{
	size_t begin = 0;

	buf_add(buf, "\"", 1);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		buf_add(buf, text.data + begin, i - begin);
		json_escape(buf, byte);
		begin = i + 1;
	}
	buf_add(buf, text.data + begin, text.len - begin);
	buf_add(buf, "\"", 1);
}

/* The shortest digits that read back as the same double. */
static void json_real(struct buf *buf, double value)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_add_text(buf, text);
}

static void json_hex(struct buf *buf, struct span bytes)
{
	buf_add(buf, "\"", 1);
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(buf, "%02x", (unsigned char)bytes.data[i]);
	buf_add(buf, "\"", 1);
}

static void json_list(struct buf *buf, struct span list, bool private_too, unsigned depth)
{
	struct span maps, map;
	size_t count = depth < JSON_DEPTH_MOST ? list_open(list, &maps) : 0;
	struct record record;

	buf_add(buf, "[", 1);
	for (size_t i = 0; i < count && frame_next(&maps, &map); i++) {
		codec_read_lenient(map, &record, NULL);
		if (i > 0)
			buf_add(buf, ",", 1);
		json_fields(buf, &record, private_too, depth + 1);
	}
	buf_add(buf, "]", 1);
}

static void json_plain(struct buf *buf, const char *text)
{
	json_text(buf, span_of(text));
}

static void json_value(struct buf *buf, const struct field_info *info, const void *place, bool private_too, unsigned depth)
{
	char text[INSTANT_TEXT > CASE_NUMBER_TEXT ? INSTANT_TEXT : CASE_NUMBER_TEXT];
	const char *name;

	switch (info->type) {
	case TYPE_INT: buf_printf(buf, "%lld", *(const long long *)place); break;
	case TYPE_TIME: instant_write(*(const int64_t *)place, text); json_plain(buf, text); break;
	case TYPE_CASE: case_number_write(*(const int64_t *)place, text); json_plain(buf, text); break;
	case TYPE_FLAG: buf_add_text(buf, *(const bool *)place ? "true" : "false"); break;
	case TYPE_REAL: json_real(buf, *(const double *)place); break;
	case TYPE_TEXT: case TYPE_PRIVATE: json_text(buf, *(const struct span *)place); break;
	case TYPE_BYTES: json_hex(buf, *(const struct span *)place); break;
	case TYPE_LIST: json_list(buf, *(const struct span *)place, private_too, depth); break;
	default:
		name = names_name(info->type, *(const uint8_t *)place);
		if (name)
			json_plain(buf, name);
		else
			buf_printf(buf, "%d", *(const uint8_t *)place);
		break;
	}
}

static void json_fields(struct buf *buf, const struct record *record, bool private_too, unsigned depth)
{
	bool first = true;

	buf_add(buf, "{", 1);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct field_info *info = &field_table[i];
		if (!record_holds(record, (enum field)i) || (info->type == TYPE_PRIVATE && !private_too))
			continue;
		if (!first)
			buf_add(buf, ",", 1);
		first = false;
		json_plain(buf, info->wire.data);
		buf_add(buf, ":", 1);
		json_value(buf, info, (const char *)record + info->offset, private_too, depth);
	}
	buf_add(buf, "}", 1);
}

void codec_json(struct buf *buf, const struct record *record)
{
	json_fields(buf, record, false, 0);
}

void codec_json_all(struct buf *buf, const struct record *record)
{
	json_fields(buf, record, true, 0);
}
