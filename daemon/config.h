/* reeved.yaml: one YAML file, its sections and keys those of settings.def, and two lists:
 *
 *   workers:               worker processes that reeved starts; without the key one of each task, [] for none
 *     - {task: triage, count: 2, command: /usr/local/bin/our-triage --fast}
 *   access:                who may do what; without the key everybody whom the sockets' file mode lets in may do everything
 *     default: [intake]    roles of whoever is not listed
 *     actors:
 *       - {name: ana, roles: [dispatcher, supervisor], area: 370102, unit: gas}   area and unit: whose confidential cases
 *
 * Sizes are plain bytes or like 64 MiB, times plain milliseconds or like 10 s, 5 min. */
#ifndef REEVE_CONFIG_H
#define REEVE_CONFIG_H

#include <stdio.h>

#include "base/settings.h"
#include "base/span.h"

enum setting_type { SETTING_TYPE_TEXT, SETTING_TYPE_WORD, SETTING_TYPE_COUNT, SETTING_TYPE_BYTES, SETTING_TYPE_MS };

/* A row of settings.def. */
struct setting_row {
	const char *section, *name;
	enum setting_type type;
	size_t offset; /* in struct settings */
	const char *otherwise;
	int64_t smallest, largest;
	bool reload;
	const char *meaning;
};
extern const struct setting_row setting_rows[];
extern const size_t setting_row_count;

struct config_problem {
	int64_t row, column; /* from 1; 0: the file as a whole */
	char *message;
};

struct config_problems {
	struct config_problem *rows;
	size_t count;
};

/* Reads a whole configuration; what it does not name has its default. False with every problem found; the settings are to be freed either way. */
bool config_read(struct span content, struct settings *ret_settings, struct config_problems *ret_problems);
/* The same from a file. NULL: no file, that is every default. */
bool config_load(const char *path, struct settings *ret_settings, struct config_problems *ret_problems);
void config_problem_add(struct config_problems *problems, int64_t row, int64_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A line for each: FILE:LINE:COLUMN: message. */
void config_problems_print(FILE *to, const char *path, const struct config_problems *problems);
void config_problems_free(struct config_problems *problems);

/* SIGHUP: moves into running what may change while it runs and logs each change; what needs a restart stays and is named. Afterwards fresh
 * holds what was replaced: free it when nobody looks at it any more. */
void config_take_over(struct settings *running, struct settings *fresh);

/* A complete file with every setting at its default, explained. */
void config_print_defaults(FILE *to);

/* Numbers with units. False with what is wrong. */
bool config_number_read(struct span text, enum setting_type type, int64_t *ret_number, char *error, size_t error_size);
/* As a person would write it; config_number_read reads it back. */
void config_number_write(int64_t number, enum setting_type type, char ret_text[32]);

/* The most memory that the daemon takes under these settings, in bytes: docs/OPERATING.md explains the sum. */
int64_t config_memory_most(const struct settings *settings);

#endif
