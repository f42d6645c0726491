/* Borrowed bytes and owned bytes.
 *
 * struct span borrows: whoever made the bytes keeps them alive. struct buf owns: it grows, and buf_free ends it.
 * A failing allocation ends the process (abort): nothing in Reeve can keep its promises without memory, and the
 * journal makes a restart safe. */
#ifndef REEVE_BASE_SPAN_H
#define REEVE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *data;
	size_t len;
};

struct buf {
	char *data;
	size_t len;
	size_t room;
};

/* A span over a string literal or a NUL-terminated string. */
struct span span_of(const char *text);
bool span_equal(struct span a, struct span b);
bool span_is(struct span a, const char *text);
bool span_starts(struct span a, struct span prefix);
/* Order by bytes, shorter first where one begins the other. */
int span_compare(struct span a, struct span b);
/* 64-bit FNV-1a: for tables in memory only, never for integrity. */
uint64_t span_hash(struct span a);
/* At most so many bytes of it, without cutting a UTF-8 character: for quoting in messages of fixed size. */
struct span span_cut(struct span text, size_t most);
/* Two arguments for "%.*s". */
#define SPAN_ARGS(text) (int)(text).len, (text).data ? (text).data : ""
/* The same for what may be long. */
#define SPAN_SHOWN(text) (int)span_cut((text), 60).len, (text).data ? (text).data : ""
/* An owned NUL-terminated copy. */
char *span_dup(struct span a);

void buf_reserve(struct buf *buf, size_t more);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_span(struct buf *buf, struct span text);
void buf_add_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline struct span buf_span(const struct buf *buf) { return (struct span){buf->data, buf->len}; }
static inline void buf_clear(struct buf *buf) { buf->len = 0; }
/* Takes NULL and empty ones; leaves the buf empty and usable. */
void buf_free(struct buf *buf);

/* Never return NULL. */
void *must_calloc(size_t count, size_t size);
void *must_realloc(void *old, size_t size);

#endif
