/* Many words at once: a trie with failure links, walked once per text.
 *
 * Owns its copies of the words. Edges lie in one hash table by (node, byte), so that thousands of Chinese words cost some
 * hundred kilobytes instead of a dense table's tens of megabytes; the root, where English text spends most of its
 * time, has a dense row. Invariant after words_build: a node's failure link leads to a node of smaller depth, so every walk ends.
 * Never changes during a search: one index serves any number of texts. */
#include "workers/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct word_node {
	int parent;
	int fail;    /* the longest proper suffix that is a node too */
	int entry;   /* first word that ends here, -1: none */
	int shorter; /* the nearest node on the way of failure links with an entry, -1: none */
	int depth;
	unsigned char byte;
};

struct word_entry {
	char *text;
	size_t len;
	int owner;
	int next; /* the same word for another owner */
	bool begins, ends; /* only where a word begins, ends */
};

struct words {
	struct word_node *nodes;
	size_t node_count, node_room;
	struct word_entry *entries;
	size_t entry_count, entry_room;
	uint64_t *edges; /* key + 1 in the upper 40 bits, node in the lower 24 */
	size_t edge_room; /* a power of two */
	int root[256];
	bool built;
};

#define NODE_MOST ((size_t)1 << 24)

static unsigned char fold(unsigned char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (unsigned char)(byte + ('a' - 'A'));
	return byte == '\t' || byte == '\n' || byte == '\r' ? ' ' : byte;
}

static size_t edge_slot(const struct words *words, uint64_t key)
{
	size_t slot = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (words->edge_room - 1);

	while (words->edges[slot] && words->edges[slot] >> 24 != key + 1)
		slot = (slot + 1) & (words->edge_room - 1);
	return slot;
}

static int edge_find(const struct words *words, int node, unsigned char byte)
{
	if (!node)
		return words->root[byte];
	uint64_t found = words->edges[edge_slot(words, (uint64_t)node << 8 | byte)];
	return found ? (int)(found & (NODE_MOST - 1)) : -1;
}

static void edge_put(struct words *words, int node, unsigned char byte, int to)
{
	uint64_t key = (uint64_t)node << 8 | byte;

	if (!node)
		words->root[byte] = to;
	else
		words->edges[edge_slot(words, key)] = (key + 1) << 24 | (uint64_t)to;
}

static void edges_grow(struct words *words)
{
	uint64_t *old = words->edges;
	size_t old_room = words->edge_room;

	words->edge_room = old_room ? old_room * 2 : 1024;
	words->edges = must_calloc(words->edge_room, sizeof *words->edges);
	for (size_t i = 0; i < old_room; i++) {
		if (old[i])
			words->edges[edge_slot(words, (old[i] >> 24) - 1)] = old[i];
	}
	free(old);
}

static int node_add(struct words *words, int parent, unsigned char byte)
{
	assert(words->node_count < NODE_MOST);
	if (words->node_count == words->node_room) {
		words->node_room = words->node_room ? words->node_room * 2 : 256;
		words->nodes = must_realloc(words->nodes, words->node_room * sizeof *words->nodes);
	}
	if (words->node_count * 2 >= words->edge_room)
		edges_grow(words);
	int depth = parent < 0 ? 0 : words->nodes[parent].depth + 1;
	words->nodes[words->node_count] = (struct word_node){parent, 0, -1, -1, depth, byte};
	return (int)words->node_count++;
}

struct words *words_new(void)
{
	struct words *words = must_calloc(1, sizeof *words);

	for (size_t i = 0; i < 256; i++)
		words->root[i] = -1;
	node_add(words, -1, 0);
	return words;
}

/* Letters of scripts with blanks between words. A two-byte character's second byte counts by the first one; U+0080 to U+00BF are signs. */
static bool letter_begins(struct span text, size_t at)
{
	if (at >= text.len)
		return false;
	unsigned char byte = fold((unsigned char)text.data[at]);
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || (byte >= 0xc3 && byte <= 0xdf);
}

