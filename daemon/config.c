/* Reads reeved.yaml into struct settings. Owns the rules that a value has to keep; where values are used, they are
 * taken for good. Reports every problem at once, each with its place, and never stops at the first.
 *
 * Invariant: every row of settings.def is read, checked, printed and documented from the one table setting_rows. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "core/record.h"
#include "net/endpoint.h"
#include "policy/codes.h"
#include "policy/yaml.h"

#define FILE_MOST (4 << 20)   /* bytes of a configuration */
#define WORKERS_MOST 1000     /* processes of one row */

const struct setting_row setting_rows[] = {
#define NUMBER_TEXT(value) #value
#define TEXT_TEXT(value) value
#define OTHERWISE_TEXT(value) TEXT_TEXT(value)
#define OTHERWISE_WORD(value) TEXT_TEXT(value)
#define OTHERWISE_COUNT(value) NUMBER_TEXT(value)
#define OTHERWISE_BYTES(value) NUMBER_TEXT(value)
#define OTHERWISE_MS(value) NUMBER_TEXT(value)
#define RELOAD_yes true
#define RELOAD_no false
#define SETTING(section, name, type, otherwise, smallest, largest, reload, meaning) \
	{#section, #name, SETTING_TYPE_##type, offsetof(struct settings, section##_##name), OTHERWISE_##type(otherwise), smallest, largest, \
		RELOAD_##reload, meaning},
#include "base/settings.def"
};
const size_t setting_row_count = sizeof setting_rows / sizeof *setting_rows;

/* One reading of a file. */
struct reading {
	struct settings *settings;
	struct config_problems *problems;
	const struct yaml_value *places[sizeof setting_rows / sizeof *setting_rows]; /* where each setting is written; NULL: nowhere */
};

void config_problem_add(struct config_problems *problems, int64_t row, int64_t column, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	problems->rows = must_realloc(problems->rows, (problems->count + 1) * sizeof *problems->rows);
	problems->rows[problems->count++] = (struct config_problem){row, column, span_dup(span_of(message))};
}

void config_problems_free(struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		free(problems->rows[i].message);
	free(problems->rows);
	*problems = (struct config_problems){0};
}

#define PROBLEM(reading, value, ...) config_problem_add((reading)->problems, (value)->row, (value)->column, __VA_ARGS__)
#define CUT(span) (int)((span).len < 60 ? (span).len : 60), (span).data

static char **text_place(struct settings *settings, const struct setting_row *row)
{
	return (char **)((char *)settings + row->offset);
}

static int64_t *number_place(struct settings *settings, const struct setting_row *row)
{
	return (int64_t *)((char *)settings + row->offset);
}

static bool row_is(const struct setting_row *row, const char *section, const char *name)
{
	return strcmp(row->section, section) == 0 && strcmp(row->name, name) == 0;
}

/* Texts and words */

static const char *const *words_of(const struct setting_row *row)
{
	static const char *const clocks[] = {"real", "driven", NULL};
	static const char *const levels[] = {"debug", "info", "notice", "warning", "error", NULL};

	return row_is(row, "daemon", "clock") ? clocks : levels;
}

/* True when the text is one of the list; otherwise a problem that names all of them. */
static bool word_check(struct reading *reading, const struct yaml_value *value, const char *what, const char *const *words)
{
	struct buf list = {0};

	for (const char *const *word = words; *word; word++) {
		if (span_is(value->text, *word)) {
			buf_free(&list);
			return true;
		}
		buf_printf(&list, "%s%s", word == words ? "" : word[1] ? ", " : " or ", *word);
	}
	const char *near = words_near(words, value->text);
	PROBLEM(reading, value, "%s is '%.*s'; it is one of %.*s%s%s%s", what, CUT(value->text), (int)list.len, list.data,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	buf_free(&list);
	return false;
}

static bool mode_check(const char *text)
{
	char *end;
	long mode = strtol(text, &end, 8);

	return *text && !*end && mode > 0 && mode <= 0777;
}

static bool instant_check(const char *text)
{
	struct tm when = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &when);

	return end && !*end && strlen(text) == strlen("2000-01-01T00:00:00Z");
}

static bool text_check(struct reading *reading, const struct setting_row *row, const struct yaml_value *value, const char *text)
{
	char reason[320] = "";
	bool endpoint = strcmp(row->section, "doors") == 0 && strcmp(row->name, "mode") != 0;

	if (endpoint)
		endpoint_check(text, reason, sizeof reason);
	else if (row_is(row, "doors", "mode") && !mode_check(text))
		snprintf(reason, sizeof reason, "'%.60s' is not a file mode in octal digits, e.g. \"0660\"", text);
	else if (row_is(row, "daemon", "driven_start") && !instant_check(text))
		snprintf(reason, sizeof reason, "'%.60s' is not a time in UTC like 2000-01-01T00:00:00Z", text);
	else if (row_is(row, "daemon", "state_dir") && text[0] != '/')
		snprintf(reason, sizeof reason, "'%.60s' is not an absolute path", text);
	if (reason[0])
		PROBLEM(reading, value, "%s.%s: %s", row->section, row->name, reason);
	return !reason[0];
}

static void text_read(struct reading *reading, const struct setting_row *row, const struct yaml_value *value)
{
	char what[96];

	snprintf(what, sizeof what, "%s.%s", row->section, row->name);
	if (memchr(value->text.data, 0, value->text.len)) {
		PROBLEM(reading, value, "%s holds a zero byte", what);
		return;
	}
	if (row->type == SETTING_TYPE_WORD && !word_check(reading, value, what, words_of(row)))
		return;
	char *text = span_dup(value->text);
	if (row->type == SETTING_TYPE_TEXT && !text_check(reading, row, value, text)) {
		free(text);
		return;
	}
	free(*text_place(reading->settings, row));
	*text_place(reading->settings, row) = text;
}

/* Numbers */

static bool number_check(struct reading *reading, const struct yaml_value *value, const char *what, enum setting_type type,
	int64_t smallest, int64_t largest, int64_t *ret_number)
{
	char error[192], low[32], high[32];
	int64_t number;

	if (!config_number_read(value->text, type, &number, error, sizeof error)) {
		PROBLEM(reading, value, "%s: %s", what, error);
		return false;
	}
	config_number_write(smallest, type, low);
	config_number_write(largest, type, high);
	if (number < smallest || number > largest) {
		PROBLEM(reading, value, "%s is '%.*s'; it may be %s to %s", what, CUT(value->text), low, high);
		return false;
	}
	*ret_number = number;
	return true;
}

static void setting_read(struct reading *reading, const struct setting_row *row, const struct yaml_entry *entry)
{
	char what[96];

	snprintf(what, sizeof what, "%s.%s", row->section, row->name);
	if (yaml_nothing(entry->value)) {
		PROBLEM(reading, entry->key, "%s has no value; write one, or leave the line out to have the default, %s", what, row->otherwise);
	} else if (entry->value->kind != YAML_KIND_TEXT) {
		PROBLEM(reading, entry->value, "%s takes one value, not a %s", what, entry->value->kind == YAML_KIND_LIST ? "list" : "map");
	} else if (row->type == SETTING_TYPE_TEXT || row->type == SETTING_TYPE_WORD) {
		text_read(reading, row, entry->value);
	} else {
		number_check(reading, entry->value, what, row->type, row->smallest, row->largest, number_place(reading->settings, row));
	}
	reading->places[row - setting_rows] = entry->value;
}

/* Keys */

/* Says that a key is unknown, with the nearest of the names, which end with NULL. */
static void key_unknown(struct reading *reading, const struct yaml_value *key, const char *where, const char *const *names)
{
	const char *near = words_near(names, key->text);

	PROBLEM(reading, key, "%s has no key '%.*s'%s%s%s", where, CUT(key->text),
		near ? "; did you mean '" : "; reeved --print-defaults shows all of them", near ? near : "", near ? "'?" : "");
}

static bool is_map(struct reading *reading, const struct yaml_value *value, const char *what)
{
	if (value->kind == YAML_KIND_MAP)
		return true;
	PROBLEM(reading, value, "%s is a map: lines of 'key: value', indented", what);
	return false;
}

static const struct setting_row *row_find(const char *section, struct span name)
{
	for (size_t i = 0; i < setting_row_count; i++) {
		if ((!section || strcmp(section, setting_rows[i].section) == 0) && span_is(name, setting_rows[i].name))
			return &setting_rows[i];
	}
	return NULL;
}

static void setting_unknown(struct reading *reading, const char *section, const struct yaml_value *key)
{
	const char *names[sizeof setting_rows / sizeof *setting_rows + 1] = {0};
	const struct setting_row *elsewhere = row_find(NULL, key->text);
	size_t count = 0;

	if (elsewhere) {
		PROBLEM(reading, key, "'%s' belongs into the section %s, not %s", elsewhere->name, elsewhere->section, section);
		return;
	}
	for (size_t i = 0; i < setting_row_count; i++) {
		if (strcmp(section, setting_rows[i].section) == 0)
			names[count++] = setting_rows[i].name;
	}
	key_unknown(reading, key, section, names);
}

static void section_read(struct reading *reading, const char *section, const struct yaml_value *map)
{
	if (yaml_nothing(map) || !is_map(reading, map, section))
		return;
	for (size_t i = 0; i < map->count; i++) {
		const struct setting_row *row = row_find(section, map->entries[i].key->text);

		if (row)
			setting_read(reading, row, &map->entries[i]);
		else
			setting_unknown(reading, section, map->entries[i].key);
	}
}

/* Lists */

static bool is_list(struct reading *reading, const struct yaml_value *value, const char *what)
{
	if (value->kind == YAML_KIND_LIST)
		return true;
	PROBLEM(reading, value, "%s is a list: lines that begin with '- ', or [a, b]", what);
	return false;
}

static void keys_check(struct reading *reading, const struct yaml_value *map, const char *what, const char *const *names)
{
	for (size_t i = 0; i < map->count; i++) {
		const char *const *name = names;

		while (*name && !span_is(map->entries[i].key->text, *name))
			name++;
		if (!*name)
			key_unknown(reading, map->entries[i].key, what, names);
	}
}

static const char *const task_words[] = {
#define TASK(number, name, chinese, meaning) #name,
#include "schema/names.def"
	NULL,
};
static const char *const role_words[] = {
#define ROLE(number, name, chinese, meaning) #name,
#include "schema/names.def"
	NULL,
};

/* A text of a map in a list; NULL, with a problem when it has to be there. */
static const struct yaml_value *text_of(struct reading *reading, const struct yaml_value *map, const char *key, const char *what, bool needed)
{
	const struct yaml_value *value = yaml_get(map, key);

	if (yaml_nothing(value)) {
		if (needed)
			PROBLEM(reading, map, "%s needs '%s'", what, key);
		return NULL;
	}
	if (value->kind == YAML_KIND_TEXT && !memchr(value->text.data, 0, value->text.len))
		return value;
	PROBLEM(reading, value, "%s: '%s' takes one value", what, key);
	return NULL;
}

static void worker_add(struct settings *settings, struct span task, struct span command, int64_t count)
{
	settings->workers = must_realloc(settings->workers, (size_t)(settings->worker_count + 1) * sizeof *settings->workers);
	settings->workers[settings->worker_count++] = (struct worker_setting){span_dup(task), span_dup(command), count};
}

static void worker_read(struct reading *reading, const struct yaml_value *map)
{
	static const char *const keys[] = {"task", "count", "command", NULL};
	int64_t count = 1;

	if (!is_map(reading, map, "a row of workers"))
		return;
	keys_check(reading, map, "a row of workers", keys);
	const struct yaml_value *task = text_of(reading, map, "task", "a row of workers", true);
	const struct yaml_value *command = text_of(reading, map, "command", "a row of workers", false);
	const struct yaml_value *number = text_of(reading, map, "count", "a row of workers", false);
	if (number && !number_check(reading, number, "count", SETTING_TYPE_COUNT, 0, WORKERS_MOST, &count))
		return;
	if (task && word_check(reading, task, "task", task_words))
		worker_add(reading->settings, task->text, command ? command->text : (struct span){0}, count);
}

static void workers_read(struct reading *reading, const struct yaml_value *list)
{
	if (!list) {
		for (const char *const *task = task_words; *task; task++)
			worker_add(reading->settings, span_of(*task), (struct span){0}, 1);
		return;
	}
	if (yaml_nothing(list) || !is_list(reading, list, "workers"))
		return;
	for (size_t i = 0; i < list->count; i++)
		worker_read(reading, list->items[i]);
}

static unsigned role_bit(struct span name)
{
#define ROLE(number, role, chinese, meaning) \
	if (span_is(name, #role)) \
		return ROLE_BIT(role);
#include "schema/names.def"
	return 0;
}

static unsigned roles_read(struct reading *reading, const struct yaml_value *list)
{
	unsigned roles = 0;

	if (yaml_nothing(list) || !is_list(reading, list, "roles"))
		return 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->kind != YAML_KIND_TEXT)
			PROBLEM(reading, list->items[i], "a role is one word");
		else if (word_check(reading, list->items[i], "role", role_words))
			roles |= role_bit(list->items[i]->text);
	}
	return roles;
}

static void actor_read(struct reading *reading, const struct yaml_value *map)
{
	static const char *const keys[] = {"name", "roles", "unit", "area", NULL};
	struct settings *settings = reading->settings;

	if (!is_map(reading, map, "a row of actors"))
		return;
	keys_check(reading, map, "a row of actors", keys);
	unsigned roles = roles_read(reading, yaml_get(map, "roles"));
	const struct yaml_value *name = text_of(reading, map, "name", "a row of actors", true);
	if (!name)
		return;
	for (int64_t i = 0; i < settings->actor_count; i++) {
		if (span_is(name->text, settings->actors[i].name))
			PROBLEM(reading, name, "the actor '%.*s' is listed twice; put all roles into one row", CUT(name->text));
	}
	settings->actors = must_realloc(settings->actors, (size_t)(settings->actor_count + 1) * sizeof *settings->actors);
	const struct yaml_value *unit = text_of(reading, map, "unit", "a row of actors", false);
	const struct yaml_value *area = text_of(reading, map, "area", "a row of actors", false);
	settings->actors[settings->actor_count++] = (struct actor_setting){
		.name = span_dup(name->text),
		.roles = roles,
		.unit = unit ? span_dup(unit->text) : NULL,
		.area = area ? span_dup(area->text) : NULL,
	};
}

static void access_read(struct reading *reading, const struct yaml_value *map)
{
	static const char *const keys[] = {"default", "actors", NULL};
	const struct yaml_value *everybody = yaml_get(map, "default"), *actors = yaml_get(map, "actors");

	if (yaml_nothing(map) || !is_map(reading, map, "access"))
		return;
	keys_check(reading, map, "access", keys);
	if (everybody)
		reading->settings->default_roles = roles_read(reading, everybody);
	if (yaml_nothing(actors) || !is_list(reading, actors, "actors"))
		return;
	for (size_t i = 0; i < actors->count; i++)
		actor_read(reading, actors->items[i]);
}

/* Several settings together */

static void together_problem(struct reading *reading, const char *section, const char *name, const char *message)
{
	const struct yaml_value *place = reading->places[row_find(section, span_of(name)) - setting_rows];

	config_problem_add(reading->problems, place ? place->row : 0, place ? place->column : 0, "%s.%s: %s", section, name, message);
}

static void together_check(struct reading *reading)
{
	const struct settings *settings = reading->settings;

	if (strcmp(settings->doors_service, settings->doors_work) == 0)
		together_problem(reading, "doors", "work", "the same endpoint as doors.service; each door needs its own");
	if (strcmp(settings->doors_service, settings->doors_feed) == 0 || strcmp(settings->doors_work, settings->doors_feed) == 0)
		together_problem(reading, "doors", "feed", "the same endpoint as another door; each door needs its own");
	if (settings->limits_peer_bytes < settings->limits_frame_bytes)
		together_problem(reading, "limits", "peer_bytes", "smaller than limits.frame_bytes: the largest frame could never be taken");
	if (settings->limits_backlog_bytes < settings->limits_peer_bytes)
		together_problem(reading, "limits", "backlog_bytes", "smaller than limits.peer_bytes, of which it is to hold several");
	if (settings->work_lease_most_ms < settings->work_lease_ms)
		together_problem(reading, "work", "lease_most_ms", "shorter than work.lease_ms, a single lease");
	if (settings->work_restart_most_ms < settings->work_restart_ms)
		together_problem(reading, "work", "restart_most_ms", "shorter than work.restart_ms");
	if (settings->limits_page_bytes > settings->limits_peer_bytes)
		together_problem(reading, "limits", "page_bytes", "larger than limits.peer_bytes: a page could never wait for a slow reader");
}

static void root_key_unknown(struct reading *reading, const struct yaml_value *key)
{
	const char *names[sizeof setting_rows / sizeof *setting_rows + 3] = {"workers", "access"};
	const struct setting_row *inside = row_find(NULL, key->text);
	size_t count = 2;

	if (inside) {
		PROBLEM(reading, key, "'%s' belongs into the section %s: write '%s:' above it and indent it", inside->name, inside->section, inside->section);
		return;
	}
	for (size_t i = 0; i < setting_row_count; i++) {
		if (strcmp(names[count - 1], setting_rows[i].section) != 0)
			names[count++] = setting_rows[i].section;
	}
	key_unknown(reading, key, "the configuration", names);
}

static void root_read(struct reading *reading, const struct yaml_value *root)
{
	for (size_t i = 0; root && i < root->count; i++) {
		const struct yaml_entry *entry = &root->entries[i];
		bool section = false;

		for (size_t row = 0; row < setting_row_count && !section; row++) {
			section = span_is(entry->key->text, setting_rows[row].section);
			if (section)
				section_read(reading, setting_rows[row].section, entry->value);
		}
		if (!section && !span_is(entry->key->text, "workers") && !span_is(entry->key->text, "access"))
			root_key_unknown(reading, entry->key);
	}
	workers_read(reading, yaml_get(root, "workers"));
	access_read(reading, yaml_get(root, "access"));
}

static int problem_order(const void *left, const void *right)
{
	const struct config_problem *a = left, *b = right;

	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

bool config_read(struct span content, struct settings *ret_settings, struct config_problems *ret_problems)
{
	struct reading reading = {.settings = ret_settings, .problems = ret_problems};
	struct yaml_problem problem = {0};

	*ret_problems = (struct config_problems){0};
	settings_default(ret_settings);
	struct yaml_file *file = yaml_read(content, &problem);
	if (!file) {
		config_problem_add(ret_problems, problem.row, problem.column, "%s", problem.message);
		return false;
	}
	const struct yaml_value *root = yaml_root(file);
	if (!root || yaml_nothing(root) || is_map(&reading, root, "the configuration"))
		root_read(&reading, root && root->kind == YAML_KIND_MAP ? root : NULL);
	if (ret_problems->count == 0)
		together_check(&reading);
	if (ret_problems->count)
		qsort(ret_problems->rows, ret_problems->count, sizeof *ret_problems->rows, problem_order);
	yaml_close(file);
	return ret_problems->count == 0;
}

bool config_load(const char *path, struct settings *ret_settings, struct config_problems *ret_problems)
{
	struct buf content = {0};
	FILE *file = path ? fopen(path, "r") : NULL;
	char piece[4096];
	size_t len;

	if (path && !file) {
		int fault = errno;
		*ret_problems = (struct config_problems){0};
		settings_default(ret_settings);
		config_problem_add(ret_problems, 0, 0, "cannot be read: %s; reeved --print-defaults writes one to begin with", strerror(fault));
		return false;
	}
	while (file && content.len <= FILE_MOST && (len = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(&content, piece, len);
	int fault = file && ferror(file) ? errno : 0;
	if (file)
		fclose(file);
	bool good = config_read(buf_span(&content), ret_settings, ret_problems);
	if (fault || content.len > FILE_MOST) {
		config_problem_add(ret_problems, 0, 0, "cannot be read: %s", fault ? strerror(fault) : "it is larger than 4 MiB");
		good = false;
	}
	buf_free(&content);
	return good;
}
