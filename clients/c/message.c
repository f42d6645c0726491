/* Messages: a record with the memory behind its text. Owns every byte that the record points to, unless it was made over a
 * borrowed frame (message_borrow), which must outlive it.
 *
 * A value that is set goes through the codec's own reader, so that a client is told about a bad value at once and in the
 * daemon's words. */
#include "clients/c/private.h"

#include "base/case_number.h"
#include "schema/fields.h"
#include "schema/instant.h"
#include "schema/token.h"

#include <inttypes.h>
#include <msgpack/pack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
	char bytes[];
};

/* A list field: being built (bytes), or being read (rows). */
struct list {
	struct list *next;
	enum field field;
	struct buf bytes;
	uint32_t count;
	struct reeve_message **rows;
	size_t row_count;
};

struct memory {
	struct block *blocks;
	struct list *lists;
	char fault[256];
};

static char *memory_take(struct memory *memory, size_t size)
{
	struct block *block = must_calloc(1, sizeof *block + size);

	block->next = memory->blocks;
	memory->blocks = block;
	return block->bytes;
}

static struct list *memory_list(struct memory *memory, enum field field)
{
	struct list *list = memory->lists;

	while (list && list->field != field)
		list = list->next;
	if (!list) {
		list = must_calloc(1, sizeof *list);
		list->field = field;
		list->next = memory->lists;
		memory->lists = list;
	}
	return list;
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->row_count; i++)
		reeve_message_free(list->rows[i]);
	free(list->rows);
	buf_free(&list->bytes);
	free(list);
}

static void memory_free(struct memory *memory)
{
	if (!memory)
		return;
	while (memory->blocks) {
		struct block *next = memory->blocks->next;
		free(memory->blocks);
		memory->blocks = next;
	}
	while (memory->lists) {
		struct list *next = memory->lists->next;
		list_free(memory->lists);
		memory->lists = next;
	}
	free(memory);
}

/* Made when it is first needed: most replies never need any. */
static struct memory *memory_of(const struct reeve_message *message)
{
	if (!*message->memory)
		*message->memory = must_calloc(1, sizeof **message->memory);
	return *message->memory;
}

void message_borrow(struct reeve_message *message, struct memory **place)
{
	*place = NULL;
	message->memory = place;
	record_clear(&message->record);
}

void message_return(struct reeve_message *message)
{
	memory_free(*message->memory);
	*message->memory = NULL;
}

struct reeve_message *reeve_message_new(const char *command)
{
	struct reeve_message *message = must_calloc(1, sizeof *message + sizeof(struct memory *));

	message_borrow(message, (struct memory **)(void *)(message + 1));
	if (command)
		reeve_message_set_text(message, "command", command);
	return message;
}

void reeve_message_free(struct reeve_message *message)
{
	if (!message)
		return;
	memory_free(*message->memory);
	free(message);
}

struct reeve_message *message_read(struct span map)
{
	struct reeve_message *message = reeve_message_new(NULL);
	char *bytes = memory_take(memory_of(message), map.len);

	memcpy(bytes, map.data, map.len);
	codec_read_lenient((struct span){bytes, map.len}, &message->record, NULL);
	return message;
}

struct reeve_message *reeve_message_copy(const struct reeve_message *message)
{
	struct buf buf = {0};

	codec_write_all(&buf, &message->record);
	struct reeve_message *copy = message_read(buf_span(&buf));
	buf_free(&buf);
	return copy;
}

static int fault_set(struct reeve_message *message, const char *field, const char *what, const char *detail)
{
	struct memory *memory = memory_of(message);

	snprintf(memory->fault, sizeof memory->fault, "%.60s: %s%s%s", field, what, *detail ? ": " : "", detail);
	return REEVE_INVALID;
}

static int buf_pack(void *context, const char *bytes, size_t len)
{
	buf_add(context, bytes, len);
	return 0;
}

static size_t field_size(enum field field)
{
	switch (field_table[field].type) {
	case TYPE_INT: case TYPE_TIME: case TYPE_CASE: return sizeof(int64_t);
	case TYPE_REAL: return sizeof(double);
	case TYPE_FLAG: return sizeof(bool);
	case TYPE_TEXT: case TYPE_BYTES: case TYPE_LIST: case TYPE_PRIVATE: return sizeof(struct span);
	default: return sizeof(uint8_t);
	}
}

