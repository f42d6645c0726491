/* A CSV file (RFC 4180, comma, UTF-8, first row the names of the columns) as rows with their line numbers. Home of libcsv. */
#ifndef REEVE_POLICY_CSV_H
#define REEVE_POLICY_CSV_H

#include "base/span.h"

struct csv_row {
	int64_t line; /* from 1: where the row begins; a quoted field may hold line ends */
	struct span *fields; /* as many as columns; blanks around unquoted ones are gone */
};

struct csv_table {
	struct span *columns;
	size_t column_count;
	struct csv_row *rows; /* empty lines are left out */
	size_t row_count;
	struct arena *arena; /* everything above */
};

struct csv_problem {
	int64_t line;   /* from 1 */
	int64_t column; /* number of the field from 1, 0 unknown */
	char message[256];
};

/* The content is copied. Stops at the first problem: 0, or -1 with the problem and an empty table. */
int csv_table_read(struct span content, struct csv_table *ret_table, struct csv_problem *ret_problem);
/* Takes empty ones. */
void csv_table_free(struct csv_table *table);
/* Index of a column, -1: none. */
int csv_table_column(const struct csv_table *table, const char *name);

#endif
