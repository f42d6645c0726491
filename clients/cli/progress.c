/* Progress for people. Owns only when it last drew; writes to standard error and never to standard output, so that
 * results can be piped. On a terminal ten times a second at most, elsewhere (a log, a pipe) every five seconds. */
#include "clients/cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "clients/cli/moment.h"

#define BAR 30
#define TERMINAL_MS 100
#define LINE_MS 5000

void progress_begin(struct progress *progress, const char *label, int64_t total)
{
	*progress = (struct progress){.label = label, .total = total, .terminal = isatty(STDERR_FILENO)};
	progress->begun_ms = progress->shown_ms = moment_steady();
}

static void bar_draw(const struct progress *progress, int64_t done, int64_t count, int64_t rate, const char *left)
{
	int filled = progress->total > 0 ? (int)(done * BAR / progress->total) : 0;

	fprintf(stderr, "\r\033[K%s [", progress->label);
	for (int i = 0; i < BAR; i++)
		fputs(i < filled ? "█" : "░", stderr);
	fprintf(stderr, "] %3d%%  %" PRId64 "  %" PRId64 "/s%s", progress->total > 0 ? (int)(done * 100 / progress->total) : 0, count, rate, left);
	fflush(stderr);
}

void progress_update(struct progress *progress, int64_t done, int64_t count)
{
	int64_t now = moment_steady();
	char left[DURATION_TEXT + 16] = "";

	if (now - progress->shown_ms < (progress->terminal ? TERMINAL_MS : LINE_MS))
		return;
	progress->shown_ms = now;
	if (progress->total > 0 && done > progress->total)
		done = progress->total;
	int64_t passed = now - progress->begun_ms + 1;
	if (progress->total > 0 && done > 0) {
		char text[DURATION_TEXT];
		duration_write(passed * (progress->total - done) / done, text);
		snprintf(left, sizeof left, "  %s left", text);
	}
	if (progress->terminal)
		bar_draw(progress, done, count, count * 1000 / passed, left);
	else
		fprintf(stderr, "%s: %" PRId64 " done, %" PRId64 "/s%s\n", progress->label, count, count * 1000 / passed, left);
	progress->drawn = true;
}

void progress_clear(struct progress *progress)
{
	if (progress->terminal && progress->drawn)
		fputs("\r\033[K", stderr);
	progress->drawn = false;
}

void progress_end(struct progress *progress)
{
	progress_clear(progress);
	fflush(stderr);
}
