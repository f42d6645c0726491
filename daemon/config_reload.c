/* SIGHUP: which settings move into the running daemon is the column reload of settings.def, and nothing else decides it.
 * The access lists always move. Logs one line for each setting that differs: taken over, or needing a restart. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static void log_change(const struct setting_row *row, const char *before, const char *now)
{
	char name[96];

	snprintf(name, sizeof name, "%s.%s", row->section, row->name);
	log_line(row->reload ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING, row->reload ? "setting changed" : "setting needs restart",
		"setting", name, row->reload ? "before" : "running", before, row->reload ? "now" : "written", now, NULL);
}

static void text_take_over(struct settings *running, struct settings *fresh, const struct setting_row *row)
{
	char **old = (char **)((char *)running + row->offset), **new = (char **)((char *)fresh + row->offset);

	if (strcmp(*old, *new) == 0)
		return;
	log_change(row, *old, *new);
	if (row->reload) {
		char *kept = *old;
		*old = *new;
		*new = kept;
	}
}

static void number_take_over(struct settings *running, struct settings *fresh, const struct setting_row *row)
{
	int64_t *old = (int64_t *)((char *)running + row->offset), *new = (int64_t *)((char *)fresh + row->offset);
	char before[32], now[32];

	if (*old == *new)
		return;
	config_number_write(*old, row->type, before);
	config_number_write(*new, row->type, now);
	log_change(row, before, now);
	if (row->reload)
		*old = *new;
}

static bool workers_differ(const struct settings *a, const struct settings *b)
{
	if (a->worker_count != b->worker_count)
		return true;
	for (int64_t i = 0; i < a->worker_count; i++) {
		const struct worker_setting *one = &a->workers[i], *two = &b->workers[i];

		if (one->count != two->count || strcmp(one->task, two->task) != 0 || strcmp(one->command, two->command) != 0)
			return true;
	}
	return false;
}

static bool differs(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

static bool access_differs(const struct settings *a, const struct settings *b)
{
	if (a->default_roles != b->default_roles || a->actor_count != b->actor_count)
		return true;
	for (int64_t i = 0; i < a->actor_count; i++) {
		if (a->actors[i].roles != b->actors[i].roles || strcmp(a->actors[i].name, b->actors[i].name) != 0 ||
		    differs(a->actors[i].unit, b->actors[i].unit) || differs(a->actors[i].area, b->actors[i].area))
			return true;
	}
	return false;
}

static void access_take_over(struct settings *running, struct settings *fresh)
{
	struct settings old = *running;

	if (!access_differs(running, fresh))
		return;
	running->default_roles = fresh->default_roles;
	running->actors = fresh->actors;
	running->actor_count = fresh->actor_count;
	fresh->actors = old.actors;
	fresh->actor_count = old.actor_count;
	log_line(LOG_LEVEL_NOTICE, "setting changed", "setting", "access", "actors", log_number(running->actor_count), NULL);
}

void config_take_over(struct settings *running, struct settings *fresh)
{
	for (size_t i = 0; i < setting_row_count; i++) {
		const struct setting_row *row = &setting_rows[i];

		if (row->type == SETTING_TYPE_TEXT || row->type == SETTING_TYPE_WORD)
			text_take_over(running, fresh, row);
		else
			number_take_over(running, fresh, row);
	}
	access_take_over(running, fresh);
	if (workers_differ(running, fresh))
		log_line(LOG_LEVEL_WARNING, "setting needs restart", "setting", "workers", NULL);
}