/* {field: value} is read like a request; then the one value is taken over. The map's bytes become the message's. */
static int value_set(struct reeve_message *message, const char *name, struct span value)
{
	struct record scratch;
	struct flaw flaw;
	enum field field;

	if (!field_find(span_of(name), &field))
		return fault_set(message, name, error_text(ERROR_unknown_field), "");
	const struct field_info *info = &field_table[field];
	size_t size = 1 + info->name_key_len + value.len;
	char *map = memory_take(memory_of(message), size);
	map[0] = (char)0x81;
	memcpy(map + 1, info->name_key, info->name_key_len);
	memcpy(map + 1 + info->name_key_len, value.data, value.len);
	int error = codec_read((struct span){map, size}, &scratch, &flaw);
	if (error)
		return fault_set(message, name, error_text(error), flaw.detail);
	memcpy((char *)&message->record + info->offset, (char *)&scratch + info->offset, field_size(field));
	record_mark(&message->record, field);
	memory_of(message)->fault[0] = '\0';
	return REEVE_OK;
}

static int value_finish(struct reeve_message *message, const char *field, struct buf *value)
{
	int result = value_set(message, field, buf_span(value));

	buf_free(value);
	return result;
}

int reeve_message_set_text(struct reeve_message *message, const char *field, const char *text)
{
	struct buf value = {0};
	msgpack_packer packer = {.data = &value, .callback = buf_pack};

	msgpack_pack_str(&packer, strlen(text));
	msgpack_pack_str_body(&packer, text, strlen(text));
	return value_finish(message, field, &value);
}

int reeve_message_set_bytes(struct reeve_message *message, const char *field, const void *bytes, size_t len)
{
	struct buf value = {0};
	msgpack_packer packer = {.data = &value, .callback = buf_pack};
	enum field found;

	if (field_find(span_of(field), &found) && field_table[found].type == TYPE_BYTES) {
		msgpack_pack_bin(&packer, len);
		msgpack_pack_bin_body(&packer, bytes, len);
	} else {
		msgpack_pack_str(&packer, len);
		msgpack_pack_str_body(&packer, bytes, len);
	}
	return value_finish(message, field, &value);
}

int reeve_message_set_int(struct reeve_message *message, const char *field, int64_t number)
{
	struct buf value = {0};
	msgpack_packer packer = {.data = &value, .callback = buf_pack};

	msgpack_pack_int64(&packer, number);
	return value_finish(message, field, &value);
}

int reeve_message_set_real(struct reeve_message *message, const char *field, double number)
{
	struct buf value = {0};
	msgpack_packer packer = {.data = &value, .callback = buf_pack};

	msgpack_pack_double(&packer, number);
	return value_finish(message, field, &value);
}

int reeve_message_set_flag(struct reeve_message *message, const char *field, bool flag)
{
	struct buf value = {0};
	msgpack_packer packer = {.data = &value, .callback = buf_pack};

	if (flag)
		msgpack_pack_true(&packer);
	else
		msgpack_pack_false(&packer);
	return value_finish(message, field, &value);
}

int reeve_message_add(struct reeve_message *message, const char *field, const struct reeve_message *row)
{
	struct span *place;
	enum field found;

	if (!field_find(span_of(field), &found) || field_table[found].type != TYPE_LIST)
		return fault_set(message, field, "is no list field", "");
	struct list *list = memory_list(memory_of(message), found);
	struct list_writer writer = {.buf = &list->bytes, .style = CODEC_NAMES, .count = list->count};
	if (list->bytes.len == 0)
		list_begin(&writer, &list->bytes, CODEC_NAMES);
	list_add(&writer, &row->record);
	list->count = writer.count;
	place = (struct span *)(void *)((char *)&message->record + field_table[found].offset);
	*place = list_end(&writer);
	record_mark(&message->record, found);
	return REEVE_OK;
}

const char *reeve_message_fault(const struct reeve_message *message)
{
	return *message->memory ? (*message->memory)->fault : "";
}

/* The place of a field that is there; NULL otherwise. */
static const void *value_of(const struct reeve_message *message, const char *name, enum field *ret_field)
{
	if (!field_find(span_of(name), ret_field) || !record_holds(&message->record, *ret_field))
		return NULL;
	return (const char *)&message->record + field_table[*ret_field].offset;
}

