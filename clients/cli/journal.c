/* `reeve journal print|verify`: the daemon reads its journal a slice at a time, so that it goes on working in between; this
 * side asks slice after slice. Nothing here opens the journal's file: that is the daemon's alone. Verification ends at
 * the number that was the last when it began, so it ends while reports keep coming in. */
#include <errno.h>
#include <inttypes.h>

#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/progress.h"
#include "clients/cli/value.h"
#include "transfer/stream.h"

#define SLICE 10000
#define PAGE 500

const struct option_row journal_print_options[] = {
	OPTION_VALUE("from", "SEQ", "first sequence number (1)"),
	OPTION_VALUE("to", "SEQ", "last sequence number"),
	OPTION_VALUE("count", "N", "how many at the most"),
	OPTION_VALUE("segment", "FILE", "of a segment, or any stream of journal export"),
	OPTION_END,
};
const struct option_row journal_verify_options[] = {
	OPTION_VALUE("from", "SEQ", "first sequence number (1)"),
	OPTION_VALUE("to", "SEQ", "last sequence number"),
	OPTION_END,
};

static bool range_take(const struct options *options, int64_t *ret_from, int64_t *ret_to)
{
	return options_number(options, "from", 1, INT64_MAX, 1, ret_from) && options_number(options, "to", 1, INT64_MAX, INT64_MAX, ret_to);
}

static void record_print(const struct cli *cli, const struct record *event)
{
	char time[MOMENT_TEXT] = "";
	struct buf number = {0}, json = {0};

	if (cli->json) {
		cli_json(event);
		return;
	}
	if (record_has(event, at))
		moment_write(event->at, cli->zone, time);
	value_write(&number, event, FIELD_case_id, cli->zone);
	codec_json(&json, event);
	printf("%8" PRId64 "  %-25s  %-23s  %-14.*s  %.*s\n", record_get(event, seq, 0), time,
		event_name(record_get(event, event, 0)) ? event_name(event->event) : "?", (int)number.len, number.data ? number.data : "", (int)json.len, json.data);
	buf_free(&number);
	buf_free(&json);
}

/* Prints a page; returns the number to go on from, 0: nothing more. */
static int64_t page_print(const struct cli *cli, const struct record *reply, int64_t to, int64_t *left)
{
	struct record event;
	struct flaw flaw;
	struct span rest, map;
	int64_t last = 0;

	list_open(record_get(reply, events, ((struct span){0})), &rest);
	while (*left > 0 && frame_next(&rest, &map)) {
		record_clear(&event);
		if (codec_read_lenient(map, &event, &flaw) != 0)
			continue;
		last = record_get(&event, seq, 0);
		if (last > to)
			return 0;
		record_print(cli, &event);
		--*left;
	}
	if (last == 0 || last >= to || *left == 0 || record_get(reply, caught_up, false))
		return 0;
	return record_get(reply, next_seq, last + 1);
}

/* Records of a file, without a daemon; whether they are what was stored is reeve journal check's to say. */
static int segment_print(const struct cli *cli, const char *path, int64_t from, int64_t to, int64_t left)
{
	FILE *file = fopen(path, "rbe");
	char error[512] = "";
	bool with_private;
	struct stream_reader *reader = file ? stream_read_begin(file, &with_private, error, sizeof error) : NULL;
	struct stream_entry entry = {0};
	struct record event;
	struct flaw flaw;
	int failed = reader ? 0 : -1;

	if (!file)
		snprintf(error, sizeof error, "%s", strerror(errno));
	while (!failed && left > 0 && entry.part != STREAM_END && !(failed = stream_read(reader, &entry, error, sizeof error))) {
		if (entry.part != STREAM_RECORD || entry.number < from || entry.number > to || codec_read_lenient(entry.bytes, &event, &flaw) != 0)
			continue;
		record_set(&event, seq, entry.number);
		record_print(cli, &event);
		left--;
	}
	if (failed)
		fprintf(stderr, "reeve: %s: %s\n", path, error);
	stream_read_end(reader);
	if (file)
		fclose(file);
	return failed ? REFUSED : DONE;
}

int run_journal_print(struct cli *cli, const struct options *options)
{
	struct record command, reply;
	int64_t from, to, left;
	int result = DONE;

	if (!range_take(options, &from, &to) || !options_number(options, "count", 1, INT64_MAX, INT64_MAX, &left))
		return USAGE;
	if (options_text(options, "segment"))
		return segment_print(cli, options_text(options, "segment"), from, to, left);
	while (from > 0 && from <= to) {
		int64_t page = to - from < PAGE ? to - from + 1 : PAGE;
		record_clear(&command);
		record_set(&command, command, COMMAND_journal_read);
		record_set(&command, from_seq, from);
		record_set(&command, count, left < page ? left : page);
		result = cli_request(cli, &command, &reply);
		if (result != DONE)
			break;
		if (record_get(&reply, gap, false))
			pruned_say(&reply);
		from = page_print(cli, &reply, to, &left);
	}
	return result;
}

