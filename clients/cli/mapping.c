/* Mapping files. Owns the rules of one file and the YAML tree they came from (for places in complaints); see mapping.h for
 * the file's form. It only makes commands: sending them, counting and time order are import.c's and play.c's.
 *
 * Invariants: a report has source, source_ref and text or the row is refused here; a later step is never earlier than
 * the row's report. */
#include "clients/cli/mapping.h"

#include <stdio.h>
#include <stdlib.h>

#include "clients/cli/moment.h"
#include "clients/cli/rule.h"
#include "clients/cli/value.h"
#include "schema/codec.h"

/* One entry under play: what is done, when, with which fields. */
struct later {
	int node;
	enum command_kind command;
	struct rule times[2]; /* at: the first; between: both */
	size_t time_count;
	double share;
	int64_t plus_ms;
	struct rule *fields;
	size_t field_count;
};

struct mapping {
	struct document *document;
	char *zone, *format;
	struct rule *fields;
	size_t field_count;
	struct later *later;
	size_t later_count;
	int64_t reported_at;  /* of the current row; INT64_MIN: none */
	char *source, *ref;   /* of the current row */
};

struct wrong {
	char *text;
	size_t size;
};

static bool fields_read(struct mapping *mapping, int node, struct rule **ret_rules, size_t *ret_count, struct wrong wrong)
{
	size_t count = node_count(mapping->document, node);

	*ret_rules = must_calloc(count, sizeof **ret_rules);
	for (size_t i = 0; i < count; i++) {
		int key = node_key(mapping->document, node, i);
		enum field field;
		if (!field_find(span_of(node_text(mapping->document, key)), &field) || !value_settable(field)) {
			node_wrong(mapping->document, key, wrong.text, wrong.size, "%s: no field that a mapping can set has this name", node_text(mapping->document, key));
			return false;
		}
		*ret_count = i + 1;
		if (!rule_read(&(*ret_rules)[i], mapping->document, node_at(mapping->document, node, i), field, mapping->format, mapping->zone,
			    wrong.text, wrong.size))
			return false;
	}
	return true;
}

static bool when_read(struct mapping *mapping, int node, struct later *later, struct wrong wrong)
{
	const struct document *document = mapping->document;
	int at = node_get(document, node, "at"), between = node_get(document, node, "between");
	int share = node_get(document, node, "share"), plus = node_get(document, node, "plus");
	char *end;

	if (!at == !between || (between && node_count(document, between) != 2)) {
		node_wrong(document, node, wrong.text, wrong.size, "at: COLUMN or between: [COLUMN, COLUMN] is wanted");
		return false;
	}
	later->share = share ? strtod(node_text(document, share), &end) : 0.5;
	if (share && (*end || !(later->share >= 0 && later->share <= 1))) {
		node_wrong(document, share, wrong.text, wrong.size, "a share from 0 to 1 is wanted");
		return false;
	}
	if (plus && !moment_duration_read(span_of(node_text(document, plus)), &later->plus_ms)) {
		node_wrong(document, plus, wrong.text, wrong.size, "a duration like 30m or 1d is wanted");
		return false;
	}
	for (size_t i = 0; i < (at ? 1u : 2u); i++) {
		later->time_count = i + 1;
		if (!rule_read(&later->times[i], document, at ? at : node_at(document, between, i), FIELD_at, mapping->format, mapping->zone, wrong.text, wrong.size))
			return false;
	}
	return true;
}

static bool later_read(struct mapping *mapping, int node, struct later *later, struct wrong wrong)
{
	int command = node_get(mapping->document, node, "do");
	int found = command_find(span_of(node_text(mapping->document, command)));

	later->node = node;
	later->command = (enum command_kind)found;
	if (found <= 0 || found == COMMAND_submit || command_door(later->command) != DOOR_SERVICE) {
		node_wrong(mapping->document, command ? command : node, wrong.text, wrong.size, "do: sign, report, close or another command on a case is wanted");
		return false;
	}
	return when_read(mapping, node, later, wrong) &&
		fields_read(mapping, node_get(mapping->document, node, "fields"), &later->fields, &later->field_count, wrong);
}

static bool play_read(struct mapping *mapping, int node, struct wrong wrong)
{
	size_t count = node_count(mapping->document, node);

	mapping->later = must_calloc(count, sizeof *mapping->later);
	for (size_t i = 0; i < count; i++) {
		mapping->later_count = i + 1;
		if (!later_read(mapping, node_at(mapping->document, node, i), &mapping->later[i], wrong))
			return false;
	}
	return true;
}

static bool keys_check(const struct document *document, int root, struct wrong wrong)
{
	for (size_t i = 0; i < node_count(document, root); i++) {
		const char *key = node_text(document, node_key(document, root, i));
		if (strcmp(key, "zone") == 0 || strcmp(key, "format") == 0 || strcmp(key, "fields") == 0 || strcmp(key, "play") == 0)
			continue;
		node_wrong(document, node_key(document, root, i), wrong.text, wrong.size, "%s: not known here; known are zone, format, fields and play", key);
		return false;
	}
	if (node_kind(document, node_get(document, root, "fields")) == NODE_MAP)
		return true;
	node_wrong(document, root, wrong.text, wrong.size, "fields: is wanted, with a rule for each field");
	return false;
}

