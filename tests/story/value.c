/* The texts of a story's line: words, moments, and fields by their wire names. Numbers of cases are written bare in stories,
 * without groups and check digit; moments are the story's local time. */
#include "tests/story/story.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/words.h"
#include "schema/fields.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A value in quotes, with \" \\ and \n inside. False when it does not end. */
static bool quoted_take(struct span *rest, struct arena *arena, struct span *ret_value)
{
	char *text = arena_alloc(arena, rest->len + 1, 1);
	size_t len = 0, at = 1;

	for (; at < rest->len && rest->data[at] != '"'; at++) {
		char c = rest->data[at];
		if (c == '\\' && at + 1 < rest->len)
			c = rest->data[++at] == 'n' ? '\n' : rest->data[at];
		text[len++] = c;
	}
	if (at >= rest->len)
		return false;
	*ret_value = (struct span){text, len};
	*rest = (struct span){rest->data + at + 1, rest->len - at - 1};
	return true;
}

static struct span bare_take(struct span *rest, bool to_equals)
{
	size_t at = 0;

	while (at < rest->len && !blank(rest->data[at]) && !(to_equals && rest->data[at] == '='))
		at++;
	struct span taken = {rest->data, at};
	*rest = (struct span){rest->data + at, rest->len - at};
	return taken;
}

static bool word_take(struct span *rest, struct arena *arena, struct word *ret)
{
	*ret = (struct word){.bare = true};
	if (rest->data[0] == '"')
		return quoted_take(rest, arena, &ret->key);
	ret->key = bare_take(rest, true);
	if (!rest->len || rest->data[0] != '=')
		return true;
	ret->bare = false;
	*rest = (struct span){rest->data + 1, rest->len - 1};
	if (rest->len && rest->data[0] == '"')
		return quoted_take(rest, arena, &ret->value);
	ret->value = bare_take(rest, false);
	return true;
}

int words_split(struct span line, struct arena *arena, struct word words[WORDS_MOST])
{
	int count = 0;

	for (;;) {
		while (line.len && blank(line.data[0]))
			line = (struct span){line.data + 1, line.len - 1};
		if (!line.len || count == WORDS_MOST)
			return count;
		if (!word_take(&line, arena, &words[count]))
			return -1;
		count++;
	}
}

bool moment_read(const struct zone *zone, struct span text, int64_t *ret_at)
{
	int64_t local;

	if (!local_time_read(text, &local))
		return false;
	*ret_at = zone_instant(zone, local);
	return true;
}

void moment_write(const struct zone *zone, int64_t at, struct buf *buf)
{
	int64_t local = zone_local(zone, at), date = zone_date(zone, at), year = 1970, month = 1;
	int64_t ms = local - date * ZONE_DAY_MS;

	while (date_of(year + 1, 1, 1) <= date)
		year++;
	while (month < 12 && date_of(year, month + 1, 1) <= date)
		month++;
	buf_printf(buf, "%04d-%02d-%02d %02d:%02d", (int)year, (int)month, (int)(date - date_of(year, month, 1) + 1), (int)(ms / 3600000), (int)(ms / 60000 % 60));
	if (ms % 60000)
		buf_printf(buf, ":%02d", (int)(ms / 1000 % 60));
}

static bool text_read(struct span text, char *room, size_t size)
{
	if (text.len >= size)
		return false;
	memcpy(room, text.data, text.len);
	room[text.len] = '\0';
	return text.len > 0;
}

static bool whole_read(struct span text, int64_t *ret)
{
	char room[32], *end;

	if (!text_read(text, room, sizeof room))
		return false;
	*ret = strtoll(room, &end, 10);
	return *end == '\0';
}

static bool real_read(struct span text, double *ret)
{
	char room[40], *end;

	if (!text_read(text, room, sizeof room))
		return false;
	*ret = strtod(room, &end);
	return *end == '\0';
}

