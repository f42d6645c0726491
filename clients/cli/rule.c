/* Rules of a mapping file: cells become the value of one field. Owns the texts of each rule and the value that it made last,
 * so that a record can borrow them until the next row.
 *
 * A rule never invents: what is empty is absent unless the mapping says otherwise, and what is not in a lookup table
 * refuses the row unless the mapping says otherwise. Control characters, which the daemon refuses, become blanks. */
#include "clients/cli/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "clients/cli/moment.h"
#include "clients/cli/value.h"
#include "schema/codec.h"

static const char *const transform_names[TRANSFORM_COUNT] = {"trim", "squeeze", "lower", "upper", "slug", "cut"};

bool transform_find(const char *name, enum transform *ret_transform)
{
	for (size_t i = 0; i < TRANSFORM_COUNT; i++) {
		if (strcmp(name, transform_names[i]) == 0) {
			*ret_transform = (enum transform)i;
			return true;
		}
	}
	return false;
}

static bool is_blank(char character)
{
	return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

static struct span trimmed(struct span text)
{
	while (text.len && is_blank(text.data[0])) {
		text.data++;
		text.len--;
	}
	while (text.len && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

static void squeeze(struct span text, struct buf *ret_text)
{
	bool blank = false;

	for (size_t i = 0; i < text.len; i++) {
		if (is_blank(text.data[i])) {
			blank = true;
			continue;
		}
		if (blank)
			buf_add(ret_text, " ", 1);
		blank = false;
		buf_add(ret_text, &text.data[i], 1);
	}
	if (blank)
		buf_add(ret_text, " ", 1);
}

static void letters_fold(struct span text, utf8proc_int32_t (*fold)(utf8proc_int32_t), struct buf *ret_text)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_int32_t code;

	for (size_t at = 0; at < text.len;) {
		utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at, (utf8proc_ssize_t)(text.len - at), &code);
		if (len <= 0) {
			buf_add(ret_text, text.data + at++, 1);
			continue;
		}
		buf_add(ret_text, bytes, (size_t)utf8proc_encode_char(fold(code), bytes));
		at += (size_t)len;
	}
}

/* Runs of ASCII that are neither letter nor digit become one '-', none at the ends; other scripts stay as they are. */
static void slug(struct span text, struct buf *ret_text)
{
	size_t begin = ret_text->len;
	bool gap = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		char kept = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		if (c < 0x80 && !(kept >= 'a' && kept <= 'z') && !(c >= '0' && c <= '9')) {
			gap = true;
			continue;
		}
		if (gap && ret_text->len > begin)
			buf_add(ret_text, "-", 1);
		gap = false;
		buf_add(ret_text, &kept, 1);
	}
}

static struct span cut(struct span text, size_t room)
{
	if (text.len <= room)
		return text;
	while (room > 0 && ((unsigned char)text.data[room] & 0xc0) == 0x80)
		room--;
	text.len = room;
	return text;
}

void transform_apply(enum transform transform, struct span text, size_t room, struct buf *ret_text)
{
	switch (transform) {
	case TRANSFORM_trim:
		buf_add_span(ret_text, trimmed(text));
		break;
	case TRANSFORM_squeeze:
		squeeze(text, ret_text);
		break;
	case TRANSFORM_lower:
		letters_fold(text, utf8proc_tolower, ret_text);
		break;
	case TRANSFORM_upper:
		letters_fold(text, utf8proc_toupper, ret_text);
		break;
	case TRANSFORM_slug:
		slug(text, ret_text);
		break;
	case TRANSFORM_cut:
		buf_add_span(ret_text, cut(text, room));
		break;
	case TRANSFORM_COUNT:
		break;
	}
}

static bool part_add(struct rule *rule, struct span text, bool is_column)
{
	if (rule->part_count == RULE_PARTS)
		return false;
	rule->parts[rule->part_count++] = (struct rule_part){.text = span_dup(text), .is_column = is_column, .column = -1};
	return true;
}

/* "{subject}: {type}"; {{ and }} stand for the braces themselves. NULL, or what is wrong. */
static const char *template_read(struct rule *rule, const char *text)
{
	while (*text) {
		size_t plain = strcspn(text, "{}");
		bool good = true;
		if (plain) {
			good = part_add(rule, (struct span){text, plain}, false);
			text += plain;
		} else if (text[0] == text[1]) {
			good = part_add(rule, (struct span){text, 1}, false);
			text += 2;
		} else {
			size_t len = strcspn(text + 1, "}");
			if (*text == '}' || text[1 + len] != '}')
				return "a brace stands alone: write {column}, or {{ and }} for braces";
			good = part_add(rule, (struct span){text + 1, len}, true);
			text += len + 2;
		}
		if (!good)
			return "a template takes 24 pieces at the most";
	}
	return NULL;
}

