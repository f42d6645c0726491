/* Two policies as rows of text, put side by side by key.
 *
 * Owns the rows while it compares. Invariants: equal policies have no changes; a change is told once; the order of the
 * result is that of the policies' rows, so that it can be compared by eye and by test. */
#include "policy/compare.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_malloc(size) must_calloc(1, (size))
#define uthash_free(pointer, size) free(pointer)
#include "base/memory.h"
#include <uthash.h>

#define MESSAGE_BYTES_MOST 1000 /* schema/fields.def: message has a little more */
#define NAME_BYTES_MOST 250

const char *const change_words[] = {"added", "removed", "changed"};

struct described {
	UT_hash_handle hh;
	const char *file;
	char *name;   /* the key, with a number when it is repeated */
	char *values;
	char *sought; /* file and name */
	size_t place;
	int repeats;  /* later rows with the same key */
	bool met;
};

struct description {
	struct described *rows; /* uthash, in the order they were added */
	size_t count;
};

static char *text_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_print(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		memory_out(0);
	va_end(args);
	return text;
}

static struct described *row_find(struct description *description, const char *sought)
{
	struct described *row = NULL;

	HASH_FIND_STR(description->rows, sought, row);
	return row;
}

static void row_take(void *context, const char *file, struct span key, struct span values)
{
	struct description *description = context;
	struct described *row = must_calloc(1, sizeof *row);

	row->file = file;
	row->name = text_print("%.*s", SPAN_ARGS(key));
	row->sought = text_print("%s/%s", file, row->name);
	for (struct described *first = row_find(description, row->sought); first && row_find(description, row->sought);) {
		free(row->name);
		free(row->sought);
		row->name = text_print("%.*s (%d)", SPAN_ARGS(key), ++first->repeats + 1);
		row->sought = text_print("%s/%s", file, row->name);
	}
	row->values = text_print("%.*s", SPAN_ARGS(values));
	row->place = description->count++;
	HASH_ADD_KEYPTR(hh, description->rows, row->sought, strlen(row->sought), row);
}

static void description_free(struct description *description)
{
	struct described *row, *next;

	HASH_ITER(hh, description->rows, row, next) {
		HASH_DEL(description->rows, row);
		free(row->name);
		free(row->sought);
		free(row->values);
		free(row);
	}
}

/* At most so many bytes, without cutting a character. */
static char *text_cut(struct span text, size_t most)
{
	if (text.len > most) {
		text = span_cut(text, most - 3);
		return text_print("%.*s\xe2\x80\xa6", SPAN_ARGS(text));
	}
	return text_print("%.*s", SPAN_ARGS(text));
}

static void change_add(struct changes *changes, const char *file, const char *name, enum change_kind kind, struct span message)
{
	if (changes->count % 64 == 0)
		changes->rows = must_realloc(changes->rows, (changes->count + 64) * sizeof *changes->rows);
	changes->rows[changes->count++] = (struct change){
		.file = file, .name = text_cut(span_of(name), NAME_BYTES_MOST), .message = text_cut(message, MESSAGE_BYTES_MOST), .kind = kind,
	};
}

/* The next "label: value" line; false at the end. */
static bool line_next(const char **at, struct span *ret_label, struct span *ret_value)
{
	const char *end = strchr(*at, '\n'), *colon = strstr(*at, ": ");

	if (!end)
		return false;
	if (!colon || colon > end)
		colon = end;
	*ret_label = (struct span){*at, (size_t)(colon - *at)};
	*ret_value = colon == end ? (struct span){"", 0} : (struct span){colon + 2, (size_t)(end - colon - 2)};
	*at = end + 1;
	return true;
}

static bool line_find(const char *values, struct span wanted, struct span *ret_value)
{
	struct span label;

	while (line_next(&values, &label, ret_value))
		if (span_equal(label, wanted))
			return true;
	return false;
}

static void separate(struct buf *message)
{
	if (message->len)
		buf_printf(message, "; ");
}

static void row_say(struct changes *changes, const struct described *row, enum change_kind kind)
{
	struct buf message = {0};
	const char *at = row->values;
	struct span label, value;

	while (line_next(&at, &label, &value)) {
		separate(&message);
		buf_printf(&message, "%.*s: %.*s", SPAN_ARGS(label), SPAN_ARGS(value));
	}
	change_add(changes, row->file, row->name, kind, buf_span(&message));
	buf_free(&message);
}

static void difference_say(struct changes *changes, const struct described *before, const struct described *after)
{
	struct buf message = {0};
	const char *at = after->values;
	struct span label, value, old;

	while (line_next(&at, &label, &value)) {
		bool known = line_find(before->values, label, &old);
		if (known && span_equal(old, value))
			continue;
		separate(&message);
		buf_printf(&message, "%.*s: %.*s -> %.*s", SPAN_ARGS(label), known ? (int)old.len : 7, known ? old.data : "nothing", SPAN_ARGS(value));
	}
	for (at = before->values; line_next(&at, &label, &old);)
		if (!line_find(after->values, label, &value)) {
			separate(&message);
			buf_printf(&message, "%.*s: %.*s -> nothing", SPAN_ARGS(label), SPAN_ARGS(old));
		}
	change_add(changes, after->file, after->name, CHANGE_CHANGED, buf_span(&message));
	buf_free(&message);
}

