/* A CSV file of a policy: its columns checked against a list, its fields with their places. For compile*.c only. */
#ifndef REEVE_POLICY_SHEET_H
#define REEVE_POLICY_SHEET_H

#include "policy/compiler.h"

#define SHEET_COLUMNS_MOST 12

struct sheet_column {
	const char *name;
	bool required;
};

struct sheet {
	struct compiler *compiler;
	const char *file;
	const struct sheet_column *columns;
	int column_count;
	int where[SHEET_COLUMNS_MOST]; /* in the file, -1: the column is not there */
	struct csv_table csv;
};

/* False when there is nothing to read; what is wrong is in the findings. Close in any case. */
bool sheet_open(struct sheet *sheet, struct compiler *compiler, const char *file, bool required, const struct sheet_column *columns, int column_count);
void sheet_close(struct sheet *sheet);
size_t sheet_rows(const struct sheet *sheet);
/* Trimmed; empty when the column is not there. Lives as long as the sheet. */
struct span sheet_text(const struct sheet *sheet, size_t row, int column);
/* The same, kept in the policy. */
struct span sheet_keep(const struct sheet *sheet, size_t row, int column);
struct place sheet_place(const struct sheet *sheet, size_t row, int column);
/* "areas.csv:12", kept in the policy. */
struct span sheet_line(const struct sheet *sheet, size_t row);
/* Nothing, or * : the row speaks of any. */
bool sheet_any(const struct sheet *sheet, size_t row, int column);
/* Index of what the field names; -1 when it says nothing or, with a finding, names nothing. */
int sheet_refer(const struct sheet *sheet, size_t row, int column, const struct codes *codes, const char *what);
/* 1 to 4; `otherwise` when the field says nothing or, with a finding, cannot be read. */
int sheet_urgency(const struct sheet *sheet, size_t row, int column, int otherwise);

#endif
