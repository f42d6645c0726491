/* Names out of the newest policy's tables: code and name of units.csv, areas.csv and categories.csv, and the zone of policy.yaml.
 *
 * For people only: nothing is decided by a name, so what cannot be read is left without one, and the daemon's own check of the policy says
 * why. Owns copies of all that it keeps. */
#include "clients/cli/called.h"

#include <csv.h>
#include <stdlib.h>
#include <uthash.h>

#include "clients/cli/command.h"
#include "clients/cli/document.h"
#include "clients/cli/moment.h"

struct entry {
	UT_hash_handle hh;
	struct span name;
	char text[]; /* kind, code, then the name */
};

struct called {
	struct entry *entries;
	char zone[64];
};

/* One table while it is read. */
struct sheet {
	struct called *names;
	enum called_of of;
	size_t cell, row;
	size_t code_at, name_at; /* columns from 1; 0: none */
	struct buf code, name;
};

static void entry_add(struct called *names, enum called_of of, struct span code, struct span name)
{
	struct entry *entry = must_calloc(1, sizeof *entry + 1 + code.len + name.len), *old;

	entry->text[0] = (char)('0' + of);
	memcpy(entry->text + 1, code.data, code.len);
	memcpy(entry->text + 1 + code.len, name.data, name.len);
	entry->name = (struct span){entry->text + 1 + code.len, name.len};
	HASH_FIND(hh, names->entries, entry->text, 1 + code.len, old);
	if (old)
		free(entry);
	else
		HASH_ADD_KEYPTR(hh, names->entries, entry->text, 1 + code.len, entry);
}

static void cell_take(void *data, size_t len, void *context)
{
	struct sheet *sheet = context;
	struct span text = {data, len};

	sheet->cell++;
	if (sheet->row == 0) {
		if (span_starts(text, span_of("\xef\xbb\xbf")))
			text = (struct span){text.data + 3, text.len - 3};
		if (span_is(text, "code"))
			sheet->code_at = sheet->cell;
		else if (span_is(text, "name"))
			sheet->name_at = sheet->cell;
	} else if (sheet->cell == sheet->code_at) {
		buf_add_span(&sheet->code, text);
	} else if (sheet->cell == sheet->name_at) {
		buf_add_span(&sheet->name, text);
	}
}

static void row_take(int end, void *context)
{
	struct sheet *sheet = context;

	(void)end;
	if (sheet->row++ && sheet->code.len && sheet->name.len)
		entry_add(sheet->names, sheet->of, buf_span(&sheet->code), buf_span(&sheet->name));
	sheet->cell = 0;
	buf_clear(&sheet->code);
	buf_clear(&sheet->name);
}

static void sheet_read(struct called *names, enum called_of of, struct span content)
{
	struct sheet sheet = {.names = names, .of = of};
	struct csv_parser parser;

	if (csv_init(&parser, 0) != 0)
		return;
	csv_parse(&parser, content.data, content.len, cell_take, row_take, &sheet);
	csv_fini(&parser, cell_take, row_take, &sheet);
	csv_free(&parser);
	buf_free(&sheet.code);
	buf_free(&sheet.name);
}

static void zone_read(struct called *names, struct span content)
{
	char error[256];
	struct document *document = document_parse("policy.yaml", content, error, sizeof error);

	if (!document)
		return;
	const char *zone = node_text(document, node_get(document, document_root(document), "zone"));
	if (strlen(zone) < sizeof names->zone && moment_zone_known(zone))
		snprintf(names->zone, sizeof names->zone, "%s", zone);
	document_close(document);
}

static void file_read(struct called *names, struct span name, struct span content)
{
	if (span_is(name, "units.csv"))
		sheet_read(names, CALLED_UNITS, content);
	else if (span_is(name, "areas.csv"))
		sheet_read(names, CALLED_AREAS, content);
	else if (span_is(name, "categories.csv"))
		sheet_read(names, CALLED_CATEGORIES, content);
	else if (span_is(name, "policy.yaml"))
		zone_read(names, content);
}

struct called *called_read(struct cli *cli)
{
	struct called *names = must_calloc(1, sizeof *names);
	struct record command, reply, row;
	struct flaw flaw;
	struct span rest, map;

	record_clear(&command);
	record_set(&command, command, COMMAND_policy_read);
	if (cli_ask(cli, &command, &reply) != DONE)
		return names;
	list_open(record_get(&reply, files, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) == 0 && record_has(&row, name) && record_has(&row, content))
			file_read(names, row.name, row.content);
	}
	return names;
}

void called_free(struct called *names)
{
	struct entry *entry, *next;

	if (!names)
		return;
	HASH_ITER(hh, names->entries, entry, next) {
		HASH_DEL(names->entries, entry);
		free(entry);
	}
	free(names);
}

struct span called_find(const struct called *names, enum called_of of, struct span code)
{
	char key[256];
	struct entry *entry = NULL;

	if (code.len && code.len < sizeof key) {
		key[0] = (char)('0' + of);
		memcpy(key + 1, code.data, code.len);
		HASH_FIND(hh, names->entries, key, code.len + 1, entry);
	}
	return entry ? entry->name : span_of("");
}

const char *called_zone(const struct called *names)
{
	return names->zone[0] ? names->zone : NULL;
}
