/* A YAML file as a tree of nodes with their places. */
#ifndef REEVE_CLI_DOCUMENT_H
#define REEVE_CLI_DOCUMENT_H

#include "base/span.h"

struct document;

/* A node is a number; 0 is none. */
enum node_kind { NODE_NONE, NODE_TEXT, NODE_LIST, NODE_MAP };

/* NULL with "file:line:column: what is wrong" in error. */
struct document *document_open(const char *path, char *error, size_t error_size);
struct document *document_parse(const char *name, struct span text, char *error, size_t error_size);
/* Takes NULL. */
void document_close(struct document *document);
int document_root(const struct document *document);
enum node_kind node_kind(const struct document *document, int node);
/* A scalar's text, NUL-terminated; "" for anything else. */
const char *node_text(const struct document *document, int node);
/* Rows of a list or pairs of a map. */
size_t node_count(const struct document *document, int node);
int node_at(const struct document *document, int node, size_t index);
int node_key(const struct document *document, int node, size_t index);
/* The value under a key; 0: none. */
int node_get(const struct document *document, int node, const char *key);
/* Writes "file:line:column: " and the message. */
void node_wrong(const struct document *document, int node, char *error, size_t error_size, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
