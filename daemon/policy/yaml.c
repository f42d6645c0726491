/* libyaml's document, turned into our own values with their marks. Owns all of it until yaml_close.
 *
 * Invariants: every value has a line and a column; a map has no key twice and only text as keys. Aliases make one value
 * stand in several places; a value that contains itself is refused, so a walk always ends. The check for cycles and keys
 * is by list of nodes and by depth, never by recursion without a bound (YAML_DEPTH_MOST). */
#include "policy/yaml.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "core/arena.h"
#include "policy/words.h"

#define YAML_DEPTH_MOST 32
/* Walks over a document with aliases visit shared values again: a bound, so that a bomb of aliases ends early. */
#define YAML_VISITS_MOST 2000000

struct yaml_file {
	struct arena *arena;
	struct yaml_value *values; /* one for each node of the document, in its order */
	struct yaml_value *root;
};

__attribute__((format(printf, 4, 5)))
static bool problem_set(struct yaml_problem *problem, int64_t row, int64_t column, const char *format, ...)
{
	va_list args;

	problem->row = row;
	problem->column = column;
	va_start(args, format);
	vsnprintf(problem->message, sizeof problem->message, format, args);
	va_end(args);
	return false;
}

/* Line and column of a byte. */
static bool problem_at_byte(struct yaml_problem *problem, struct span content, int64_t offset, const char *message)
{
	int64_t row = 1, column = 1;

	for (int64_t i = 0; i < offset; i++) {
		bool line_ends = content.data[i] == '\n';
		row += line_ends;
		column = line_ends ? 1 : column + 1;
	}
	return problem_set(problem, row, column, "%s", message);
}

static bool parser_problem(const yaml_parser_t *parser, struct yaml_problem *problem)
{
	const char *what = parser->problem ? parser->problem : "not YAML";

	if (parser->error == YAML_MEMORY_ERROR)
		memory_out(0); /* it says nothing about the file */
	return problem_set(problem, (int64_t)parser->problem_mark.line + 1, (int64_t)parser->problem_mark.column + 1,
		"not readable as YAML: %s%s%s; check indentation, quotes and colons", what,
		parser->context ? " " : "", parser->context ? parser->context : "");
}

static bool document_load(struct span content, yaml_document_t *document, struct yaml_problem *problem)
{
	yaml_parser_t parser;
	yaml_document_t second;

	if (!yaml_parser_initialize(&parser))
		memory_out(sizeof parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)(content.len ? content.data : ""), content.len);
	bool loaded = yaml_parser_load(&parser, document) || parser_problem(&parser, problem);
	if (loaded && yaml_document_get_root_node(document)) {
		loaded = yaml_parser_load(&parser, &second) || parser_problem(&parser, problem);
		if (loaded) {
			const yaml_node_t *more = yaml_document_get_root_node(&second);
			if (more)
				loaded = problem_set(problem, (int64_t)more->start_mark.line + 1, (int64_t)more->start_mark.column + 1,
					"a second document begins here: one file is one document, remove the '---'");
			yaml_document_delete(&second);
		}
		if (!loaded)
			yaml_document_delete(document);
	}
	yaml_parser_delete(&parser);
	return loaded;
}

static struct yaml_value *value_of(const struct yaml_file *file, int node)
{
	return &file->values[node - 1]; /* libyaml counts its nodes from 1 */
}

static void list_fill(struct yaml_file *file, const yaml_node_t *node, struct yaml_value *value)
{
	value->count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	value->items = arena_alloc(file->arena, value->count, sizeof *value->items);
	for (size_t i = 0; i < value->count; i++)
		value->items[i] = value_of(file, node->data.sequence.items.start[i]);
}

static void map_fill(struct yaml_file *file, const yaml_node_t *node, struct yaml_value *value)
{
	value->count = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	value->entries = arena_alloc(file->arena, value->count, sizeof *value->entries);
	for (size_t i = 0; i < value->count; i++) {
		const yaml_node_pair_t *pair = &node->data.mapping.pairs.start[i];
		value->entries[i] = (struct yaml_entry){.key = value_of(file, pair->key), .value = value_of(file, pair->value)};
	}
}

static void value_fill(struct yaml_file *file, const yaml_node_t *node, struct yaml_value *value)
{
	value->row = (int64_t)node->start_mark.line + 1;
	value->column = (int64_t)node->start_mark.column + 1;
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		value->kind = YAML_KIND_LIST;
		list_fill(file, node, value);
		break;
	case YAML_MAPPING_NODE:
		value->kind = YAML_KIND_MAP;
		map_fill(file, node, value);
		break;
	default:
		value->kind = YAML_KIND_TEXT;
		value->plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
		value->text = arena_copy(file->arena, (struct span){(const char *)node->data.scalar.value, node->data.scalar.length});
		break;
	}
}

