/* The writer: a record as one msgpack map, and arrays of maps for LIST fields.
 *
 * Keys are laid out beforehand (fields.c); values go through msgpack-c's packer, straight into the caller's buf. Fields come in
 * the order of fields.def, so equal records give equal bytes.
 *
 * A PRIVATE field leaves only by the two functions that say so in their names. A LIST is copied as it is when its keys are in
 * the wanted style already; otherwise it is read and written again, map by map, which also settles the form of its case numbers. */
#include "schema/fields.h"
#include "schema/token.h"

#include "base/case_number.h"

#include <msgpack/pack.h>

#define LIST_DEPTH_MOST 8

/* What is written, beside the style. */
enum part { PART_PUBLIC, PART_PRIVATE, PART_ALL };

static void write_fields(struct buf *buf, const struct record *record, enum codec_style style, enum part part, unsigned depth);

static int buf_pack(void *context, const char *bytes, size_t len)
{
	buf_add(context, bytes, len);
	return 0;
}

static msgpack_packer packer_of(struct buf *buf)
{
	return (msgpack_packer){.data = buf, .callback = buf_pack};
}

static void write_text(msgpack_packer *packer, struct span text)
{
	msgpack_pack_str(packer, text.len);
	msgpack_pack_str_body(packer, text.data, text.len);
}

static void write_case(msgpack_packer *packer, int64_t number, enum codec_style style)
{
	char text[CASE_NUMBER_TEXT];

	if (style == CODEC_NUMBERS) {
		msgpack_pack_int64(packer, number);
		return;
	}
	case_number_write(number, text);
	write_text(packer, span_of(text));
}

/* Every key of every map, in lists of lists too, is a name, or every one is a number. Walks on, past the array. */
static bool array_has_style(struct span *rest, enum token_type wanted, unsigned depth)
{
	struct token array = token_read(rest);

	if (array.type != TOKEN_ARRAY || depth > LIST_DEPTH_MOST)
		return false;
	for (uint32_t i = 0; i < array.count; i++) {
		struct token map = token_read(rest);
		if (map.type != TOKEN_MAP)
			return false;
		for (uint32_t pair = 0; pair < map.count; pair++) {
			struct token key = token_read(rest);
			struct span value = *rest;
			if (key.type != wanted)
				return false;
			bool inner = token_read(&value).type == TOKEN_ARRAY;
			if (!(inner ? array_has_style(rest, wanted, depth + 1) : token_skip(rest, 1)))
				return false;
		}
	}
	return true;
}

static bool list_has_style(struct span list, enum codec_style style)
{
	return array_has_style(&list, style == CODEC_NAMES ? TOKEN_TEXT : TOKEN_WHOLE, 0);
}

static void write_list(struct buf *buf, struct span list, enum codec_style style, unsigned depth)
{
	struct span maps, map;
	size_t count = list_open(list, &maps);
	struct record record;
	msgpack_packer packer = packer_of(buf);

	if (count > 0 && list_has_style(list, style)) {
		buf_add_span(buf, list);
		return;
	}
	if (depth >= LIST_DEPTH_MOST)
		count = 0;
	msgpack_pack_array(&packer, count);
	for (size_t i = 0; i < count; i++) {
		if (!frame_next(&maps, &map) || codec_read_lenient(map, &record, NULL) != 0)
			record_clear(&record); /* not ours: an empty map keeps the count right */
		write_fields(buf, &record, style, PART_PUBLIC, depth + 1);
	}
}

static void write_named(msgpack_packer *packer, enum field_type type, int number, enum codec_style style)
{
	const char *name = style == CODEC_NAMES ? names_name(type, number) : NULL;

	if (name)
		write_text(packer, span_of(name));
	else
		msgpack_pack_int64(packer, number);
}

