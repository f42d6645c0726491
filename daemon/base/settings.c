/* Defaults of the settings and their end. Owns nothing between calls; never reads a file (config.c does) and never judges
 * a value: ranges are columns of settings.def that config.c checks.
 *
 * Invariant: after settings_default every text is allocated here, so that config.c may free and replace any of them. */
#include "base/settings.h"

#include <stdlib.h>

#include "base/span.h"

#define DEFAULT_TEXT(value) span_dup(span_of(value))
#define DEFAULT_WORD(value) span_dup(span_of(value))
#define DEFAULT_COUNT(value) INT64_C(value)
#define DEFAULT_BYTES(value) INT64_C(value)
#define DEFAULT_MS(value) INT64_C(value)

void settings_default(struct settings *settings)
{
	*settings = (struct settings){.default_roles = ~0u};
#define SETTING(section, name, type, otherwise, smallest, largest, reload, meaning) \
	settings->section##_##name = DEFAULT_##type(otherwise);
#include "base/settings.def"
}

#define FREE_TEXT(value) free(value)
#define FREE_WORD(value) free(value)
#define FREE_COUNT(value) (void)(value)
#define FREE_BYTES(value) (void)(value)
#define FREE_MS(value) (void)(value)

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
#define SETTING(section, name, type, otherwise, smallest, largest, reload, meaning) \
	FREE_##type(settings->section##_##name);
#include "base/settings.def"
	for (int64_t i = 0; i < settings->actor_count; i++) {
		free(settings->actors[i].name);
		free(settings->actors[i].unit);
		free(settings->actors[i].area);
	}
	for (int64_t i = 0; i < settings->worker_count; i++) {
		free(settings->workers[i].task);
		free(settings->workers[i].command);
	}
	free(settings->actors);
	free(settings->workers);
	*settings = (struct settings){0};
}
