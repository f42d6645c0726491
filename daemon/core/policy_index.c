/* The tables that make a policy quick to ask: codes by hash, trees by numbering, rows by what they speak of.
 *
 * Owns struct policy_index, which is built once and then only read. Nothing here decides anything; policy.c does.
 * Invariants: of two rows with one code the first is found; a row's place among its equals is its place in the file;
 * a node without a known parent is a root (policy/ refuses cycles; here one would only cut the tree). */
#include "core/policy_index.h"

#include <stdlib.h>

#define uthash_malloc(size) must_calloc(1, (size))
#define uthash_free(pointer, size) free(pointer)
#include "base/memory.h"
#include <uthash.h>

struct code_entry {
	UT_hash_handle hh;
	struct span code;
	int index;
};

static void code_add(struct code_entry **table, struct span code, int index)
{
	struct code_entry *entry = NULL;

	HASH_FIND(hh, *table, code.data, code.len, entry);
	if (entry)
		return;
	entry = must_calloc(1, sizeof *entry);
	entry->code = code;
	entry->index = index;
	HASH_ADD_KEYPTR(hh, *table, entry->code.data, entry->code.len, entry);
}

int code_find(const struct code_entry *table, struct span code)
{
	const struct code_entry *entry = NULL;

	if (code.len)
		HASH_FIND(hh, table, code.data, code.len, entry);
	return entry ? entry->index : -1;
}

static void codes_free(struct code_entry **table)
{
	struct code_entry *entry, *next;

	HASH_ITER(hh, *table, entry, next) {
		HASH_DEL(*table, entry);
		free(entry);
	}
}

/* Numbers a forest given by its parents so that every subtree is a range. Children as linked lists, then one walk. */
static struct tree_place *tree_number(const int *parents, int count)
{
	struct tree_place *places = must_calloc((size_t)count, sizeof *places);
	int *first = must_calloc((size_t)count + 1, sizeof *first); /* [count]: the roots; values are node + 1, 0 ends */
	int *next = must_calloc((size_t)count, sizeof *next);

	for (int node = count - 1; node >= 0; node--) {
		int parent = parents[node] >= 0 && parents[node] < count ? parents[node] : count;
		next[node] = first[parent];
		first[parent] = node + 1;
	}
	int number = 0, depth = 0;
	int *stack = must_calloc((size_t)count + 1, sizeof *stack);
	stack[0] = first[count];
	while (depth >= 0) {
		if (stack[depth] == 0) { /* the siblings are done: so is their parent */
			if (--depth >= 0) {
				int done = stack[depth] - 1;
				places[done].leave = number;
				stack[depth] = next[done];
			}
			continue;
		}
		int node = stack[depth] - 1;
		places[node] = (struct tree_place){.enter = number++, .depth = depth};
		stack[++depth] = first[node];
	}
	free(stack);
	free(next);
	free(first);
	return places;
}

static struct tree_place *area_tree(const struct policy *policy)
{
	int *parents = must_calloc(policy->area_count, sizeof *parents);

	for (size_t i = 0; i < policy->area_count; i++)
		parents[i] = policy->areas[i].parent;
	struct tree_place *places = tree_number(parents, (int)policy->area_count);
	free(parents);
	return places;
}

static struct tree_place *category_tree(const struct policy *policy)
{
	int *parents = must_calloc(policy->category_count, sizeof *parents);

	for (size_t i = 0; i < policy->category_count; i++)
		parents[i] = policy->categories[i].parent;
	struct tree_place *places = tree_number(parents, (int)policy->category_count);
	free(parents);
	return places;
}

static int row_order(const void *left, const void *right)
{
	const struct catalogue_row *a = *(const struct catalogue_row *const *)left;
	const struct catalogue_row *b = *(const struct catalogue_row *const *)right;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	if (a->area != b->area)
		return a->area < b->area ? -1 : 1;
	if (!a->urgency != !b->urgency)
		return a->urgency ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void rows_index(const struct policy *policy, struct policy_index *index)
{
	index->rows = must_calloc(policy->catalogue_count, sizeof *index->rows);
	index->row_slots = must_calloc(policy->category_count + 2, sizeof *index->row_slots);
	for (size_t i = 0; i < policy->catalogue_count; i++)
		index->rows[i] = &policy->catalogue[i];
	if (policy->catalogue_count)
		qsort(index->rows, policy->catalogue_count, sizeof *index->rows, row_order);
	for (size_t i = 0, slot = 0; slot < policy->category_count + 2; slot++) {
		index->row_slots[slot] = i;
		while (i < policy->catalogue_count && index->rows[i]->category + 1 <= (int)slot)
			i++;
	}
}

static void clocks_index(const struct policy *policy, struct policy_index *index)
{
	size_t at = 0;

	index->clocks = must_calloc(policy->clock_count, sizeof *index->clocks);
	for (int clock = 0; clock < CLOCK_LIMIT; clock++) {
		index->clock_slots[clock] = at;
		for (size_t i = 0; i < policy->clock_count; i++)
			if (policy->clocks[i].clock == clock)
				index->clocks[at++] = &policy->clocks[i];
	}
	index->clock_slots[CLOCK_LIMIT] = at;
}

static int duty_order(const void *left, const void *right)
{
	const struct duty *a = *(const struct duty *const *)left;
	const struct duty *b = *(const struct duty *const *)right;

	if (a->area != b->area)
		return a->area < b->area ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void duties_index(const struct policy *policy, struct policy_index *index)
{
	index->duties = must_calloc(policy->duty_count, sizeof *index->duties);
	index->duty_slots = must_calloc(policy->area_count + 1, sizeof *index->duty_slots);
	for (size_t i = 0; i < policy->duty_count; i++)
		index->duties[i] = &policy->duties[i];
	if (policy->duty_count)
		qsort(index->duties, policy->duty_count, sizeof *index->duties, duty_order);
	size_t at = 0;
	for (size_t area = 0; area <= policy->area_count; area++) {
		while (at < policy->duty_count && index->duties[at]->area < (int)area)
			at++;
		index->duty_slots[area] = at;
	}
}

void policy_index(struct policy *policy)
{
	struct policy_index *index = must_calloc(1, sizeof *index);

	for (size_t i = 0; i < policy->area_count; i++)
		code_add(&index->areas, policy->areas[i].code, (int)i);
	for (size_t i = 0; i < policy->category_count; i++)
		code_add(&index->categories, policy->categories[i].code, (int)i);
	for (size_t i = 0; i < policy->unit_count; i++)
		code_add(&index->units, policy->units[i].code, (int)i);
	for (size_t i = 0; i < policy->limit_count; i++)
		code_add(&index->limits, policy->limits[i].name, (int)i);
	for (size_t i = 0; i < policy->ladder_count; i++)
		code_add(&index->ladders, policy->ladders[i].name, (int)i);
	index->area_places = area_tree(policy);
	index->category_places = category_tree(policy);
	rows_index(policy, index);
	clocks_index(policy, index);
	duties_index(policy, index);
	policy->index = index;
}

static void index_free(struct policy_index *index)
{
	if (!index)
		return;
	codes_free(&index->areas);
	codes_free(&index->categories);
	codes_free(&index->units);
	codes_free(&index->limits);
	codes_free(&index->ladders);
	free(index->area_places);
	free(index->category_places);
	free(index->rows);
	free(index->row_slots);
	free(index->clocks);
	free(index->duties);
	free(index->duty_slots);
	free(index);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	index_free(policy->index);
	arena_free(policy->arena);
	free(policy);
}