static bool letter_ends(struct span text, size_t end)
{
	if (!end)
		return false;
	unsigned char byte = (unsigned char)text.data[end - 1];
	if (byte < 0x80)
		return letter_begins(text, end - 1);
	return byte < 0xc0 && end >= 2 && (unsigned char)text.data[end - 2] >= 0xc0 && letter_begins(text, end - 2);
}

void words_add(struct words *words, struct span word, int owner)
{
	int node = 0;

	assert(!words->built);
	if (!word.len)
		return;
	for (size_t i = 0; i < word.len; i++) {
		unsigned char byte = fold((unsigned char)word.data[i]);
		int next = edge_find(words, node, byte);
		if (next < 0) {
			next = node_add(words, node, byte);
			edge_put(words, node, byte, next);
		}
		node = next;
	}
	if (words->entry_count == words->entry_room) {
		words->entry_room = words->entry_room ? words->entry_room * 2 : 64;
		words->entries = must_realloc(words->entries, words->entry_room * sizeof *words->entries);
	}
	words->entries[words->entry_count] = (struct word_entry){span_dup(word), word.len, owner, words->nodes[node].entry,
		letter_begins(word, 0), letter_ends(word, word.len)};
	words->nodes[node].entry = (int)words->entry_count++;
}

/* Nodes by depth, so that a node's failure link can use its parent's. */
static int *nodes_by_depth(const struct words *words)
{
	int deepest = 0;

	for (size_t i = 0; i < words->node_count; i++) {
		if (words->nodes[i].depth > deepest)
			deepest = words->nodes[i].depth;
	}
	size_t *begin = must_calloc((size_t)deepest + 2, sizeof *begin);
	int *order = must_calloc(words->node_count, sizeof *order);
	for (size_t i = 0; i < words->node_count; i++)
		begin[words->nodes[i].depth + 1]++;
	for (int depth = 0; depth <= deepest; depth++)
		begin[depth + 1] += begin[depth];
	for (size_t i = 0; i < words->node_count; i++)
		order[begin[words->nodes[i].depth]++] = (int)i;
	free(begin);
	return order;
}

/* One step of the walk: the longest suffix of (node, byte) that is a node. */
static int step(const struct words *words, int node, unsigned char byte)
{
	int next = edge_find(words, node, byte);

	while (next < 0 && node) {
		node = words->nodes[node].fail;
		next = edge_find(words, node, byte);
	}
	return next < 0 ? 0 : next;
}

void words_build(struct words *words)
{
	int *order = nodes_by_depth(words);

	for (size_t i = 1; i < words->node_count; i++) {
		struct word_node *node = &words->nodes[order[i]];
		node->fail = node->parent ? step(words, words->nodes[node->parent].fail, node->byte) : 0;
		const struct word_node *suffix = &words->nodes[node->fail];
		node->shorter = suffix->entry >= 0 ? node->fail : suffix->shorter;
	}
	free(order);
	words->built = true;
}

static void tell(const struct words *words, int node, struct span text, size_t end, words_each *each, void *context)
{
	for (int i = words->nodes[node].entry; i >= 0; i = words->entries[i].next) {
		const struct word_entry *entry = &words->entries[i];
		size_t at = end - entry->len;
		if (entry->begins && letter_ends(text, at))
			continue;
		if (entry->ends && letter_begins(text, end))
			continue;
		each(context, entry->owner, (struct span){entry->text, entry->len}, at);
	}
}

void words_find(const struct words *words, struct span text, words_each *each, void *context)
{
	int node = 0;

	assert(words->built);
	for (size_t i = 0; i < text.len; i++) {
		node = step(words, node, fold((unsigned char)text.data[i]));
		for (int found = node; found >= 0; found = words->nodes[found].shorter)
			tell(words, found, text, i + 1, each, context);
	}
}

void words_free(struct words *words)
{
	if (!words)
		return;
	for (size_t i = 0; i < words->entry_count; i++)
		free(words->entries[i].text);
	free(words->entries);
	free(words->nodes);
	free(words->edges);
	free(words);
}