static bool origin_read(struct rule *rule, const struct document *document, int node, char *error, size_t error_size)
{
	int column = node_get(document, node, "column"), constant = node_get(document, node, "constant");
	int template = node_get(document, node, "template");
	const char *wrong = NULL;

	if (!!column + !!constant + !!template != 1)
		wrong = "one of column, constant and template is wanted";
	else if (column)
		part_add(rule, span_of(node_text(document, column)), true);
	else if (constant)
		part_add(rule, span_of(node_text(document, constant)), false);
	else
		wrong = template_read(rule, node_text(document, template));
	if (wrong)
		node_wrong(document, template ? template : node, error, error_size, "%s", wrong);
	return !wrong;
}

static bool transforms_read(struct rule *rule, const struct document *document, int node, char *error, size_t error_size)
{
	size_t count = node_kind(document, node) == NODE_LIST ? node_count(document, node) : node != 0;

	for (size_t i = 0; i < count; i++) {
		int one = node_kind(document, node) == NODE_LIST ? node_at(document, node, i) : node;
		if (i == RULE_TRANSFORMS || !transform_find(node_text(document, one), &rule->transforms[i])) {
			node_wrong(document, one, error, error_size, "%s: one to eight of trim, squeeze, lower, upper, slug and cut are wanted", node_text(document, one));
			return false;
		}
		rule->transform_count++;
	}
	return true;
}

static void lookup_read(struct rule *rule, const struct document *document, int node)
{
	size_t count = node_count(document, node);

	rule->lookup = must_calloc(2 * count, sizeof *rule->lookup);
	for (size_t i = 0; i < count; i++) {
		rule->lookup[2 * i] = span_dup(span_of(node_text(document, node_key(document, node, i))));
		rule->lookup[2 * i + 1] = span_dup(span_of(node_text(document, node_at(document, node, i))));
	}
	rule->lookup_count = count;
}

static char *text_read(const struct document *document, int node, const char *otherwise)
{
	if (node)
		return span_dup(span_of(node_text(document, node)));
	return otherwise ? span_dup(span_of(otherwise)) : NULL;
}

static bool keys_check(const struct document *document, int node, char *error, size_t error_size)
{
	static const char known[] = " column constant template transform lookup otherwise default format zone ";
	char word[40];

	for (size_t i = 0; i < node_count(document, node); i++) {
		int key = node_key(document, node, i);
		snprintf(word, sizeof word, " %.36s ", node_text(document, key));
		if (strstr(known, word))
			continue;
		node_wrong(document, key, error, error_size, "%s: not known here; known are:%s", node_text(document, key), known);
		return false;
	}
	return true;
}

bool rule_read(struct rule *rule, const struct document *document, int node, enum field field, const char *format, const char *zone,
	char *error, size_t error_size)
{
	*rule = (struct rule){.node = node, .field = field};
	rule->format = text_read(document, node_get(document, node, "format"), format);
	rule->zone = text_read(document, node_get(document, node, "zone"), zone);
	if (node_kind(document, node) == NODE_TEXT)
		return part_add(rule, span_of(node_text(document, node)), true);
	if (node_kind(document, node) != NODE_MAP) {
		node_wrong(document, node, error, error_size, "a column's heading, or a map with column, constant or template is wanted");
		return false;
	}
	if (rule->zone && !moment_zone_known(rule->zone)) {
		node_wrong(document, node, error, error_size, "%s: the time zone database of this machine has no such zone", rule->zone);
		return false;
	}
	lookup_read(rule, document, node_get(document, node, "lookup"));
	rule->otherwise = text_read(document, node_get(document, node, "otherwise"), NULL);
	rule->fallback = text_read(document, node_get(document, node, "default"), NULL);
	return keys_check(document, node, error, error_size) && origin_read(rule, document, node, error, error_size) &&
		transforms_read(rule, document, node_get(document, node, "transform"), error, error_size);
}

void rule_free(struct rule *rule)
{
	for (size_t i = 0; i < rule->part_count; i++)
		free(rule->parts[i].text);
	for (size_t i = 0; i < 2 * rule->lookup_count; i++)
		free(rule->lookup[i]);
	free(rule->lookup);
	free(rule->otherwise);
	free(rule->fallback);
	free(rule->format);
	free(rule->zone);
	buf_free(&rule->value);
	buf_free(&rule->spare);
}