static int key_order(const void *left, const void *right)
{
	const struct yaml_value *a = *(const struct yaml_value *const *)left;
	const struct yaml_value *b = *(const struct yaml_value *const *)right;
	int order = span_compare(a->text, b->text);

	if (order)
		return order;
	return a->row != b->row ? (a->row < b->row ? -1 : 1) : a->column < b->column ? -1 : a->column > b->column;
}

static bool keys_check(const struct yaml_value *map, struct yaml_problem *problem)
{
	const struct yaml_value **keys = must_calloc(map->count, sizeof *keys);
	bool fine = true;

	for (size_t i = 0; i < map->count && fine; i++) {
		keys[i] = map->entries[i].key;
		if (keys[i]->kind != YAML_KIND_TEXT)
			fine = problem_set(problem, keys[i]->row, keys[i]->column, "a key must be plain text");
	}
	if (fine && map->count)
		qsort(keys, map->count, sizeof *keys, key_order);
	for (size_t i = 1; i < map->count && fine; i++)
		if (span_equal(keys[i - 1]->text, keys[i]->text))
			fine = problem_set(problem, keys[i]->row, keys[i]->column, "the key '%.*s' stands here a second time (first on line %lld): keep one",
				SPAN_SHOWN(keys[i]->text), (long long)keys[i - 1]->row);
	free(keys);
	return fine;
}

static bool depth_check(const struct yaml_value *value, int depth, size_t *visits, struct yaml_problem *problem)
{
	if (depth > YAML_DEPTH_MOST)
		return problem_set(problem, value->row, value->column, "nested deeper than %d levels, or a value inside itself", YAML_DEPTH_MOST);
	if (++*visits > YAML_VISITS_MOST)
		return problem_set(problem, value->row, value->column, "too many values; aliases that repeat aliases are not for here");
	for (size_t i = 0; i < value->count; i++) {
		const struct yaml_value *inner = value->kind == YAML_KIND_LIST ? value->items[i] : value->entries[i].value;
		if (!depth_check(inner, depth + 1, visits, problem))
			return false;
	}
	return true;
}

/* An escape can bring in what the wire and the journal refuse in a text: then a name of the policy could not be read back from an event. */
static bool controls(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if ((byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f)
			return true;
		if (byte == 0xc2 && i + 1 < text.len && (unsigned char)text.data[i + 1] < 0xa0)
			return true;
	}
	return false;
}

static bool file_check(const struct yaml_file *file, size_t nodes, struct yaml_problem *problem)
{
	size_t visits = 0;

	for (size_t i = 0; i < nodes; i++) {
		const struct yaml_value *value = &file->values[i];
		if (value->kind == YAML_KIND_TEXT && controls(value->text))
			return problem_set(problem, value->row, value->column, "control characters are not for here: take the escape out");
		if (value->kind == YAML_KIND_MAP && !keys_check(value, problem))
			return false;
	}
	return !file->root || depth_check(file->root, 1, &visits, problem);
}

struct yaml_file *yaml_read(struct span content, struct yaml_problem *ret_problem)
{
	yaml_document_t document;
	int64_t flaw = utf8_flaw(content);

	*ret_problem = (struct yaml_problem){0};
	if (flaw >= 0) {
		problem_at_byte(ret_problem, content, flaw, "not UTF-8 from here: save the file as UTF-8");
		return NULL;
	}
	if (!document_load(content, &document, ret_problem))
		return NULL;
	struct yaml_file *file = must_calloc(1, sizeof *file);
	size_t nodes = (size_t)(document.nodes.top - document.nodes.start);
	file->arena = arena_new();
	file->values = arena_alloc(file->arena, nodes, sizeof *file->values);
	for (size_t i = 0; i < nodes; i++)
		value_fill(file, &document.nodes.start[i], &file->values[i]);
	file->root = nodes ? &file->values[0] : NULL;
	yaml_document_delete(&document);
	if (!file_check(file, nodes, ret_problem)) {
		yaml_close(file);
		return NULL;
	}
	return file;
}

void yaml_close(struct yaml_file *file)
{
	if (!file)
		return;
	arena_free(file->arena);
	free(file);
}

const struct yaml_value *yaml_root(const struct yaml_file *file)
{
	return file->root;
}

const struct yaml_value *yaml_get(const struct yaml_value *map, const char *key)
{
	if (!map || map->kind != YAML_KIND_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (span_is(map->entries[i].key->text, key))
			return map->entries[i].value;
	return NULL;
}

bool yaml_nothing(const struct yaml_value *value)
{
	if (!value)
		return true;
	return value->kind == YAML_KIND_TEXT && value->plain &&
	       (value->text.len == 0 || span_is(value->text, "~") || span_is(value->text, "null"));
}
