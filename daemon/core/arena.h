/* Memory that lives and dies together: a policy and all its text. */
#ifndef REEVE_CORE_ARENA_H
#define REEVE_CORE_ARENA_H

#include "base/span.h"

struct arena;

struct arena *arena_new(void);
/* Zeroed, aligned for anything; never NULL. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it. */
struct span arena_copy(struct arena *arena, struct span text);
/* Takes NULL. */
void arena_free(struct arena *arena);

#endif
