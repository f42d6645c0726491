/* Options as tables. Owns nothing: values and arguments are argv's own strings.
 *
 * It knows no subcommand; a command's table and the table of the global options are put together by main.c, so that
 * `reeve --json list` and `reeve list --json` are the same. Everything wrong is printed here, in one line that says how
 * to get help; callers only pass the failure on. */
#include "clients/cli/option.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "clients/cli/value.h"

void options_know(struct options *options, const struct option_row *rows)
{
	for (; rows && rows->name && options->count < OPTION_MOST; rows++)
		options->rows[options->count++] = rows;
}

static void long_options_fill(const struct options *options, struct option *ret_long)
{
	for (size_t i = 0; i < options->count; i++)
		ret_long[i] = (struct option){options->rows[i]->name, options->rows[i]->value ? required_argument : no_argument, NULL, 0};
	ret_long[options->count] = (struct option){NULL, 0, NULL, 0};
}

int options_parse(struct options *options, int argc, char **argv, bool stop)
{
	struct option known[OPTION_MOST + 1];
	int found, index = 0;

	long_options_fill(options, known);
	optind = 0;
	while ((found = getopt_long(argc, argv, stop ? "+h" : "h", known, &index)) != -1) {
		if (found == 'h') {
			for (size_t i = 0; i < options->count; i++)
				if (strcmp(options->rows[i]->name, "help") == 0)
					options->values[i] = "";
			continue;
		}
		if (found != 0)
			return -1;
		options->values[index] = optarg ? optarg : "";
	}
	if (stop)
		return optind;
	options->arguments = (const char **)(argv + optind);
	options->argument_count = (size_t)(argc - optind);
	return 0;
}

const char *options_text(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->count; i++)
		if (strcmp(options->rows[i]->name, name) == 0 && options->values[i])
			return options->values[i];
	return NULL;
}

bool options_flag(const struct options *options, const char *name)
{
	return options_text(options, name) != NULL;
}

const char *options_argument(const struct options *options, size_t index)
{
	return index < options->argument_count ? options->arguments[index] : NULL;
}

bool options_fill(const struct options *options, const char *zone, struct record *record)
{
	char wrong[160];

	for (size_t i = 0; i < options->count; i++) {
		const struct option_row *row = options->rows[i];
		if (row->field == FIELD_COUNT || !options->values[i])
			continue;
		const char *text = row->value ? options->values[i] : "true";
		if (!value_read(record, row->field, span_of(text), zone, wrong, sizeof wrong)) {
			fprintf(stderr, "reeve: --%s %s: %s\n", row->name, text, wrong);
			return false;
		}
	}
	return true;
}

bool options_number(const struct options *options, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *ret_number)
{
	const char *text = options_text(options, name);
	char *end;

	*ret_number = otherwise;
	if (!text)
		return true;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < least || number > most) {
		fprintf(stderr, "reeve: --%s %s: a whole number from %lld to %lld is wanted\n", name, text, (long long)least, (long long)most);
		return false;
	}
	*ret_number = number;
	return true;
}

void options_help(const struct option_row *rows)
{
	for (; rows && rows->name; rows++) {
		char left[64];
		snprintf(left, sizeof left, "--%s%s%s", rows->name, rows->value ? " " : "", rows->value ? rows->value : "");
		printf("  %-26s %s\n", left, rows->help);
	}
}
