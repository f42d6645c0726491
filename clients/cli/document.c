/* YAML as a tree. Owns libyaml's document; home of libyaml in the command line. It gives places with every complaint and has
 * no idea what the tree is about. Aliases are followed by libyaml; a node may so be reached twice, never in a circle
 * that somebody walks, because readers go down by known keys only. */
#include "clients/cli/document.h"
#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct document {
	char *name;
	yaml_document_t yaml;
};

static yaml_node_t *node_of(const struct document *document, int node)
{
	/* libyaml's reader takes a document that is not const, but only reads. */
	return node > 0 ? yaml_document_get_node((yaml_document_t *)&document->yaml, node) : NULL;
}

struct document *document_parse(const char *name, struct span text, char *error, size_t error_size)
{
	struct document *document = must_calloc(1, sizeof *document);
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		memory_out(sizeof parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)(text.len ? text.data : ""), text.len);
	if (!yaml_parser_load(&parser, &document->yaml)) {
		snprintf(error, error_size, "%s:%zu:%zu: %s", name, parser.problem_mark.line + 1, parser.problem_mark.column + 1,
			parser.problem ? parser.problem : "not YAML");
		yaml_parser_delete(&parser);
		free(document);
		return NULL;
	}
	yaml_parser_delete(&parser);
	document->name = span_dup(span_of(name));
	return document;
}

struct document *document_open(const char *path, char *error, size_t error_size)
{
	FILE *file = fopen(path, "rb");
	struct buf text = {0};
	char chunk[4096];
	size_t len;

	if (!file) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		return NULL;
	}
	while ((len = fread(chunk, 1, sizeof chunk, file)) > 0)
		buf_add(&text, chunk, len);
	fclose(file);
	struct document *document = document_parse(path, buf_span(&text), error, error_size);
	buf_free(&text);
	return document;
}

void document_close(struct document *document)
{
	if (!document)
		return;
	yaml_document_delete(&document->yaml);
	free(document->name);
	free(document);
}

int document_root(const struct document *document)
{
	return node_of(document, 1) ? 1 : 0;
}

enum node_kind node_kind(const struct document *document, int node)
{
	yaml_node_t *found = node_of(document, node);

	if (!found)
		return NODE_NONE;
	switch (found->type) {
	case YAML_SCALAR_NODE:
		return NODE_TEXT;
	case YAML_SEQUENCE_NODE:
		return NODE_LIST;
	case YAML_MAPPING_NODE:
		return NODE_MAP;
	case YAML_NO_NODE:
		break;
	}
	return NODE_NONE;
}

const char *node_text(const struct document *document, int node)
{
	if (node_kind(document, node) != NODE_TEXT)
		return "";
	return (const char *)node_of(document, node)->data.scalar.value;
}

size_t node_count(const struct document *document, int node)
{
	yaml_node_t *found = node_of(document, node);

	if (node_kind(document, node) == NODE_LIST)
		return (size_t)(found->data.sequence.items.top - found->data.sequence.items.start);
	if (node_kind(document, node) == NODE_MAP)
		return (size_t)(found->data.mapping.pairs.top - found->data.mapping.pairs.start);
	return 0;
}

int node_at(const struct document *document, int node, size_t index)
{
	yaml_node_t *found = node_of(document, node);

	if (index >= node_count(document, node))
		return 0;
	return found->type == YAML_SEQUENCE_NODE ? found->data.sequence.items.start[index] : found->data.mapping.pairs.start[index].value;
}

int node_key(const struct document *document, int node, size_t index)
{
	if (node_kind(document, node) != NODE_MAP || index >= node_count(document, node))
		return 0;
	return node_of(document, node)->data.mapping.pairs.start[index].key;
}

int node_get(const struct document *document, int node, const char *key)
{
	for (size_t i = 0; i < node_count(document, node); i++)
		if (node_kind(document, node) == NODE_MAP && strcmp(node_text(document, node_key(document, node, i)), key) == 0)
			return node_at(document, node, i);
	return 0;
}

void node_wrong(const struct document *document, int node, char *error, size_t error_size, const char *format, ...)
{
	yaml_node_t *found = node_of(document, node);
	va_list args;
	int used = snprintf(error, error_size, "%s:%zu:%zu: ", document->name, found ? found->start_mark.line + 1 : 1,
		found ? found->start_mark.column + 1 : 1);

	if (used < 0 || (size_t)used >= error_size)
		return;
	va_start(args, format);
	vsnprintf(error + used, error_size - (size_t)used, format, args);
	va_end(args);
}