static void date_print(struct buf *message, int64_t date)
{
	int64_t year = 1970, month = 12;

	while (date_of(year + 1, 1, 1) <= date)
		year++;
	while (date_of(year, month, 1) > date)
		month--;
	buf_printf(message, "%04d-%02d-%02d", (int)year, (int)month, (int)(date - date_of(year, month, 1) + 1));
}

/* The same open hours on the i-th date. Two hours of equal length that only moved differ by their beginning. */
static bool day_same(const struct calendar *before, const struct calendar *after, size_t day)
{
	int64_t from = before->days[day].midnight, to = day + 1 < before->day_count ? before->days[day + 1].midnight : from + ZONE_DAY_MS;
	int64_t opens = 0, opened = 0;

	return from == after->days[day].midnight && calendar_counted(before, from, to) == calendar_counted(after, from, to) &&
	       (calendar_counted(before, from, to) == 0 ||
		(!calendar_open(before, from, &opened) && !calendar_open(after, from, &opens) && opened == opens));
}

/* Calendars are told by the dates that differ: their hours as rows would be a hundred years long. */
static void calendar_say(struct changes *changes, const struct described *row, const struct calendar *before, const struct calendar *after)
{
	size_t count = before->day_count < after->day_count ? before->day_count : after->day_count, days = 0, first = 0, last = 0;
	struct buf message = {0};

	for (size_t day = 0; day < count; day++) {
		if (day_same(before, after, day))
			continue;
		first = days++ ? first : day;
		last = day;
	}
	buf_printf(&message, "%zu dates have other hours", days);
	if (days) {
		buf_printf(&message, ": from ");
		date_print(&message, CALENDAR_FIRST_DATE + (int64_t)first);
		buf_printf(&message, " to ");
		date_print(&message, CALENDAR_FIRST_DATE + (int64_t)last);
	}
	if (before->known_until != after->known_until && after->known_until) {
		buf_printf(&message, "; known until ");
		date_print(&message, after->known_until);
	}
	change_add(changes, row->file, row->name, CHANGE_CHANGED, buf_span(&message));
	buf_free(&message);
}

static const struct calendar *calendar_named(const struct policy *policy, const char *key)
{
	static const char word[] = "calendar ";

	if (strncmp(key, word, sizeof word - 1) != 0)
		return NULL;
	for (size_t i = 0; i < policy->calendar_count; i++)
		if (span_is(policy->calendars[i].name, key + sizeof word - 1))
			return &policy->calendars[i];
	return NULL;
}

static bool calendar_row(const struct described *row)
{
	return strcmp(row->file, "calendars.yaml") == 0;
}

/* In these lists the first match wins: a row that moved to before another one is a change. */
static bool row_ordered(const struct described *row)
{
	return strcmp(row->file, "ladders.yaml") == 0 || (strcmp(row->file, "clocks.yaml") == 0 && strncmp(row->name, "clock ", 6) == 0);
}

static void order_say(struct changes *changes, struct description *before, struct description *after)
{
	const struct described *last = NULL, *last_old = NULL;

	for (const struct described *row = after->rows; row; row = row->hh.next) {
		const struct described *old = row_find(before, row->sought);
		if (!old || !row_ordered(row))
			continue;
		if (last && strcmp(last->file, row->file) == 0 && old->place < last_old->place) {
			struct buf message = {0};
			buf_printf(&message, "the order of rows: '%s' now comes before '%s'", last->name, row->name);
			change_add(changes, row->file, row->name, CHANGE_CHANGED, buf_span(&message));
			buf_free(&message);
		}
		last = row;
		last_old = old;
	}
}

static void after_say(struct changes *changes, const struct policy *before, const struct policy *after, struct description *old_rows, struct description *new_rows)
{
	for (const struct described *row = new_rows->rows; row; row = row->hh.next) {
		struct described *old = row_find(old_rows, row->sought);
		if (!old) {
			row_say(changes, row, CHANGE_ADDED);
			continue;
		}
		old->met = true;
		if (strcmp(old->values, row->values) == 0)
			continue;
		const struct calendar *was = calendar_row(row) ? calendar_named(before, row->name) : NULL;
		const struct calendar *is = was ? calendar_named(after, row->name) : NULL;
		if (was && is && !was->always && !is->always)
			calendar_say(changes, row, was, is);
		else
			difference_say(changes, old, row);
	}
}

void policy_compare(const struct policy *before, const struct policy *after, struct changes *ret_changes)
{
	struct description old_rows = {0}, new_rows = {0};
	struct changes changes = {0};

	if (before)
		policy_describe(before, row_take, &old_rows);
	policy_describe(after, row_take, &new_rows);
	after_say(&changes, before, after, &old_rows, &new_rows);
	for (const struct described *row = old_rows.rows; row; row = row->hh.next)
		if (!row->met)
			row_say(&changes, row, CHANGE_REMOVED);
	order_say(&changes, &old_rows, &new_rows);
	description_free(&old_rows);
	description_free(&new_rows);
	*ret_changes = changes;
}

void changes_free(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->rows[i].name);
		free(changes->rows[i].message);
	}
	free(changes->rows);
	*changes = (struct changes){0};
}
