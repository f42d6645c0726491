/* Options of the machines in C: a mistake is one line that says what is wrong and what is allowed. Functions return false after such a line. */
#ifndef REEVE_TESTS_CHOICE_H
#define REEVE_TESTS_CHOICE_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/* A whole number in this range. The text may be NULL: it is missing. */
bool choice_number(const char *program, const char *option, const char *text, int64_t least, int64_t most, int64_t *ret_number);
/* One of these names. */
bool choice_name(const char *program, const char *option, const char *text, const char *const *names, int count, int *ret_index);
/* What getopt_long did not take, with opterr 0. Always false. */
bool choice_unknown(const char *program, char *const *argv, const struct option *known);

#endif
