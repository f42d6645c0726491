/* `reeve backup`: one command, answered when the daemon has written its copy and looked at every record of it. Nothing is copied here, and
 * the directory is one of the daemon's machine. */
#include <inttypes.h>

#include "base/case_number.h"
#include "clients/cli/command.h"

#define FOR_EVER_MS INT64_C(86400000)

static void backup_say(const struct record *reply)
{
	struct span hash = record_get(reply, hash, ((struct span){0}));
	struct span directory = record_get(reply, directory, ((struct span){0}));

	printf("backup finished: %.*s holds records 1 to %" PRId64 ", verified (%" PRId64 " bytes); chain hash ", (int)directory.len, directory.data,
		record_get(reply, seq, 0), record_get(reply, bytes, 0));
	for (size_t i = 0; i < hash.len; i++)
		printf("%02x", (unsigned char)hash.data[i]);
	putchar('\n');
	if (record_has(reply, to_seq))
		fprintf(stderr, "reeve: records up to %" PRId64 " are in segments that were not in their place and are not in the backup: put them into %.*s/segments\n", reply->to_seq,
			(int)directory.len, directory.data);
	if (record_has(reply, damaged_rows)) {
		char number[CASE_NUMBER_TEXT];

		case_number_write(record_get(reply, case_id, 0), number);
		fprintf(stderr, "reeve: %" PRId64 " callers' rows are not what was stored, the first one that of case %s: they are in the backup as they are; an earlier backup may have them whole\n",
			reply->damaged_rows, number);
	}
}

int run_backup(struct cli *cli, const struct options *options)
{
	struct record command, reply;

	if (!cli->timeout_given)
		cli->timeout_ms = FOR_EVER_MS;
	record_clear(&command);
	record_set(&command, command, COMMAND_backup);
	record_set(&command, directory, span_of(options_argument(options, 0)));
	int result = cli_request(cli, &command, &reply);
	if (result == DONE && cli->json)
		cli_json(&reply);
	else if (result == DONE)
		backup_say(&reply);
	return result;
}