static bool mapping_read(struct mapping *mapping, const char *zone, struct wrong wrong)
{
	const struct document *document = mapping->document;
	int root = document_root(document), format = node_get(document, root, "format"), own_zone = node_get(document, root, "zone");

	if (!keys_check(document, root, wrong))
		return false;
	if (own_zone)
		zone = node_text(document, own_zone);
	if (own_zone && !moment_zone_known(zone)) {
		node_wrong(document, own_zone, wrong.text, wrong.size, "%s: the time zone database of this machine has no such zone", zone);
		return false;
	}
	mapping->zone = zone ? span_dup(span_of(zone)) : NULL;
	mapping->format = format ? span_dup(span_of(node_text(document, format))) : NULL;
	return fields_read(mapping, node_get(document, root, "fields"), &mapping->fields, &mapping->field_count, wrong) &&
		play_read(mapping, node_get(document, root, "play"), wrong);
}

struct mapping *mapping_open(const char *path, const char *zone, char *error, size_t error_size)
{
	struct mapping *mapping = must_calloc(1, sizeof *mapping);

	mapping->document = document_open(path, error, error_size);
	if (mapping->document && mapping_read(mapping, zone, (struct wrong){error, error_size}))
		return mapping;
	mapping_close(mapping);
	return NULL;
}

static void rules_free(struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++)
		rule_free(&rules[i]);
}

void mapping_close(struct mapping *mapping)
{
	if (!mapping)
		return;
	for (size_t i = 0; i < mapping->later_count; i++) {
		rules_free(mapping->later[i].times, mapping->later[i].time_count);
		rules_free(mapping->later[i].fields, mapping->later[i].field_count);
		free(mapping->later[i].fields);
	}
	rules_free(mapping->fields, mapping->field_count);
	free(mapping->fields);
	free(mapping->later);
	free(mapping->zone);
	free(mapping->format);
	free(mapping->source);
	free(mapping->ref);
	document_close(mapping->document);
	free(mapping);
}

static bool rules_bind(struct mapping *mapping, struct rule *rules, size_t count, const struct rows *rows, struct wrong wrong)
{
	for (size_t i = 0; i < count; i++)
		if (!rule_bind(&rules[i], mapping->document, rows, wrong.text, wrong.size))
			return false;
	return true;
}

bool mapping_bind(struct mapping *mapping, const struct rows *rows, char *error, size_t error_size)
{
	struct wrong wrong = {error, error_size};

	for (size_t i = 0; i < mapping->later_count; i++)
		if (!rules_bind(mapping, mapping->later[i].times, mapping->later[i].time_count, rows, wrong) ||
		    !rules_bind(mapping, mapping->later[i].fields, mapping->later[i].field_count, rows, wrong))
			return false;
	return rules_bind(mapping, mapping->fields, mapping->field_count, rows, wrong);
}

static bool rules_apply(struct rule *rules, size_t count, const struct rows *rows, struct record *record, struct wrong wrong)
{
	for (size_t i = 0; i < count; i++)
		if (rule_apply(&rules[i], rows, record, wrong.text, wrong.size) < 0)
			return false;
	return true;
}

bool mapping_report(struct mapping *mapping, const struct rows *rows, struct record *ret_command, char *wrong, size_t wrong_size)
{
	record_clear(ret_command);
	record_set(ret_command, command, COMMAND_submit);
	if (!rules_apply(mapping->fields, mapping->field_count, rows, ret_command, (struct wrong){wrong, wrong_size}))
		return false;
	if (!record_has(ret_command, source) || !record_has(ret_command, source_ref) || !record_has(ret_command, text)) {
		snprintf(wrong, wrong_size, "source, source_ref and text are wanted, and one of them is empty");
		return false;
	}
	free(mapping->source);
	free(mapping->ref);
	mapping->source = span_dup(ret_command->source);
	mapping->ref = span_dup(ret_command->source_ref);
	mapping->reported_at = record_get(ret_command, reported_at, INT64_MIN);
	return true;
}

size_t mapping_steps(const struct mapping *mapping)
{
	return mapping->later_count;
}

/* 1 and the time; 0: a cell is empty; -1. */
static int when_apply(struct later *later, const struct rows *rows, int64_t *ret_at, struct wrong wrong)
{
	int64_t times[2] = {0, 0};

	for (size_t i = 0; i < later->time_count; i++) {
		struct record record;
		record_clear(&record);
		int found = rule_apply(&later->times[i], rows, &record, wrong.text, wrong.size);
		if (found != 1)
			return found;
		times[i] = record.at;
	}
	*ret_at = times[0] + later->plus_ms;
	if (later->time_count == 2)
		*ret_at += (int64_t)((double)(times[1] - times[0]) * later->share);
	return 1;
}

int mapping_step(struct mapping *mapping, size_t step, const struct rows *rows, struct record *ret_command, char *wrong, size_t wrong_size)
{
	struct later *later = &mapping->later[step];
	int64_t at = 0;

	record_clear(ret_command);
	int found = when_apply(later, rows, &at, (struct wrong){wrong, wrong_size});
	if (found != 1)
		return found;
	if (!rules_apply(later->fields, later->field_count, rows, ret_command, (struct wrong){wrong, wrong_size}))
		return -1;
	record_set(ret_command, command, (uint8_t)later->command);
	record_set(ret_command, at, at < mapping->reported_at ? mapping->reported_at : at);
	record_set(ret_command, source, span_of(mapping->source));
	record_set(ret_command, source_ref, span_of(mapping->ref));
	return 1;
}
