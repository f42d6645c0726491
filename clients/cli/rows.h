/* Rows of a CSV file (RFC 4180, UTF-8), plain or gzipped, one at a time. */
#ifndef REEVE_CLI_ROWS_H
#define REEVE_CLI_ROWS_H

#include "base/span.h"

struct rows;

/* Opens and reads the heading. NULL with one line in error. */
struct rows *rows_open(const char *path, char *error, size_t error_size);
/* Takes NULL. */
void rows_close(struct rows *rows);
/* Index of a column; -1: no such heading. */
int rows_column(const struct rows *rows, const char *heading);
/* 1 and the next row; 0 at the end; -1 on a fault (rows_error). Cells live until the next call. A row with fewer cells than the heading
 * has empty ones. */
int rows_next(struct rows *rows);
struct span rows_cell(const struct rows *rows, int column);
/* The current row, 1 = the first below the heading. */
int64_t rows_number(const struct rows *rows);
const char *rows_error(const struct rows *rows);
/* Bytes of the file read so far, and its size. */
void rows_progress(const struct rows *rows, int64_t *ret_read, int64_t *ret_size);

#endif
