/* Reads an LMDB 0.9 file page by page with pread, never through a map, and never writes. Owns its descriptor and a bit for each page.
 *
 * LMDB trusts its pages: one bit wrong in a header is an assertion, a read behind the map, a row that is not found, or, in the list of free
 * pages, a commit that overwrites what was acknowledged. Here each of these is a finding with its page number instead.
 *
 * Invariants of a sound file: two heads (meta pages) of neighbouring transactions, each in its own place; every page of a tree is of the kind
 * and the number that its parent says, belongs to one place only, holds its nodes within itself with keys in order and between those of its
 * parent; the counts of each tree are recounts; no page is in use and free at once.
 *
 * The layout is that of lmdb 0.9's mdb.c (struct MDB_page, MDB_node, MDB_db, MDB_meta), native byte order, no DUPSORT tables. */
#include "store/lmdb_check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0xBEEFC0DEu
#define VERSION 1u
#define HEADER 16 /* bytes before the page's node pointers */
#define NODE 8    /* bytes before a node's key */
#define DEPTH_MOST 32
#define KEY_MOST 511
#define NO_PAGE UINT64_MAX
#define BEHIND_END ((int64_t)1 << 30) /* so much may be missing at the end: pages taken and given back */

enum { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4, PAGE_META = 8 };
enum { NODE_BIG = 1, NODE_TABLE = 2 };
enum { FLAG_INTEGER_KEY = 8, FLAG_NO_FOLDER = 0x4000 }; /* the second: how the file was opened; LMDB keeps it in the free pages' tree */

struct page_head {
	uint64_t number;
	uint16_t pad, flags;
	uint16_t lower, upper; /* overflow: together the number of pages */
};

struct tree {
	uint32_t pad; /* of the free pages' tree: the page size */
	uint16_t flags, depth;
	uint64_t branches, leaves, overflows, entries, root;
};

struct meta {
	uint32_t magic, version;
	uint64_t address, map_size;
	struct tree trees[2]; /* free pages, and the directory of tables */
	uint64_t last_page, txn;
};

struct node {
	uint64_t size; /* branch: the child's page */
	uint16_t flags;
	struct span key;
	const char *data;
};

struct checker {
	struct lmdb_check *check;
	int descriptor;
	size_t page_size;
	off_t length;
	struct meta meta;
	unsigned char *used;
	char *pages[DEPTH_MOST];
	struct buf big;
	int64_t record; /* of the growing table: the one that is looked at, 0: none */
	char *error;
	size_t error_size;
};

/* What is being walked. */
struct walk {
	struct span name;        /* of the table; empty: LMDB's own */
	const struct tree *tree;
	bool directory, free_list;
	struct tree found;       /* recounted */
	bool any;
	size_t last_len;
	char last[KEY_MOST];     /* key of the row before */
};

