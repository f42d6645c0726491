/* Numbers and names of options. Owns nothing; says what is wrong on standard error, for a person at a terminal. */
#include "tests/choice.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool choice_number(const char *program, const char *option, const char *text, int64_t least, int64_t most, int64_t *ret_number)
{
	char *end;

	errno = 0;
	long long number = text ? strtoll(text, &end, 10) : 0;
	if (text && *text && !isspace((unsigned char)*text) && !*end && !errno && number >= least && number <= most) {
		*ret_number = number;
		return true;
	}
	fprintf(stderr, "%s: %s takes a whole number from %" PRId64 " to %" PRId64 ", not %s\n", program, option, least, most, text ? text : "nothing");
	return false;
}

bool choice_name(const char *program, const char *option, const char *text, const char *const *names, int count, int *ret_index)
{
	for (int i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret_index = i;
			return true;
		}
	fprintf(stderr, "%s: %s takes one of", program, option);
	for (int i = 0; i < count; i++)
		fprintf(stderr, " %s", names[i]);
	fprintf(stderr, ", not %s\n", text);
	return false;
}

bool choice_unknown(const char *program, char *const *argv, const struct option *known)
{
	fprintf(stderr, "%s: %s is no option, or lacks its value; it takes:", program, argv[optind - 1]);
	for (; known->name; known++)
		fprintf(stderr, " --%s", known->name);
	fputc('\n', stderr);
	return false;
}
