/* All events up to the end of the period, page by page through replay, into the figures. The next page is asked for before the
 * last one is worked through, so that the daemon and this side work at the same time. Nothing is kept of an event but what the
 * figures keep. The daemon sends pages as large as its limits.page_bytes. */
#include "clients/cli/report.h"

#include <time.h>

#include "clients/cli/moment.h"
#include "clients/cli/progress.h"

#define PAGE 10000
#define REPLY_LIMITS ((struct frame_limits){.bytes = 256 << 20, .objects = 1 << 20, .depth = 16, .nodes = 64 << 20})

static bool page_ask(struct report *report, int64_t from, char ret_request[40])
{
	struct record command;
	struct buf frame = {0};

	record_clear(&command);
	record_set(&command, command, COMMAND_replay);
	record_set(&command, from_seq, from);
	record_set(&command, count, PAGE);
	cli_sign(report->cli, &command, ret_request);
	codec_write_all(&frame, &command);
	bool sent = connection_send(report->cli->connection, buf_span(&frame), report->cli->timeout_ms);
	buf_free(&frame);
	return sent;
}

/* The reply to a request, as one map; it lives until the next receive. */
static bool page_receive(struct report *report, const char *request, struct span *ret_map, struct record *ret_reply)
{
	struct frame_limits limits = REPLY_LIMITS;
	struct flaw flaw;
	struct span frame;
	size_t objects;
	int64_t until = moment_steady() + report->cli->timeout_ms;

	while (connection_receive(report->cli->connection, until - moment_steady(), &frame)) {
		if (frame_scan(frame, &limits, &objects, &flaw) != 0)
			continue;
		while (frame_next(&frame, ret_map)) {
			record_clear(ret_reply);
			(void)codec_read_lenient(*ret_map, ret_reply, &flaw);
			if (record_has(ret_reply, request) && span_is(ret_reply->request, request))
				return true;
		}
	}
	return false;
}

/* False: an event lies after the period. */
static bool page_take(struct report *report, struct span events)
{
	struct record event;
	struct flaw flaw;
	struct span rest, map;

	list_open(events, &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&event);
		if (codec_read_lenient(map, &event, &flaw) != 0)
			continue;
		if (!figures_take(report->figures, &event))
			return false;
		report->seq = record_get(&event, seq, report->seq);
	}
	return true;
}

static int no_page(const struct report *report)
{
	fprintf(stderr, "reeve: %s did not answer within %lld ms: %s\n", report->cli->service, (long long)report->cli->timeout_ms,
		connection_silence(report->cli->service));
	return NO_DAEMON;
}

/* A busy daemon: asked again after the time that it names. */
static bool page_later(const struct record *reply)
{
	struct timespec pause = {0};

	if (reply->error != ERROR_busy && reply->error != ERROR_stopping)
		return false;
	pause.tv_nsec = record_get(reply, retry_after_ms, 250) % 1000 * 1000000;
	nanosleep(&pause, NULL);
	return true;
}

static int pages_read(struct report *report, struct progress *progress)
{
	struct record reply;
	struct span map;
	char request[40];
	int64_t from = 1, asked_again = 0;
	bool more = true;

	if (cli_connect(report->cli) != DONE || !page_ask(report, from, request))
		return no_page(report);
	while (more) {
		if (!page_receive(report, request, &map, &reply)) {
			if (!connection_broke(report->cli->connection) || asked_again++ > 20 || !page_ask(report, from, request))
				return no_page(report);
			continue;
		}
		if (record_has(&reply, error)) {
			if (!page_later(&reply))
				return cli_refusal(report->cli, &reply), REFUSED;
			if (!page_ask(report, from, request))
				return no_page(report);
			continue;
		}
		if (record_get(&reply, gap, false)) /* figures of that time lack something */
			pruned_say(&reply);
		if (progress->total == 0)
			progress->total = record_get(&reply, as_of, 0);
		from = record_get(&reply, next_seq, 0);
		more = from > 0 && !record_get(&reply, caught_up, false);
		if (more && !page_ask(report, from, request))
			return no_page(report);
		if (!page_take(report, record_get(&reply, events, ((struct span){0}))))
			more = false;
		progress_update(progress, from, from);
	}
	return DONE;
}

int report_read(struct report *report)
{
	struct progress progress;

	report->figures = figures_new(report->from, report->until);
	progress_begin(&progress, "report", 0);
	int result = pages_read(report, &progress);
	progress_end(&progress);
	figures_settle(report->figures);
	if (result == DONE && figures_unknown(report->figures))
		fprintf(stderr, "reeve: %lld events belong to cases opened before what the journal keeps; they are left out\n",
			(long long)figures_unknown(report->figures));
	return result;
}