bool reeve_message_has(const struct reeve_message *message, const char *field)
{
	enum field found;

	return value_of(message, field, &found) != NULL;
}

const void *reeve_message_bytes(const struct reeve_message *message, const char *field, size_t *ret_len)
{
	enum field found;
	const struct span *value = value_of(message, field, &found);

	if (!value || (field_table[found].type != TYPE_TEXT && field_table[found].type != TYPE_PRIVATE && field_table[found].type != TYPE_BYTES))
		return NULL;
	*ret_len = value->len;
	return value->data;
}

static char *text_hex(struct memory *memory, struct span bytes)
{
	char *text = memory_take(memory, 2 * bytes.len + 1);

	for (size_t i = 0; i < bytes.len; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)bytes.data[i]);
	return text;
}

static char *text_copy(struct memory *memory, struct span text)
{
	char *copy = memory_take(memory, text.len + 1);

	if (text.len)
		memcpy(copy, text.data, text.len);
	return copy;
}

const char *reeve_message_text(const struct reeve_message *message, const char *field)
{
	enum field found;
	const void *value = value_of(message, field, &found);
	char text[INSTANT_TEXT + CASE_NUMBER_TEXT];

	if (!value)
		return NULL;
	enum field_type type = field_table[found].type;
	switch (type) {
	case TYPE_TEXT: case TYPE_PRIVATE: return text_copy(memory_of(message), *(const struct span *)value);
	case TYPE_BYTES: return text_hex(memory_of(message), *(const struct span *)value);
	case TYPE_LIST: return NULL;
	case TYPE_FLAG: return *(const bool *)value ? "true" : "false";
	case TYPE_INT: snprintf(text, sizeof text, "%" PRId64, *(const int64_t *)value); break;
	case TYPE_REAL: snprintf(text, sizeof text, "%.15g", *(const double *)value); break;
	case TYPE_TIME: instant_write(*(const int64_t *)value, text); break;
	case TYPE_CASE: case_number_write(*(const int64_t *)value, text); break;
	default: return names_name(type, *(const uint8_t *)value) ? names_name(type, *(const uint8_t *)value) : "unknown";
	}
	return text_copy(memory_of(message), span_of(text));
}

int64_t reeve_message_int(const struct reeve_message *message, const char *field, int64_t otherwise)
{
	enum field found;
	const int64_t *value = value_of(message, field, &found);

	if (!value || (field_table[found].type != TYPE_INT && field_table[found].type != TYPE_TIME && field_table[found].type != TYPE_CASE))
		return otherwise;
	return *value;
}

double reeve_message_real(const struct reeve_message *message, const char *field, double otherwise)
{
	enum field found;
	const double *value = value_of(message, field, &found);

	return value && field_table[found].type == TYPE_REAL ? *value : otherwise;
}

bool reeve_message_flag(const struct reeve_message *message, const char *field, bool otherwise)
{
	enum field found;
	const bool *value = value_of(message, field, &found);

	return value && field_table[found].type == TYPE_FLAG ? *value : otherwise;
}

/* Rows are read once, when the first one is asked for. */
static struct list *rows_of(const struct reeve_message *message, const char *field)
{
	enum field found;
	const struct span *value = value_of(message, field, &found);
	struct span maps, map;

	if (!value || field_table[found].type != TYPE_LIST)
		return NULL;
	struct list *list = memory_list(memory_of(message), found);
	if (list->rows)
		return list;
	size_t count = list_open(*value, &maps);
	list->rows = must_calloc(count, sizeof(struct reeve_message *));
	while (list->row_count < count && frame_next(&maps, &map))
		list->rows[list->row_count++] = message_read(map);
	return list;
}

size_t reeve_message_count(const struct reeve_message *message, const char *field)
{
	const struct list *list = rows_of(message, field);

	return list ? list->row_count : 0;
}

const struct reeve_message *reeve_message_row(const struct reeve_message *message, const char *field, size_t index)
{
	const struct list *list = rows_of(message, field);

	return list && index < list->row_count ? list->rows[index] : NULL;
}

char *reeve_message_json(const struct reeve_message *message)
{
	struct buf buf = {0};

	codec_json_all(&buf, &message->record);
	buf_add(&buf, "", 1);
	return buf.data;
}
