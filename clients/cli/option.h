/* Options of a subcommand as rows of a table: parsed by getopt_long, printed by --help, copied into a command's fields. */
#ifndef REEVE_CLI_OPTION_H
#define REEVE_CLI_OPTION_H

#include "core/record.h"

struct option_row {
	const char *name;    /* without the dashes */
	const char *value;   /* what it takes, for the help; NULL: a flag */
	const char *help;
	enum field field;    /* FIELD_COUNT: no field of the command */
};
#define OPTION_VALUE(name, value, help) {name, value, help, FIELD_COUNT}
#define OPTION_FLAG(name, help) {name, NULL, help, FIELD_COUNT}
#define OPTION_FIELD(name, value, member, help) {name, value, help, FIELD_##member}
#define OPTION_END {NULL, NULL, NULL, FIELD_COUNT}

#define OPTION_MOST 40 /* rows of one command, global ones included */

struct options {
	const struct option_row *rows[OPTION_MOST];
	const char *values[OPTION_MOST]; /* of each row; NULL: not given; a flag that was given: "" */
	size_t count;
	const char **arguments;          /* what is not an option */
	size_t argument_count;
};

/* Adds a table to what options_parse knows. */
void options_know(struct options *options, const struct option_row *rows);
/* argv[0] is skipped. stop: end at the first argument that is no option (options before the subcommand). Returns the index
 * of the first argument when stop, else 0; -1 after it printed what is wrong. Arguments are moved behind the options in argv. */
int options_parse(struct options *options, int argc, char **argv, bool stop);
/* NULL: not given. */
const char *options_text(const struct options *options, const char *name);
bool options_flag(const struct options *options, const char *name);
const char *options_argument(const struct options *options, size_t index);
/* Copies every option that has a field into the record; false after it printed which one cannot be read. */
bool options_fill(const struct options *options, const char *zone, struct record *record);
/* A whole number between least and most; otherwise when not given; false after it printed what is wrong. */
bool options_number(const struct options *options, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *ret_number);
void options_help(const struct option_row *rows);

#endif