void pruned_say(const struct record *reply)
{
	struct span file = record_get(reply, file, ((struct span){0}));

	if (!record_get(reply, gap, false) || !record_has(reply, to_seq))
		return;
	fprintf(stderr, "reeve: records up to %" PRId64 " were pruned", record_get(reply, from_seq, 0) ? reply->from_seq - 1 : reply->to_seq);
	if (file.len)
		fprintf(stderr, "; record %" PRId64 " is in segments/%.*s of the state directory: reeve journal print --segment FILE", reply->to_seq, (int)file.len, file.data);
	fputc('\n', stderr);
}

int journal_last(struct cli *cli, int64_t *ret_last)
{
	struct record command, reply, row;
	struct flaw flaw;
	struct span rest, map;

	record_clear(&command);
	record_set(&command, command, COMMAND_status);
	int result = cli_request(cli, &command, &reply);
	if (result != DONE)
		return result;
	list_open(record_get(&reply, figures, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) == 0 && record_has(&row, name) && span_is(row.name, "journal_seq"))
			*ret_last = record_get(&row, value, 0);
	}
	return DONE;
}

/* One slice: DONE with where to go on, REFUSED when the daemon found a fault. */
static int slice_verify(struct cli *cli, int64_t from, int64_t count, struct record *ret_reply)
{
	struct record command;

	record_clear(&command);
	record_set(&command, command, COMMAND_journal_verify);
	record_set(&command, from_seq, from);
	record_set(&command, count, count);
	return cli_request(cli, &command, ret_reply);
}

static int verified(const struct cli *cli, int64_t asked, int64_t from, int64_t to, int64_t bad, int64_t took_ms)
{
	if (cli->json)
		printf(bad ? "{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"good\":false,\"bad\":%" PRId64 "}\n" : "{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"good\":true}\n",
			from, to, bad);
	else if (bad)
		printf("journal damaged: the first bad record is %" PRId64 "; stop the daemon and restore a backup, or ask for help with this number\n", bad);
	else
		printf("journal good: records %" PRId64 " to %" PRId64 " in sequence, checksummed and chained (%" PRId64 " ms)\n", from, to, took_ms);
	if (asked < from && !cli->json)
		printf("records before %" PRId64 " were pruned: reeve journal check STATE_DIR looks at the segments and the journal\n", from);
	return bad ? REFUSED : DONE;
}

int run_journal_verify(struct cli *cli, const struct options *options)
{
	struct progress progress;
	struct record reply;
	int64_t from, to, last = 0, bad = 0, begun = moment_steady();
	int result = range_take(options, &from, &to) ? journal_last(cli, &last) : USAGE;

	if (result != DONE)
		return result;
	if (options_text(options, "from") && from > last)
		return cli_usage(cli, "there are no such records: the journal ends with %" PRId64, last);
	if (to < from)
		return cli_usage(cli, "there are no such records: --to %" PRId64 " is before --from %" PRId64, to, from);
	if (to > last)
		to = last;
	int64_t at = from, asked = from;
	progress_begin(&progress, "verify", to - from + 1);
	while (at <= to && !bad) {
		int64_t slice = to - at < SLICE ? to - at + 1 : SLICE;
		result = slice_verify(cli, at, slice, &reply);
		if (result != DONE)
			break;
		if (at == from && record_get(&reply, from_seq, from) > from)
			from = at = reply.from_seq;
		if (from > to)
			break; /* all of it was pruned */
		if (record_get(&reply, gap, false))
			bad = record_get(&reply, seq, at);
		at = record_get(&reply, next_seq, at + slice);
		if (record_get(&reply, caught_up, false)) {
			to = at - 1;
			break;
		}
		progress_update(&progress, at - from, at - from);
	}
	progress_end(&progress);
	if (result == DONE && asked < from && from > to) {
		fprintf(stderr, "reeve: records %" PRId64 " to %" PRId64 " were pruned: reeve journal check STATE_DIR looks at the segments and the journal\n", asked, to);
		return USAGE;
	}
	return result == DONE ? verified(cli, asked, from, to, bad, moment_steady() - begun) : result;
}
