/* One msgpack value at a time, read in place: what frame_scan and the reader share. Internal to schema/.
 *
 * Why not msgpack_unpack: it makes an object tree in a zone for every record and forgets where a nested value's bytes
 * begin, which LIST fields need; and it trusts declared lengths. Every read here is checked against the bytes left, so
 * even bytes that nobody scanned cannot make it read outside. Format: msgpack specification, 2013 (str and bin apart). */
#ifndef REEVE_SCHEMA_TOKEN_H
#define REEVE_SCHEMA_TOKEN_H

#include <string.h>

#include "base/span.h"

enum token_type {
	TOKEN_NIL,
	TOKEN_FLAG,
	TOKEN_WHOLE,    /* an integer, zero or more */
	TOKEN_NEGATIVE, /* an integer below zero */
	TOKEN_REAL,
	TOKEN_TEXT,
	TOKEN_BYTES,
	TOKEN_ARRAY,
	TOKEN_MAP,
	TOKEN_EXTENSION, /* refused everywhere */
	TOKEN_UNKNOWN,   /* the byte c1 */
	TOKEN_CUT,       /* the bytes end inside of the value */
};

struct token {
	enum token_type type;
	uint32_t count; /* ARRAY: values, MAP: pairs */
	union {
		bool flag;
		uint64_t whole;
		int64_t negative;
		double real;
		struct span bytes; /* TEXT, BYTES */
	};
};

static inline uint64_t token_big_endian(const unsigned char *bytes, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* Takes len bytes off, as a number of their own or as the length of what follows. */
static inline bool token_take(struct span *rest, size_t len, uint64_t *ret_value)
{
	if (rest->len < len)
		return false;
	*ret_value = token_big_endian((const unsigned char *)rest->data, len);
	rest->data += len;
	rest->len -= len;
	return true;
}

static inline struct token token_bytes(struct span *rest, enum token_type type, uint64_t len)
{
	if (len > rest->len)
		return (struct token){.type = TOKEN_CUT};
	struct token token = {.type = type, .bytes = {rest->data, (size_t)len}};
	rest->data += len;
	rest->len -= len;
	return token;
}

static inline struct token token_signed(uint64_t raw, unsigned bits)
{
	int64_t value = (int64_t)(raw << (64 - bits)) >> (64 - bits);

	if (value < 0)
		return (struct token){.type = TOKEN_NEGATIVE, .negative = value};
	return (struct token){.type = TOKEN_WHOLE, .whole = (uint64_t)value};
}

static inline struct token token_real(uint64_t raw, size_t len)
{
	struct token token = {.type = TOKEN_REAL};

	if (len == 4) {
		uint32_t narrow = (uint32_t)raw;
		float value;
		memcpy(&value, &narrow, sizeof value);
		token.real = (double)value;
	} else {
		memcpy(&token.real, &raw, sizeof token.real);
	}
	return token;
}

/* The longer encodings, c0 to df. */
static inline struct token token_read_long(struct span *rest, unsigned char head)
{
	/* how many bytes of number or length follow the head: c0 to df */
	static const uint8_t follow[32] = {0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
	uint64_t value;

	if (!token_take(rest, follow[head - 0xc0], &value))
		return (struct token){.type = TOKEN_CUT};
	switch (head) {
	case 0xc0:
		return (struct token){.type = TOKEN_NIL};
	case 0xc2: case 0xc3:
		return (struct token){.type = TOKEN_FLAG, .flag = head == 0xc3};
	case 0xc4: case 0xc5: case 0xc6:
		return token_bytes(rest, TOKEN_BYTES, value);
	case 0xca:
		return token_real(value, 4);
	case 0xcb:
		return token_real(value, 8);
	case 0xcc: case 0xcd: case 0xce: case 0xcf:
		return (struct token){.type = TOKEN_WHOLE, .whole = value};
	case 0xd0: case 0xd1: case 0xd2: case 0xd3:
		return token_signed(value, 8u << (head - 0xd0));
	case 0xd9: case 0xda: case 0xdb:
		return token_bytes(rest, TOKEN_TEXT, value);
	case 0xdc: case 0xdd:
		return (struct token){.type = TOKEN_ARRAY, .count = (uint32_t)value};
	case 0xde: case 0xdf:
		return (struct token){.type = TOKEN_MAP, .count = (uint32_t)value};
	case 0xc1:
		return (struct token){.type = TOKEN_UNKNOWN};
	default:
		return (struct token){.type = TOKEN_EXTENSION};
	}
}

/* The next value's head (and its bytes, if it is text or bytes); the values inside of an array or map follow. */
static inline struct token token_read(struct span *rest)
{
	if (rest->len == 0)
		return (struct token){.type = TOKEN_CUT};
	unsigned char head = (unsigned char)*rest->data++;
	rest->len--;
	if (head < 0x80)
		return (struct token){.type = TOKEN_WHOLE, .whole = head};
	if (head < 0x90)
		return (struct token){.type = TOKEN_MAP, .count = head & 0x0f};
	if (head < 0xa0)
		return (struct token){.type = TOKEN_ARRAY, .count = head & 0x0f};
	if (head < 0xc0)
		return token_bytes(rest, TOKEN_TEXT, head & 0x1f);
	if (head >= 0xe0)
		return (struct token){.type = TOKEN_NEGATIVE, .negative = (int8_t)head};
	return token_read_long(rest, head);
}

/* How many values belong to this one and come right after it. */
static inline uint64_t token_inside(const struct token *token)
{
	if (token->type == TOKEN_ARRAY)
		return token->count;
	return token->type == TOKEN_MAP ? 2 * (uint64_t)token->count : 0;
}

/* Goes past the values that a token announced, or past one whole value with inside = 1. False: broken or cut. */
static inline bool token_skip(struct span *rest, uint64_t inside)
{
	while (inside > 0) {
		if (inside > rest->len)
			return false;
		struct token token = token_read(rest);
		if (token.type >= TOKEN_EXTENSION)
			return false;
		inside += token_inside(&token) - 1;
	}
	return true;
}

#endif
