/* One rule of a mapping file: where a value comes from and what is done to it. */
#ifndef REEVE_CLI_RULE_H
#define REEVE_CLI_RULE_H

#include "clients/cli/document.h"
#include "clients/cli/rows.h"
#include "core/record.h"

#define RULE_PARTS 24
#define RULE_TRANSFORMS 8

enum transform { TRANSFORM_trim, TRANSFORM_squeeze, TRANSFORM_lower, TRANSFORM_upper, TRANSFORM_slug, TRANSFORM_cut, TRANSFORM_COUNT };

/* A piece of a value: a column's cell or fixed text. */
struct rule_part {
	char *text;    /* heading or text */
	bool is_column;
	int column;    /* after rule_bind */
};

struct rule {
	int node;      /* for complaints */
	enum field field;
	struct rule_part parts[RULE_PARTS];
	size_t part_count;
	enum transform transforms[RULE_TRANSFORMS];
	size_t transform_count;
	char **lookup; /* key, value, key, value */
	size_t lookup_count;
	char *otherwise, *fallback; /* NULL: none */
	char *format, *zone;        /* of times; NULL: ISO 8601; the environment's */
	struct buf value, spare;    /* what the last rule_apply made */
};

/* Fills a rule for a field from its node: a heading, or a map. False with the place in error. */
bool rule_read(struct rule *rule, const struct document *document, int node, enum field field, const char *format, const char *zone,
	char *error, size_t error_size);
void rule_free(struct rule *rule);
bool rule_bind(struct rule *rule, const struct document *document, const struct rows *rows, char *error, size_t error_size);
/* 1: the field is set (its text lives until the rule is applied again); 0: absent; -1: what is wrong. */
int rule_apply(struct rule *rule, const struct rows *rows, struct record *record, char *wrong, size_t wrong_size);
/* Applies one transform to text: room is the limit of cut. */
void transform_apply(enum transform transform, struct span text, size_t room, struct buf *ret_text);
bool transform_find(const char *name, enum transform *ret_transform);

#endif