static bool value_read(const struct zone *zone, const struct field_info *info, struct span text, void *place)
{
	int named;

	switch (info->type) {
	case TYPE_INT: case TYPE_CASE:
		return whole_read(text, place);
	case TYPE_TIME:
		return moment_read(zone, text, place);
	case TYPE_FLAG:
		*(bool *)place = span_is(text, "true");
		return *(bool *)place || span_is(text, "false");
	case TYPE_REAL:
		return real_read(text, place);
	case TYPE_TEXT: case TYPE_PRIVATE: case TYPE_BYTES:
		*(struct span *)place = text;
		return true;
	case TYPE_LIST:
		return false;
	default:
		named = names_find((enum field_type)info->type, text);
		*(uint8_t *)place = (uint8_t)named;
		return named > 0;
	}
}

bool story_field(struct span name, enum field *ret_field)
{
	if (!span_is(name, "ref"))
		return field_find(name, ret_field);
	*ret_field = FIELD_source_ref;
	return true;
}

bool field_read(const struct zone *zone, struct word word, struct record *record, char *problem, size_t size)
{
	enum field field;

	if (word.bare || !story_field(word.key, &field)) {
		snprintf(problem, size, "there is no field %.*s", (int)word.key.len, word.key.data);
		return false;
	}
	if (!value_read(zone, &field_table[field], word.value, (char *)record + field_table[field].offset)) {
		snprintf(problem, size, "%.*s: %.*s is not a %s", (int)word.key.len, word.key.data, (int)word.value.len, word.value.data, field_type_name(field));
		return false;
	}
	record_mark(record, field);
	return true;
}

static void text_write(struct span text, struct buf *buf)
{
	bool plain = text.len > 0 && !span_is(text, "-");

	for (size_t i = 0; i < text.len; i++)
		if (blank(text.data[i]) || text.data[i] == '"' || text.data[i] == '\\' || text.data[i] == '\n')
			plain = false;
	if (plain) {
		buf_add_span(buf, text);
		return;
	}
	buf_add_text(buf, "\"");
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '"' || c == '\\' || c == '\n')
			buf_add_text(buf, "\\");
		buf_add(buf, c == '\n' ? "n" : &c, 1);
	}
	buf_add_text(buf, "\"");
}

/* A list of cases, units or names is written as those, joined by commas; any other by its length. */
static void list_write(struct span list, struct buf *buf)
{
	struct span maps, map;
	size_t count = list_open(list, &maps);
	struct record *one = must_calloc(1, sizeof *one);
	const char *between = "";

	while (frame_next(&maps, &map) && codec_read_lenient(map, one, NULL) == 0) {
		if (record_has(one, case_id))
			buf_printf(buf, "%s%lld", between, (long long)one->case_id);
		else if (record_has(one, unit))
			buf_printf(buf, "%s%.*s", between, (int)one->unit.len, one->unit.data);
		else if (record_has(one, name))
			buf_printf(buf, "%s%.*s", between, (int)one->name.len, one->name.data);
		else
			buf_printf(buf, "%s?", between);
		between = ",";
	}
	if (!count)
		buf_add_text(buf, "\"\"");
	free(one);
}

static void value_write(const struct zone *zone, const struct field_info *info, const void *place, struct buf *buf)
{
	const char *name;

	switch (info->type) {
	case TYPE_INT: case TYPE_CASE:
		buf_printf(buf, "%lld", (long long)*(const int64_t *)place);
		break;
	case TYPE_TIME:
		buf_add_text(buf, "\"");
		moment_write(zone, *(const int64_t *)place, buf);
		buf_add_text(buf, "\"");
		break;
	case TYPE_FLAG:
		buf_add_text(buf, *(const bool *)place ? "true" : "false");
		break;
	case TYPE_REAL:
		buf_printf(buf, "%.6g", *(const double *)place);
		break;
	case TYPE_TEXT: case TYPE_PRIVATE: case TYPE_BYTES:
		text_write(*(const struct span *)place, buf);
		break;
	case TYPE_LIST:
		list_write(*(const struct span *)place, buf);
		break;
	default:
		name = names_name((enum field_type)info->type, *(const uint8_t *)place);
		buf_printf(buf, "%s", name ? name : "?");
		break;
	}
}

void field_write(const struct zone *zone, const struct record *record, enum field field, struct buf *buf)
{
	if (record_holds(record, field))
		value_write(zone, &field_table[field], (const char *)record + field_table[field].offset, buf);
	else
		buf_add_text(buf, "-");
}
