/* How far a long piece of work is: a bar on a terminal, else a line every few seconds. Always on standard error. */
#ifndef REEVE_CLI_PROGRESS_H
#define REEVE_CLI_PROGRESS_H

#include "base/span.h"

struct progress {
	const char *label;
	int64_t total;      /* 0: unknown */
	int64_t begun_ms, shown_ms;
	bool terminal, drawn;
};

void progress_begin(struct progress *progress, const char *label, int64_t total);
/* done of total; count: what the rate counts. Cheap to call often. */
void progress_update(struct progress *progress, int64_t done, int64_t count);
/* Makes room for another line of text on a terminal. */
void progress_clear(struct progress *progress);
void progress_end(struct progress *progress);

#endif
