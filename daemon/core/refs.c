/* The table of references. It grows by linear hashing: each case that finds no list of its own adds one, and only the cases of one other list move. Doubling
 * would be simpler, and keep everybody waiting for 90 ms at half a million cases. It never shrinks: a city's open cases come back to what they were.
 * The order within a list is nobody's business; nothing walks the table but its end. */
#include "core/refs.h"

#include <stdlib.h>
#include <string.h>

#define LISTS_FIRST 1024 /* a power of two */

static uint64_t hash_of(uint32_t source, struct span ref)
{
	return ((span_hash(ref) ^ source) * UINT64_C(0x9e3779b97f4a7c15)) >> 16;
}

/* Lists that this round of growth has reached are told apart by one bit more. */
static struct casefile **list_of(const struct refs *refs, uint64_t hash)
{
	size_t at = (size_t)hash & (2 * refs->level - 1);

	return &refs->heads[at < refs->lists ? at : at - refs->level];
}

static void refs_link(struct refs *refs, struct casefile *casefile)
{
	struct casefile **list = list_of(refs, hash_of(casefile->source, span_of(casefile->ref)));

	casefile->ref_next = *list;
	*list = casefile;
}

/* One list more: what hashes there has been in the list half a table before it. */
static void refs_grow(struct refs *refs)
{
	struct casefile **split = &refs->heads[refs->lists - refs->level], *casefile = *split, *next;

	if (refs->lists == refs->room) {
		refs->room *= 2;
		refs->heads = must_realloc(refs->heads, refs->room * sizeof *refs->heads);
		split = &refs->heads[refs->lists - refs->level];
	}
	*split = refs->heads[refs->lists] = NULL;
	refs->lists++;
	for (; casefile; casefile = next) {
		next = casefile->ref_next;
		refs_link(refs, casefile);
	}
	if (refs->lists == 2 * refs->level)
		refs->level = refs->lists;
}

void refs_add(struct refs *refs, struct casefile *casefile)
{
	if (!refs->heads) {
		refs->lists = refs->level = refs->room = LISTS_FIRST;
		refs->heads = must_calloc(refs->room, sizeof *refs->heads);
	}
	if (refs->count == refs->lists)
		refs_grow(refs);
	refs_link(refs, casefile);
	refs->count++;
}

void refs_remove(struct refs *refs, struct casefile *casefile)
{
	struct casefile **link = list_of(refs, hash_of(casefile->source, span_of(casefile->ref)));

	while (*link != casefile)
		link = &(*link)->ref_next;
	*link = casefile->ref_next;
	refs->count--;
}

struct casefile *refs_find(const struct refs *refs, uint32_t source, struct span ref)
{
	struct casefile *casefile = refs->heads ? *list_of(refs, hash_of(source, ref)) : NULL;

	while (casefile && (casefile->source != source || !span_is(ref, casefile->ref)))
		casefile = casefile->ref_next;
	return casefile;
}

void refs_free(struct refs *refs, void (*each)(struct casefile *casefile))
{
	for (size_t i = 0; each && i < refs->lists; i++)
		for (struct casefile *casefile = refs->heads[i], *next; casefile; casefile = next) {
			next = casefile->ref_next;
			each(casefile);
		}
	free(refs->heads);
	*refs = (struct refs){0};
}
