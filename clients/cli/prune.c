/* `reeve prune`: one command, answered when everything older than the policy's retention has left the journal, or at once when only asked how much it
 * would be. Nothing is pruned here. */
#include <inttypes.h>

#include "clients/cli/command.h"

#define FOR_EVER_MS INT64_C(86400000)

const struct option_row prune_options[] = {
	OPTION_FLAG("dry-run", "only say how many records would leave"),
	OPTION_END,
};

static void prune_say(const struct record *reply)
{
	struct span directory = record_get(reply, directory, ((struct span){0}));

	if (record_get(reply, dry_run, false)) {
		printf("%" PRId64 " records would leave the journal, which begins with record %" PRId64 "\n", record_get(reply, count, 0), record_get(reply, from_seq, 1));
		return;
	}
	printf("%" PRId64 " records left the journal, which begins with record %" PRId64, record_get(reply, count, 0), record_get(reply, from_seq, 1));
	if (record_get(reply, from_seq, 1) > 1)
		printf("; those before are in %.*s (%" PRId64 " bytes)", (int)directory.len, directory.data, record_get(reply, bytes, 0));
	putchar('\n');
}

int run_prune(struct cli *cli, const struct options *options)
{
	struct record command, reply;

	if (!cli->timeout_given)
		cli->timeout_ms = FOR_EVER_MS;
	record_clear(&command);
	record_set(&command, command, COMMAND_prune);
	if (options_flag(options, "dry-run"))
		record_set(&command, dry_run, true);
	int result = cli_request(cli, &command, &reply);
	if (result == DONE && cli->json)
		cli_json(&reply);
	else if (result == DONE)
		prune_say(&reply);
	return result;
}