bool rule_bind(struct rule *rule, const struct document *document, const struct rows *rows, char *error, size_t error_size)
{
	for (size_t i = 0; i < rule->part_count; i++) {
		struct rule_part *part = &rule->parts[i];
		if (!part->is_column)
			continue;
		part->column = rows_column(rows, part->text);
		if (part->column < 0) {
			node_wrong(document, rule->node, error, error_size, "the table has no column %s", part->text);
			return false;
		}
	}
	return true;
}

static size_t field_room(enum field field)
{
	switch (field) {
#define FIELD(number, member, wire, type, limit, meaning) case FIELD_##member: return (size_t)(limit);
#include "schema/fields.def"
	case FIELD_COUNT:
		break;
	}
	return 0;
}

static void value_make(struct rule *rule, const struct rows *rows)
{
	buf_clear(&rule->value);
	for (size_t i = 0; i < rule->part_count; i++) {
		const struct rule_part *part = &rule->parts[i];
		buf_add_span(&rule->value, part->is_column ? rows_cell(rows, part->column) : span_of(part->text));
	}
	for (size_t i = 0; i < rule->value.len; i++) {
		unsigned char c = (unsigned char)rule->value.data[i];
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			rule->value.data[i] = ' ';
	}
	for (size_t i = 0; i < rule->transform_count; i++) {
		struct buf made = rule->spare;
		buf_clear(&made);
		transform_apply(rule->transforms[i], buf_span(&rule->value), field_room(rule->field), &made);
		rule->spare = rule->value;
		rule->value = made;
	}
}

/* What the lookup table has for it; without a table, itself. False: it is not in the table. */
static bool lookup_find(const struct rule *rule, struct span *text)
{
	for (size_t i = 0; i < rule->lookup_count; i++) {
		if (span_is(*text, rule->lookup[2 * i])) {
			*text = span_of(rule->lookup[2 * i + 1]);
			return true;
		}
	}
	if (rule->lookup_count && rule->otherwise)
		*text = span_of(rule->otherwise);
	return !rule->lookup_count || rule->otherwise;
}

static bool is_time(enum field field)
{
	return strcmp(field_type_name(field), "TIME") == 0;
}

/* Text fields keep their blanks; all others are read without those around them. */
static bool is_text(enum field field)
{
	return strcmp(field_type_name(field), "TEXT") == 0 || strcmp(field_type_name(field), "PRIVATE") == 0;
}

static bool time_apply(struct rule *rule, struct span text, struct record *record, char *wrong, size_t wrong_size)
{
	char copy[80];
	int64_t ms;

	snprintf(copy, sizeof copy, "%.*s", (int)(text.len < sizeof copy ? text.len : sizeof copy - 1), text.data);
	if (!moment_scan(copy, rule->format, rule->zone, &ms)) {
		snprintf(wrong, wrong_size, "%s: %s is no time of the format %s", field_name(rule->field), copy, rule->format);
		return false;
	}
	/* The two times that commands carry are set as they are; a detour through text would switch libc's zone for every row. */
	if (rule->field == FIELD_reported_at) {
		record_set(record, reported_at, ms);
		return true;
	}
	if (rule->field == FIELD_at) {
		record_set(record, at, ms);
		return true;
	}
	moment_write(ms, "UTC", copy);
	return value_read(record, rule->field, span_of(copy), "UTC", wrong, wrong_size);
}

int rule_apply(struct rule *rule, const struct rows *rows, struct record *record, char *wrong, size_t wrong_size)
{
	char detail[160];

	value_make(rule, rows);
	struct span text = buf_span(&rule->value);
	struct span bare = trimmed(text);
	if (bare.len == 0) {
		if (!rule->fallback)
			return 0;
		text = bare = span_of(rule->fallback);
	} else {
		struct span *looked = rule->lookup_count || !is_text(rule->field) ? &bare : &text;
		if (!lookup_find(rule, looked)) {
			snprintf(wrong, wrong_size, "%s: %.*s is not in the lookup table", field_name(rule->field), (int)(bare.len < 80 ? bare.len : 80), bare.data);
			return -1;
		}
		text = *looked;
	}
	if (text.len == 0)
		return 0;
	if (is_time(rule->field) && rule->format)
		return time_apply(rule, text, record, wrong, wrong_size) ? 1 : -1;
	if (value_read(record, rule->field, text, rule->zone, detail, sizeof detail))
		return 1;
	snprintf(wrong, wrong_size, "%s: %s", field_name(rule->field), detail);
	return -1;
}
