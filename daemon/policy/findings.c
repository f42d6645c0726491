/* The list of what is wrong. Owns the findings' text until findings_free.
 *
 * Invariants: `errors` counts every error, also those that found no room any more; at most FINDINGS_MOST rows are kept
 * and the last one then says that more follow; messages are one line of valid UTF-8 (what was quoted from a file is
 * quoted only after its encoding was checked). */
#include "policy/findings.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static char *message_make(const char *format, va_list args)
{
	char *message = NULL;

	if (vasprintf(&message, format, args) < 0)
		memory_out(0);
	for (char *at = message; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
		else if (at[0] == '\xc2' && (unsigned char)at[1] < 0xa0) /* U+0080 to U+009F: control characters too */
			at[0] = at[1] = ' ';
	return message;
}

static void finding_add(struct findings *findings, struct place place, bool warning, const char *format, va_list args)
{
	if (!warning)
		findings->errors++;
	if (findings->count >= FINDINGS_MOST)
		return;
	if (findings->count % 64 == 0)
		findings->rows = must_realloc(findings->rows, (findings->count + 64) * sizeof *findings->rows);
	struct finding *finding = &findings->rows[findings->count++];
	*finding = (struct finding){.file = span_dup(span_of(place.file)), .row = place.row, .column = place.column, .warning = warning};
	if (findings->count == FINDINGS_MOST)
		finding->message = span_dup(span_of("more is wrong than is listed here: mend these first"));
	else
		finding->message = message_make(format, args);
}

void finding_error(struct findings *findings, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding_add(findings, place, false, format, args);
	va_end(args);
}

void finding_warning(struct findings *findings, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding_add(findings, place, true, format, args);
	va_end(args);
}

void findings_free(struct findings *findings)
{
	if (!findings)
		return;
	for (size_t i = 0; i < findings->count; i++) {
		free(findings->rows[i].file);
		free(findings->rows[i].message);
	}
	free(findings->rows);
	*findings = (struct findings){0};
}