static void write_value(struct buf *buf, const struct record *record, const struct field_info *info, enum codec_style style, unsigned depth)
{
	const void *place = (const char *)record + info->offset;
	msgpack_packer packer = packer_of(buf);

	switch (info->type) {
	case TYPE_INT: case TYPE_TIME:
		msgpack_pack_int64(&packer, *(const int64_t *)place);
		break;
	case TYPE_CASE:
		write_case(&packer, *(const int64_t *)place, style);
		break;
	case TYPE_FLAG:
		if (*(const bool *)place)
			msgpack_pack_true(&packer);
		else
			msgpack_pack_false(&packer);
		break;
	case TYPE_REAL:
		msgpack_pack_double(&packer, *(const double *)place);
		break;
	case TYPE_TEXT: case TYPE_PRIVATE:
		write_text(&packer, *(const struct span *)place);
		break;
	case TYPE_BYTES:
		msgpack_pack_bin(&packer, ((const struct span *)place)->len);
		msgpack_pack_bin_body(&packer, ((const struct span *)place)->data, ((const struct span *)place)->len);
		break;
	case TYPE_LIST:
		write_list(buf, *(const struct span *)place, style, depth);
		break;
	default:
		write_named(&packer, info->type, *(const uint8_t *)place, style);
		break;
	}
}

static uint64_t part_bits(const struct record *record, size_t word, enum part part)
{
	if (part == PART_ALL)
		return record->present[word];
	return record->present[word] & (part == PART_PRIVATE ? field_private[word] : ~field_private[word]);
}

static void write_fields(struct buf *buf, const struct record *record, enum codec_style style, enum part part, unsigned depth)
{
	msgpack_packer packer = packer_of(buf);
	size_t count = 0;

	for (size_t word = 0; word < FIELD_WORDS; word++)
		count += (size_t)__builtin_popcountll(part_bits(record, word, part));
	msgpack_pack_map(&packer, count);
	for (size_t word = 0; word < FIELD_WORDS; word++) {
		for (uint64_t bits = part_bits(record, word, part); bits; bits &= bits - 1) {
			const struct field_info *info = &field_table[word * 64 + (size_t)__builtin_ctzll(bits)];
			if (style == CODEC_NAMES)
				buf_add(buf, info->name_key, info->name_key_len);
			else
				buf_add(buf, info->number_key, info->number_key_len);
			write_value(buf, record, info, style, depth);
		}
	}
}

void codec_write(struct buf *buf, const struct record *record, enum codec_style style)
{
	write_fields(buf, record, style, PART_PUBLIC, 0);
}

void codec_write_private(struct buf *buf, const struct record *record)
{
	write_fields(buf, record, CODEC_NUMBERS, PART_PRIVATE, 0);
}

void codec_write_all(struct buf *buf, const struct record *record)
{
	write_fields(buf, record, CODEC_NAMES, PART_ALL, 0);
}

/* The header is always the longest form, so that the count can be put in at the end. */
void list_begin(struct list_writer *writer, struct buf *buf, enum codec_style style)
{
	*writer = (struct list_writer){.buf = buf, .at = buf->len, .style = style};
	buf_add(buf, "\xdd\0\0\0\0", 5);
}

void list_add(struct list_writer *writer, const struct record *record)
{
	writer->count++;
	codec_write(writer->buf, record, writer->style);
}

void list_add_raw(struct list_writer *writer, struct span map)
{
	writer->count++;
	buf_add_span(writer->buf, map);
}

struct span list_end(struct list_writer *writer)
{
	char *head = writer->buf->data + writer->at;

	for (int i = 0; i < 4; i++)
		head[1 + i] = (char)(writer->count >> (24 - 8 * i));
	return (struct span){head, writer->buf->len - writer->at};
}

size_t list_open(struct span list, struct span *ret_maps)
{
	struct token array = token_read(&list);

	*ret_maps = array.type == TOKEN_ARRAY ? list : (struct span){0};
	return array.type == TOKEN_ARRAY ? array.count : 0;
}
