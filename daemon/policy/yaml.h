/* A YAML file as a tree of values that remember line and column. Home of libyaml; used for policies and for reeved.yaml.
 *
 * Only what configuration needs: one document; text, lists and maps; keys are text, each once in its map. Tags other than
 * the defaults are ignored: a value is text until somebody reads it as something else. */
#ifndef REEVE_POLICY_YAML_H
#define REEVE_POLICY_YAML_H

#include "base/span.h"

enum yaml_kind { YAML_KIND_TEXT, YAML_KIND_LIST, YAML_KIND_MAP };

struct yaml_entry;

struct yaml_value {
	enum yaml_kind kind;
	int64_t row, column; /* from 1; of a map or list: of its first key or item */
	struct span text;    /* text */
	bool plain;          /* text without quotes: an empty plain text, ~ and null mean "nothing" */
	struct yaml_value **items; /* list */
	struct yaml_entry *entries; /* map, in the order of the file */
	size_t count;              /* of items or entries */
};

struct yaml_entry {
	struct yaml_value *key; /* text */
	struct yaml_value *value;
};

struct yaml_problem {
	int64_t row, column; /* from 1; 0 unknown */
	char message[256];
};

struct yaml_file;

/* NULL with the problem. The content is copied. */
struct yaml_file *yaml_read(struct span content, struct yaml_problem *ret_problem);
/* Takes NULL. */
void yaml_close(struct yaml_file *file);

/* NULL for an empty document. */
const struct yaml_value *yaml_root(const struct yaml_file *file);
/* The value of a key; NULL when there is none, or the value is no map (also for NULL). */
const struct yaml_value *yaml_get(const struct yaml_value *map, const char *key);
/* Nothing was written: absent, empty, ~ or null. */
bool yaml_nothing(const struct yaml_value *value);

#endif
