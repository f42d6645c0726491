/* `reeve policy versions|back`: versions are never deleted, so going back is adopting the old files again, under a new
 * number. Owns a copy of the files in between: a reply lives only until the next question. */
#include <inttypes.h>
#include <stdlib.h>

#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/table.h"

#define HASH_SHOWN 8 /* bytes; enough to tell two versions apart by eye */

const struct option_row policy_versions_options[] = {OPTION_FIELD("count", "N", count, "how many at the most (100)"), OPTION_END};

static void hash_add(struct table *table, struct span hash)
{
	char text[2 * HASH_SHOWN + 1] = "";

	for (size_t i = 0; i < HASH_SHOWN && i < hash.len; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char)hash.data[i]);
	table_add_text(table, text);
}

static void version_add(struct cli *cli, struct table *table, const struct record *row)
{
	char time[MOMENT_TEXT] = "";

	if (record_has(row, at))
		moment_write(row->at, cli->zone, time);
	table_add_number(table, record_get(row, policy, 0));
	table_add_text(table, time);
	table_add(table, record_get(row, actor, span_of("")));
	table_add(table, record_get(row, policy_name, span_of("")));
	hash_add(table, record_get(row, hash, span_of("")));
	table_add_text(table, record_get(row, restage, false) ? "restage" : "keep");
	table_add(table, record_get(row, reason, span_of("")));
}

static void versions_print(struct cli *cli, const struct record *reply)
{
	static const struct table_column columns[] = {
		{"VERSION", true, 0}, {"ADOPTED", false, 0}, {"BY", false, 24}, {"NAME", false, 32}, {"HASH", false, 0}, {"CLOCKS", false, 0}, {"REASON", false, 80},
	};
	struct table *table = table_new(columns, sizeof columns / sizeof *columns);
	struct record row;
	struct flaw flaw;
	struct span rest, map;

	list_open(record_get(reply, versions, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) == 0)
			version_add(cli, table, &row);
	}
	table_print(table, stdout, cli->color);
	table_free(table);
}

int run_policy_versions(struct cli *cli, const struct options *options)
{
	struct record command, reply;

	record_clear(&command);
	record_set(&command, command, COMMAND_policy_list);
	if (!options_fill(options, cli->zone, &command))
		return USAGE;
	int result = cli_request(cli, &command, &reply);
	if (result != DONE)
		return result;
	if (cli->json)
		cli_json(&reply);
	else
		versions_print(cli, &reply);
	return DONE;
}

/* Text of digits, from 1; 0: it is none. */
static int64_t version_read(const char *text)
{
	char *end;
	long long version = strtoll(text, &end, 10);

	return *end == '\0' && version > 0 && version <= UINT32_MAX ? version : 0;
}

int run_policy_back(struct cli *cli, const struct options *options)
{
	int64_t version = version_read(options_argument(options, 0));
	struct record command, reply;
	struct buf files = {0};
	char name[40], reason[40];

	if (!version)
		return cli_usage(cli, "'%s' is no version; `reeve policy versions` lists them", options_argument(options, 0));
	record_clear(&command);
	record_set(&command, command, COMMAND_policy_read);
	record_set(&command, policy, version);
	int result = cli_request(cli, &command, &reply);
	if (result != DONE)
		return result;
	struct span list = record_get(&reply, files, ((struct span){0}));
	buf_add(&files, list.data, list.len);
	snprintf(name, sizeof name, "version %" PRId64, version);
	snprintf(reason, sizeof reason, "back to version %" PRId64, version);
	result = policy_apply_files(cli, options, name, buf_span(&files), reason);
	buf_free(&files);
	return result;
}
