/* The settings as one struct: section_name, filled by config.c, read by everybody below. Defaults and ranges: settings.def. */
#ifndef REEVE_BASE_SETTINGS_H
#define REEVE_BASE_SETTINGS_H

#include <stdint.h>

#define SETTING_C_TEXT char *
#define SETTING_C_WORD char *
#define SETTING_C_COUNT int64_t
#define SETTING_C_BYTES int64_t
#define SETTING_C_MS int64_t

/* Who may do what. An actor that is not listed has default_roles. */
struct actor_setting {
	char *name;
	unsigned roles; /* bits of core's ROLE_BIT */
	char *unit;     /* its unit's code, NULL: none; with it the confidential cases of that unit are visible */
	char *area;     /* a supervisor's or dispatcher's area, NULL: all of them */
};

/* Worker processes that reeved starts itself. */
struct worker_setting {
	char *task;    /* triage, assign, escalate */
	char *command; /* program with its arguments, separated by blanks; empty: the one that comes with Reeve */
	int64_t count;
};

struct settings {
#define SETTING(section, name, type, otherwise, smallest, largest, reload, meaning) SETTING_C_##type section##_##name;
#include "base/settings.def"
	unsigned default_roles; /* every role unless the configuration says otherwise: the ipc sockets' file mode is the first gate */
	struct actor_setting *actors;
	int64_t actor_count;
	struct worker_setting *workers;
	int64_t worker_count;
};

/* Fills in every default; lists are empty. settings_free takes NULL's content too. */
void settings_default(struct settings *settings);
void settings_free(struct settings *settings);

#endif
