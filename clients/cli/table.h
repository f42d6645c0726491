/* Tables for people: columns line up by what a terminal shows, so a Chinese character takes two places. */
#ifndef REEVE_CLI_TABLE_H
#define REEVE_CLI_TABLE_H

#include <stdio.h>

#include "base/span.h"

struct table_column {
	const char *heading;
	bool right;  /* numbers */
	size_t most; /* wider text is cut and ends in an ellipsis; 0: never */
};

struct table;

/* columns must outlive the table. */
struct table *table_new(const struct table_column *columns, size_t count);
/* Takes NULL. */
void table_free(struct table *table);
/* Adds the next cell, row after row. The text is copied; control characters become blanks. */
void table_add(struct table *table, struct span text);
void table_add_text(struct table *table, const char *text);
void table_add_number(struct table *table, int64_t number);
/* Headings, rows; bold headings when color. Nothing but the headings when there are no rows. */
void table_print(const struct table *table, FILE *out, bool color);

/* Places that a terminal needs for it. Bytes that are not UTF-8 count as one place each. */
size_t text_width(struct span text);
/* The longest beginning of whole characters that fits into so many places. */
size_t text_fit(struct span text, size_t places);

#endif
