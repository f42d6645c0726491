/* A bump allocator in chunks. Owns its chunks; what it hands out is never freed alone. Large pieces get a chunk of
 * their own, so that small ones keep filling the current chunk. Invariant: every piece is zeroed and 16-byte aligned. */
#include "core/arena.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536u

struct chunk {
	struct chunk *next;
	size_t used, room;
	_Alignas(16) char data[];
};

struct arena {
	struct chunk *chunks; /* the first one is being filled */
};

struct arena *arena_new(void)
{
	return must_calloc(1, sizeof(struct arena));
}

static struct chunk *chunk_new(size_t room)
{
	struct chunk *chunk = must_calloc(1, sizeof *chunk + room);

	chunk->room = room;
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
		abort(); /* no policy that was read into memory gets here */
	bytes = (bytes + 15) & ~(size_t)15;
	if (bytes > CHUNK_BYTES / 4) {
		struct chunk *own = chunk_new(bytes);
		own->used = bytes;
		if (arena->chunks) {
			own->next = arena->chunks->next;
			arena->chunks->next = own;
		} else {
			arena->chunks = own;
		}
		return own->data;
	}
	if (!arena->chunks || arena->chunks->room - arena->chunks->used < bytes) {
		struct chunk *fresh = chunk_new(CHUNK_BYTES);
		fresh->next = arena->chunks;
		arena->chunks = fresh;
	}
	void *piece = arena->chunks->data + arena->chunks->used;
	arena->chunks->used += bytes;
	return piece;
}

struct span arena_copy(struct arena *arena, struct span text)
{
	char *copy = arena_alloc(arena, text.len + 1, 1);

	if (text.len)
		memcpy(copy, text.data, text.len);
	return (struct span){copy, text.len};
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	while (arena->chunks) {
		struct chunk *chunk = arena->chunks;
		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena);
}