static int damaged(struct checker *checker, uint64_t page, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int damaged(struct checker *checker, uint64_t page, const char *format, ...)
{
	va_list arguments;
	char words[160], record[40] = "";

	if (checker->record > 0)
		snprintf(record, sizeof record, "record %" PRId64 ": ", checker->record);
	va_start(arguments, format);
	vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	snprintf(checker->error, checker->error_size, "%spage %" PRIu64 " %s", record, page, words);
	return 1;
}

/* ---- pages ---- */

static int bytes_read(struct checker *checker, uint64_t page, char *bytes, size_t len)
{
	off_t at = (off_t)(page * checker->page_size);

	for (size_t done = 0; done < len;) {
		ssize_t got = pread(checker->descriptor, bytes + done, len - done, at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int code = errno;
			snprintf(checker->error, checker->error_size, "page %" PRIu64 " cannot be read: %s", page, strerror(code));
			return -code;
		}
		if (got == 0)
			return damaged(checker, page, "is behind the end of the file: it was cut");
		done += (size_t)got;
	}
	checker->check->pages += (int64_t)(len / checker->page_size);
	return 0;
}

/* Each page has one place. */
static int page_claim(struct checker *checker, uint64_t page, uint64_t count, const char *whose)
{
	if (page < 2 || page > checker->meta.last_page || count > checker->meta.last_page + 1 - page)
		return damaged(checker, page, "is named by %s, but the file ends with %" PRIu64, whose, checker->meta.last_page);
	for (uint64_t i = page; i < page + count; i++) {
		if (checker->used[i / 8] & 1 << i % 8)
			return damaged(checker, i, "is in two places, the second is %s", whose);
		checker->used[i / 8] |= (unsigned char)(1 << i % 8);
	}
	return 0;
}

static int page_read(struct checker *checker, uint64_t page, int level, struct page_head *ret_head)
{
	if (!checker->pages[level])
		checker->pages[level] = must_calloc(1, checker->page_size);
	int result = bytes_read(checker, page, checker->pages[level], checker->page_size);
	memcpy(ret_head, checker->pages[level], sizeof *ret_head);
	if (!result && ret_head->number != page)
		return damaged(checker, page, "calls itself %" PRIu64, ret_head->number);
	return result;
}

/* ---- nodes ---- */

static size_t node_count(const struct page_head *head)
{
	return (size_t)(head->lower - HEADER) / 2;
}

static int head_check(struct checker *checker, uint64_t page, const struct page_head *head, int kind)
{
	if (head->flags != kind)
		return damaged(checker, page, "has the flags %#x where %#x belongs", head->flags, kind);
	if (head->lower < HEADER || head->lower % 2 || head->lower > head->upper || head->upper > checker->page_size)
		return damaged(checker, page, "has impossible bounds (%u, %u)", head->lower, head->upper);
	if (node_count(head) == 0) /* one is possible in a branch too: the last one while a tree grows at its end */
		return damaged(checker, page, "holds nothing");
	return 0;
}

static int node_read(struct checker *checker, uint64_t page, const char *bytes, const struct page_head *head, size_t index, struct node *ret)
{
	uint16_t at, parts[4];

	memcpy(&at, bytes + HEADER + 2 * index, sizeof at);
	if (at < head->upper || at % 2 || at + (size_t)NODE > checker->page_size)
		return damaged(checker, page, "has node %zu at %u, outside of its bounds", index, at);
	memcpy(parts, bytes + at, sizeof parts);
	bool leaf = head->flags == PAGE_LEAF;
	*ret = (struct node){.size = parts[0] | (uint64_t)parts[1] << 16, .flags = leaf ? parts[2] : 0,
		.key = {bytes + at + NODE, parts[3]}, .data = bytes + at + NODE + parts[3]};
	if (!leaf)
		ret->size |= (uint64_t)parts[2] << 32;
	size_t inside = !leaf ? 0 : ret->flags & NODE_BIG ? sizeof(uint64_t) : ret->size;
	if (parts[3] > KEY_MOST || at + (size_t)NODE + parts[3] + inside > checker->page_size)
		return damaged(checker, page, "has node %zu reaching over its end", index);
	if (leaf && ret->flags & ~(NODE_BIG | NODE_TABLE))
		return damaged(checker, page, "has node %zu with the flags %#x", index, ret->flags);
	return 0;
}

/* Nodes fill the page from its upper bound to its end, side by side: a length or an offset that is wrong leaves a hole or an overlap. */
static int nodes_fill(struct checker *checker, uint64_t page, const struct page_head *head, size_t sum)
{
	if (head->upper + sum != checker->page_size)
		return damaged(checker, page, "has %zu bytes of nodes where %zu belong", sum, checker->page_size - head->upper);
	return 0;
}

static size_t node_bytes(const struct page_head *head, const struct node *node)
{
	size_t inside = head->flags != PAGE_LEAF ? 0 : node->flags & NODE_BIG ? sizeof(uint64_t) : node->size;

	return (NODE + node->key.len + inside + 1) & ~(size_t)1;
}

static int key_compare(const struct walk *walk, struct span a, struct span b)
{
	uint64_t left, right;

	if (!(walk->tree->flags & FLAG_INTEGER_KEY) || a.len != sizeof left || b.len != sizeof right)
		return span_compare(a, b);
	memcpy(&left, a.data, sizeof left);
	memcpy(&right, b.data, sizeof right);
	return left < right ? -1 : left > right;
}

/* ---- rows ---- */

static int tree_check(struct checker *checker, struct walk *walk, int level);

/* Ids of free pages: a count, then from the largest to the smallest. */
static int free_row(struct checker *checker, uint64_t page, const struct node *node, struct span value)
{
	uint64_t txn, count, id, before = NO_PAGE;

	if (node->key.len != sizeof txn || value.len < sizeof count)
		return damaged(checker, page, "has a free list of the wrong size");
	memcpy(&txn, node->key.data, sizeof txn);
	memcpy(&count, value.data, sizeof count);
	if (txn > checker->meta.txn || count >= value.len / sizeof id)
		return damaged(checker, page, "has a free list of transaction %" PRIu64 " with %" PRIu64 " pages", txn, count);
	for (uint64_t i = 1; i <= count; i++) {
		memcpy(&id, value.data + i * sizeof id, sizeof id);
		if (id >= before)
			return damaged(checker, page, "has a free list out of order");
		int result = page_claim(checker, id, 1, "the free list");
		if (result)
			return result;
		before = id;
	}
	return 0;
}

static int table_row(struct checker *checker, uint64_t page, const struct node *node, int level)
{
	struct tree tree;
	struct walk inner = {.name = node->key, .tree = &tree};

	if (!(node->flags & NODE_TABLE) || node->size != sizeof tree)
		return damaged(checker, page, "has a directory row that is no table");
	memcpy(&tree, node->data, sizeof tree);
	return tree_check(checker, &inner, level + 1);
}

static int big_value(struct checker *checker, struct walk *walk, uint64_t page, const struct node *node, struct span *ret_value)
{
	struct page_head head;
	uint64_t first, count = (HEADER + node->size + checker->page_size - 1) / checker->page_size;
	uint32_t says;

	memcpy(&first, node->data, sizeof first);
	int result = page_claim(checker, first, count, "a long row");
	if (result)
		return result;
	buf_clear(&checker->big);
	buf_reserve(&checker->big, count * checker->page_size);
	result = bytes_read(checker, first, checker->big.data, count * checker->page_size);
	if (result)
		return result;
	memcpy(&head, checker->big.data, sizeof head);
	memcpy(&says, checker->big.data + 12, sizeof says);
	if (head.number != first || head.flags != PAGE_OVERFLOW || says != count)
		return damaged(checker, first, "does not begin the long row that page %" PRIu64 " names", page);
	walk->found.overflows += count;
	*ret_value = (struct span){checker->big.data + HEADER, node->size};
	return 0;
}

static int row_check(struct checker *checker, struct walk *walk, uint64_t page, const struct node *node, int level)
{
	struct span value = {node->data, node->size};
	const char *wrong;
	int result = 0;

	if (checker->record > 0 && (node->key.len != sizeof checker->record || memcmp(node->key.data, &checker->record, sizeof checker->record)))
		return damaged(checker, page, "has another number in its place");
	if (node->key.len == 0 || (walk->any && key_compare(walk, (struct span){walk->last, walk->last_len}, node->key) >= 0))
		return damaged(checker, page, "has a key out of order");
	walk->any = true;
	walk->last_len = node->key.len;
	memcpy(walk->last, node->key.data, node->key.len);
	if (node->flags & NODE_BIG)
		result = big_value(checker, walk, page, node, &value);
	walk->found.entries++;
	if (result)
		return result;
	if (walk->free_list)
		return free_row(checker, page, node, value);
	if (walk->directory)
		return table_row(checker, page, node, level);
	if (node->flags & NODE_TABLE)
		return damaged(checker, page, "has a table within a table");
	wrong = checker->check->row ? checker->check->row(checker->check->context, walk->name, node->key, value) : NULL;
	return wrong ? damaged(checker, page, "has a wrong row: %s", wrong) : 0;
}

/* ---- trees ---- */

/* The keys of a page lie from `low` (inclusive) to below `high`; empty: no bound. */
static int bounds_check(struct checker *checker, const struct walk *walk, uint64_t page, struct span key, struct span low, struct span high)
{
	if ((low.len && key_compare(walk, key, low) < 0) || (high.len && key_compare(walk, key, high) >= 0))
		return damaged(checker, page, "has a key that its parent would not look for there");
	return 0;
}

static int page_walk(struct checker *checker, struct walk *walk, uint64_t page, int level, int depth_left, struct span low, struct span high);

static int branch_walk(struct checker *checker, struct walk *walk, uint64_t page, int level, int depth_left, const struct page_head *head,
	struct span low, struct span high)
{
	size_t count = node_count(head), sum = 0;
	struct node node, next;
	int result = 0;

	walk->found.branches++;
	for (size_t i = 0; i < count && !result; i++) {
		result = node_read(checker, page, checker->pages[level], head, i, &node);
		sum += node_bytes(head, &node);
	}
	if (!result)
		result = nodes_fill(checker, page, head, sum);
	for (size_t i = 0; i < count && !result; i++) {
		struct span from = low, to = high;
		node_read(checker, page, checker->pages[level], head, i, &node);
		if (i > 0) {
			from = node.key;
			result = bounds_check(checker, walk, page, node.key, low, high);
		}
		if (!result && i + 1 < count && !node_read(checker, page, checker->pages[level], head, i + 1, &next)) {
			to = next.key;
			if (i > 0 && key_compare(walk, node.key, next.key) >= 0)
				result = damaged(checker, page, "has a key out of order");
		}
		if (!result)
			result = page_walk(checker, walk, node.size, level + 1, depth_left - 1, from, to);
	}
	return result;
}

/* The number that must come next in the growing table: after the last one; for the first, before the second if the third bears that one out. */
static void record_expect(struct checker *checker, const struct walk *walk, uint64_t page, int level, const struct page_head *head, size_t index)
{
	struct span key = {walk->last, walk->last_len};
	struct node next, third;
	int64_t step = 1, second, after;

	checker->record = 0;
	if (!checker->check->integer_table || !span_is(walk->name, checker->check->integer_table))
		return;
	if (!walk->any) {
		if (index + 2 >= node_count(head) || node_read(checker, page, checker->pages[level], head, index + 1, &next) ||
			node_read(checker, page, checker->pages[level], head, index + 2, &third) || next.key.len != sizeof second || third.key.len != sizeof after)
			return;
		memcpy(&second, next.key.data, sizeof second);
		memcpy(&after, third.key.data, sizeof after);
		if (after != second + 1)
			return;
		key = next.key;
		step = -1;
	}
	if (key.len != sizeof checker->record)
		return;
	memcpy(&checker->record, key.data, sizeof checker->record);
	checker->record += step;
}

static int leaf_walk(struct checker *checker, struct walk *walk, uint64_t page, int level, const struct page_head *head, struct span low, struct span high)
{
	size_t count = node_count(head), sum = 0;
	struct node node;
	int result = 0;

	walk->found.leaves++;
	for (size_t i = 0; i < count && !result; i++) {
		result = node_read(checker, page, checker->pages[level], head, i, &node);
		sum += node_bytes(head, &node);
	}
	if (!result)
		result = nodes_fill(checker, page, head, sum);
	for (size_t i = 0; i < count && !result; i++) {
		node_read(checker, page, checker->pages[level], head, i, &node);
		record_expect(checker, walk, page, level, head, i);
		result = bounds_check(checker, walk, page, node.key, low, high);
		if (!result)
			result = row_check(checker, walk, page, &node, level);
	}
	if (!result)
		checker->record = 0;
	return result;
}

static int page_walk(struct checker *checker, struct walk *walk, uint64_t page, int level, int depth_left, struct span low, struct span high)
{
	struct page_head head;
	bool leaf = depth_left == 1;
	int result = page_claim(checker, page, 1, walk->free_list ? "the tree of free lists" : walk->directory ? "the directory" : "a table");

	if (result)
		return result;
	if (level >= DEPTH_MOST)
		return damaged(checker, page, "is deeper than any tree");
	if (leaf && checker->check->skeleton && !walk->directory && !walk->free_list) {
		walk->found.leaves++;
		return 0;
	}
	result = page_read(checker, page, level, &head);
	if (!result)
		result = head_check(checker, page, &head, leaf ? PAGE_LEAF : PAGE_BRANCH);
	if (result)
		return result;
	return leaf ? leaf_walk(checker, walk, page, level, &head, low, high) : branch_walk(checker, walk, page, level, depth_left, &head, low, high);
}

static int counts_check(struct checker *checker, const struct walk *walk)
{
	const struct tree *says = walk->tree, *found = &walk->found;
	bool partly = checker->check->skeleton && !walk->directory && !walk->free_list;

	if (says->branches == found->branches && says->leaves == found->leaves &&
		(partly || (says->overflows == found->overflows && says->entries == found->entries)))
		return 0;
	snprintf(checker->error, checker->error_size, "table %.*s has %" PRIu64 " rows in %" PRIu64 " pages where %" PRIu64 " in %" PRIu64 " belong",
		(int)walk->name.len, walk->name.data, found->entries, found->branches + found->leaves + found->overflows, says->entries,
		says->branches + says->leaves + says->overflows);
	return 1;
}

static int tree_check(struct checker *checker, struct walk *walk, int level)
{
	const struct tree *tree = walk->tree;
	struct span none = {0};
	int result = 0;

	bool integer = !walk->directory && checker->check->integer_table; /* a table beside such may have plain keys */
	bool empty = tree->root == NO_PAGE;
	if (!walk->free_list && (tree->flags & ~(integer ? FLAG_INTEGER_KEY : 0)))
		return damaged(checker, empty ? 0 : tree->root, "begins a tree with the flags %#x", tree->flags);
	if (empty != (tree->depth == 0) || tree->depth > DEPTH_MOST)
		return damaged(checker, empty ? 0 : tree->root, "begins a tree of depth %u", tree->depth);
	if (!empty)
		result = page_walk(checker, walk, tree->root, level, tree->depth, none, none);
	return result ? result : counts_check(checker, walk);
}

/* ---- heads ---- */

static bool size_possible(uint64_t size)
{
	return size >= 256 && size <= 65536 && !(size & (size - 1));
}

static int meta_read(struct checker *checker, uint64_t page, struct meta *ret_meta)
{
	struct page_head head;
	char bytes[HEADER + sizeof *ret_meta];
	ssize_t got = pread(checker->descriptor, bytes, sizeof bytes, (off_t)(page * checker->page_size));

	if (got < 0)
		return -errno;
	if (got != sizeof bytes)
		return damaged(checker, page, "is missing: the file was cut");
	memcpy(&head, bytes, sizeof head);
	memcpy(ret_meta, bytes + HEADER, sizeof *ret_meta);
	if (head.number != page || head.flags != PAGE_META)
		return damaged(checker, page, "is no head of a store");
	if (ret_meta->magic != MAGIC || ret_meta->version != VERSION)
		return damaged(checker, page, "is no head of a store that this program knows");
	if (ret_meta->address || !size_possible(ret_meta->trees[0].pad) || (ret_meta->trees[0].flags & ~FLAG_NO_FOLDER) != FLAG_INTEGER_KEY || ret_meta->trees[1].pad)
		return damaged(checker, page, "is a head with impossible values");
	return 0;
}

/* The last key of a table as a head says, as far as that can be found; -1: no such table, or not readable. */
static int64_t last_key(struct checker *checker, const struct meta *meta, const struct span *name)
{
	struct tree tree = meta->trees[1];
	struct page_head head;
	struct node node;
	int64_t key = -1;

	for (int table = 0; table < 2; table++) {
		uint64_t page = tree.root;
		if (tree.depth == 0 || tree.depth > DEPTH_MOST)
			return -1;
		for (int depth = tree.depth; depth > 0; depth--) {
			bool leaf = depth == 1, found = false;
			if (page > meta->last_page || page_read(checker, page, 0, &head) || head_check(checker, page, &head, leaf ? PAGE_LEAF : PAGE_BRANCH))
				return -1;
			for (size_t i = node_count(&head); i-- > 0 && !found;) {
				if (node_read(checker, page, checker->pages[0], &head, i, &node))
					return -1;
				found = !leaf || table == 1 || span_equal(node.key, *name);
			}
			if (!found)
				return -1;
			page = node.size;
		}
		if (table == 0 && node.size != sizeof tree)
			return -1;
		if (table == 0)
			memcpy(&tree, node.data, sizeof tree);
		else if (node.key.len == sizeof key)
			memcpy(&key, node.key.data, sizeof key);
	}
	return key;
}

/* The newer of two heads. A wrong transaction number would choose the older one, and the last commit would be gone without a word: heads
 * alternate, and what only grows must not be shorter in the newer one. */
static int meta_choose(struct checker *checker)
{
	struct meta metas[2];
	int result = meta_read(checker, 0, &metas[0]);

	if (result)
		return result;
	checker->page_size = metas[0].trees[0].pad;
	result = meta_read(checker, 1, &metas[1]);
	if (result)
		return result;
	if (metas[0].trees[0].pad != metas[1].trees[0].pad)
		return damaged(checker, 1, "disagrees with page 0 about the size of pages");
	uint64_t even = metas[0].txn, odd = metas[1].txn;
	if ((even || odd) && (even % 2 != 0 || odd % 2 != 1 || (even + 1 != odd && odd + 1 != even)))
		return damaged(checker, odd > even, "is the head of transaction %" PRIu64 " beside %" PRIu64, odd > even ? odd : even, odd > even ? even : odd);
	checker->meta = metas[odd > even];
	if (!checker->check->integer_table)
		return 0;
	struct span name = span_of(checker->check->integer_table);
	int64_t newer = last_key(checker, &checker->meta, &name), older = last_key(checker, &metas[odd <= even], &name);
	checker->error[0] = '\0';
	if (older > newer)
		return damaged(checker, odd > even, "is a head that ends with record %" PRId64 ", the older one with %" PRId64, newer, older);
	return 0;
}

static int length_check(struct checker *checker)
{
	if (checker->meta.last_page < 1 || checker->meta.last_page > (uint64_t)((checker->length + BEHIND_END) / (off_t)checker->page_size))
		return damaged(checker, checker->meta.last_page, "is the last one that the head names; the file was cut at %lld bytes, or the head is wrong",
			(long long)checker->length);
	return 0;
}

static int trees_check(struct checker *checker)
{
	struct walk tables = {.tree = &checker->meta.trees[1], .directory = true};
	struct walk free_lists = {.tree = &checker->meta.trees[0], .free_list = true};

	checker->used = must_calloc(checker->meta.last_page / 8 + 1, 1);
	int result = tree_check(checker, &tables, 0);
	return result ? result : tree_check(checker, &free_lists, 0);
}

static int content_check(struct checker *checker)
{
	int result;

	checker->page_size = 4096; /* until the head says so */
	result = meta_choose(checker);
	if (!result)
		result = length_check(checker);
	if (!result)
		result = trees_check(checker);
	free(checker->used);
	for (size_t i = 0; i < DEPTH_MOST; i++)
		free(checker->pages[i]);
	buf_free(&checker->big);
	return result;
}

int lmdb_check_file(struct lmdb_check *check, char *error, size_t error_size)
{
	struct checker checker = {.check = check, .error = error, .error_size = error_size};
	struct stat status;
	int result = 0;

	error[0] = '\0';
	checker.descriptor = open(check->path, O_RDONLY | O_CLOEXEC);
	if (checker.descriptor < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(checker.descriptor, &status) != 0)
		result = -errno;
	checker.length = status.st_size;
	if (!result && checker.length > 0)
		result = content_check(&checker);
	close(checker.descriptor);
	return result;
}
