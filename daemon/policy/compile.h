/* A directory of CSV and YAML becomes a struct policy, or a list of findings by file, row and column. */
#ifndef REEVE_POLICY_COMPILE_H
#define REEVE_POLICY_COMPILE_H

#include "core/policy.h"

struct policy_file {
	struct span name;    /* without a directory: areas.csv */
	struct span content; /* UTF-8, a byte order mark is skipped */
};

struct finding {
	char *file;
	int64_t row;    /* line number from 1; 0: the file as a whole */
	int64_t column; /* from 1; 0: unknown */
	bool warning;   /* false: the policy cannot be used */
	char *message;  /* what is wrong and what helps */
};

struct findings {
	struct finding *rows;
	size_t count;
	size_t errors; /* rows that are not warnings */
};

/* The policy, or NULL when findings->errors > 0. The files' text is copied. Deterministic: the same files, the same policy
 * (time zone data of the machine aside). */
struct policy *policy_compile(const struct policy_file *files, size_t file_count, struct findings *findings);
/* What is allowed but probably not meant, as warnings behind the findings that are there: rules that can never match, areas without a
 * unit for a category, rungs that nobody hears, calendars and admissions that end. now: for the ends. */
void policy_review(const struct policy *policy, int64_t now, struct findings *findings);
void findings_free(struct findings *findings);

/* Reads every *.csv, *.yaml and *.yml of a directory in name order; fills *ret_files (free with policy_files_free).
 * 0, or -1 with one line in error. */
int policy_files_read(const char *directory, struct policy_file **ret_files, size_t *ret_count, char *error, size_t error_size);
void policy_files_free(struct policy_file *files, size_t count);

#endif
