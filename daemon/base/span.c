/* Bytes, borrowed and owned. Owns no state; the only policy here is that memory running out ends the process,
 * with one line that says so. */
#include "base/span.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void memory_out(size_t size)
{
	fprintf(stderr, "level=error msg=\"out of memory\" wanted_bytes=%zu remedy=\"raise the memory limit and restart\"\n", size);
	abort();
}

void *must_calloc(size_t count, size_t size)
{
	void *made = calloc(count ? count : 1, size ? size : 1);
	if (!made)
		memory_out(count * size);
	return made;
}

void *must_realloc(void *old, size_t size)
{
	void *made = realloc(old, size ? size : 1);
	if (!made)
		memory_out(size);
	return made;
}

struct span span_of(const char *text)
{
	return (struct span){text, text ? strlen(text) : 0};
}

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool span_is(struct span a, const char *text)
{
	return span_equal(a, span_of(text));
}

bool span_starts(struct span a, struct span prefix)
{
	return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.data, prefix.data, prefix.len) == 0);
}

int span_compare(struct span a, struct span b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared ? memcmp(a.data, b.data, shared) : 0;

	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

uint64_t span_hash(struct span a)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < a.len; i++)
		hash = (hash ^ (unsigned char)a.data[i]) * 1099511628211u;
	return hash;
}

struct span span_cut(struct span text, size_t most)
{
	if (text.len > most) {
		text.len = most;
		while (text.len && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	return text;
}

char *span_dup(struct span a)
{
	char *copy = must_calloc(1, a.len + 1);

	if (a.len)
		memcpy(copy, a.data, a.len);
	return copy;
}

void buf_reserve(struct buf *buf, size_t more)
{
	if (buf->room - buf->len >= more)
		return;
	size_t room = buf->room ? buf->room : 256;
	while (room - buf->len < more)
		room *= 2;
	buf->data = must_realloc(buf->data, room);
	buf->room = room;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	buf_reserve(buf, len);
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void buf_add_span(struct buf *buf, struct span text)
{
	buf_add(buf, text.data, text.len);
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return;
	buf_reserve(buf, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

void buf_free(struct buf *buf)
{
	if (!buf)
		return;
	free(buf->data);
	*buf = (struct buf){0};
}
