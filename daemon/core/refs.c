/* The table of references. It grows by doubling when there are more cases than heads and never shrinks: a city's open cases
 * come back to what they were. The order within a list is nobody's business; nothing walks the table but its end. */
#include "core/refs.h"

#include <stdlib.h>
#include <string.h>

#define HEADS_FIRST 1024

static size_t head_of(const struct refs *refs, uint32_t source, struct span ref)
{
	uint64_t hash = (span_hash(ref) ^ source) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash >> 32) & (refs->room - 1);
}

static void refs_link(struct refs *refs, struct casefile *casefile)
{
	struct casefile **head = &refs->heads[head_of(refs, casefile->source, span_of(casefile->ref))];

	casefile->ref_next = *head;
	*head = casefile;
}

static void refs_grow(struct refs *refs)
{
	struct refs grown = {.count = refs->count, .room = refs->room ? refs->room * 2 : HEADS_FIRST};

	grown.heads = must_calloc(grown.room, sizeof *grown.heads);
	for (size_t i = 0; i < refs->room; i++)
		for (struct casefile *casefile = refs->heads[i], *next; casefile; casefile = next) {
			next = casefile->ref_next;
			refs_link(&grown, casefile);
		}
	free(refs->heads);
	*refs = grown;
}

void refs_add(struct refs *refs, struct casefile *casefile)
{
	if (refs->count == refs->room)
		refs_grow(refs);
	refs_link(refs, casefile);
	refs->count++;
}

void refs_remove(struct refs *refs, struct casefile *casefile)
{
	struct casefile **link = &refs->heads[head_of(refs, casefile->source, span_of(casefile->ref))];

	while (*link != casefile)
		link = &(*link)->ref_next;
	*link = casefile->ref_next;
	refs->count--;
}

struct casefile *refs_find(const struct refs *refs, uint32_t source, struct span ref)
{
	struct casefile *casefile = refs->room ? refs->heads[head_of(refs, source, ref)] : NULL;

	while (casefile && (casefile->source != source || !span_is(ref, casefile->ref)))
		casefile = casefile->ref_next;
	return casefile;
}

void refs_free(struct refs *refs, void (*each)(struct casefile *casefile))
{
	for (size_t i = 0; each && i < refs->room; i++)
		for (struct casefile *casefile = refs->heads[i], *next; casefile; casefile = next) {
			next = casefile->ref_next;
			each(casefile);
		}
	free(refs->heads);
	*refs = (struct refs){0};
}
