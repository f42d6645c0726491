/* A mapping file: how the columns of somebody's table become fields of a report, and what happened to it later.
 *
 *   zone: America/New_York             # of every time without an offset; default: that of the command line
 *   format: "%Y-%m-%d %H:%M:%S"        # of every time, strptime(3); default: ISO 8601
 *   fields:
 *     source: {constant: boston311}
 *     source_ref: case_enquiry_id      # a column by its heading
 *     text: {template: "{subject}: {type}", transform: [squeeze, trim]}
 *     category: {column: type, transform: slug, lookup: {a: b}, otherwise: other, default: unknown}
 *   play:                              # only for import --play
 *     - {do: sign, between: [open_dt, closed_dt], share: 0.5}
 *     - {do: close, at: closed_dt, plus: 1h, fields: {outcome: {column: code, lookup: {Resolved: solved}}}}
 *
 * Order of a rule: column, constant or template; transforms; empty -> default, or the field is absent; lookup, and what is not
 * in it -> otherwise, or the row is refused. Transforms: trim, squeeze, lower, upper, slug, cut (to what the field holds). */
#ifndef REEVE_CLI_MAPPING_H
#define REEVE_CLI_MAPPING_H

#include "clients/cli/rows.h"
#include "core/record.h"

struct mapping;

/* NULL with "file:line:column: what is wrong" in error. zone: for a file that names none. */
struct mapping *mapping_open(const char *path, const char *zone, char *error, size_t error_size);
/* Takes NULL. */
void mapping_close(struct mapping *mapping);
/* Finds the columns. False: which one is missing, with the place in the mapping file. */
bool mapping_bind(struct mapping *mapping, const struct rows *rows, char *error, size_t error_size);

/* The current row as a submit command. Its texts live until the next call. False: what is wrong with the row. */
bool mapping_report(struct mapping *mapping, const struct rows *rows, struct record *ret_command, char *wrong, size_t wrong_size);
/* How many later steps each row can have. */
size_t mapping_steps(const struct mapping *mapping);
/* One later step of the row that mapping_report read last. 1 and the command with its time (at); 0: this row has no such step; -1: what is wrong. */
int mapping_step(struct mapping *mapping, size_t step, const struct rows *rows, struct record *ret_command, char *wrong, size_t wrong_size);

#endif
