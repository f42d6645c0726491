/* Collecting what is wrong with a policy: by file, line and column. */
#ifndef REEVE_POLICY_FINDINGS_H
#define REEVE_POLICY_FINDINGS_H

#include "policy/compile.h"

/* Findings kept; errors after that are still counted. */
#define FINDINGS_MOST 500

struct place {
	const char *file;
	int64_t row, column; /* 0: unknown */
};

void finding_error(struct findings *findings, struct place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
void finding_warning(struct findings *findings, struct place place, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
