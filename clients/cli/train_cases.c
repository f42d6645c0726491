/* Examples from the daemon's closed cases, by their events, page after page through replay: text and title as they were reported, the category
 * that stood in the end.
 *
 * Owns what it keeps of each case until the journal is read. A case counts when it is closed with work done or an answer given: then people have dealt with
 * it under that category. Rejected, void and merged ones teach nothing, and with --people neither do those that only a worker put into their
 * category. */
#include <inttypes.h>
#include <stdlib.h>
#include <uthash.h>

#include "clients/cli/moment.h"
#include "clients/cli/progress.h"
#include "clients/cli/train.h"

#define PAGE 10000

struct told {
	UT_hash_handle hh;
	int64_t number;
	struct example example; /* its texts and label are its own */
	bool closed, by_people;
};

struct telling {
	struct cli *cli;
	struct told *cases;
	int64_t from, to; /* reported_at */
};

static struct span own(struct span text)
{
	return (struct span){span_dup(text), text.len};
}

static void label_set(struct told *told, struct span label, bool by_people)
{
	free((char *)told->example.label.data);
	told->example.label = own(label);
	told->by_people = by_people;
}

static void on_opened(struct telling *telling, const struct record *event)
{
	int64_t at = record_get(event, reported_at, record_get(event, at, 0));

	if (at < telling->from || at >= telling->to)
		return;
	struct told *told = must_calloc(1, sizeof *told);
	told->number = event->case_id;
	told->example.at = at;
	told->example.texts[0] = own(record_get(event, title, ((struct span){0})));
	told->example.texts[1] = own(record_get(event, text, ((struct span){0})));
	label_set(told, record_get(event, category, ((struct span){0})), true);
	HASH_ADD(hh, telling->cases, number, sizeof told->number, told);
}

static bool teaches(uint8_t outcome)
{
	return outcome == OUTCOME_solved || outcome == OUTCOME_answered || outcome == OUTCOME_handed_over;
}

static void event_take(struct telling *telling, const struct record *event)
{
	struct told *told;

	if (!record_has(event, case_id) || !record_has(event, event))
		return;
	if (event->event == EVENT_case_opened) {
		on_opened(telling, event);
		return;
	}
	HASH_FIND(hh, telling->cases, &event->case_id, sizeof event->case_id, told);
	if (!told)
		return;
	/* The worker says again what the publisher said: that stays the publisher's word. */
	if (event->event == EVENT_case_triaged && record_has(event, category) && !span_equal(told->example.label, event->category))
		label_set(told, event->category, !record_has(event, worker) && record_has(event, actor));
	else if (event->event == EVENT_case_triaged && !record_has(event, worker) && record_has(event, actor))
		told->by_people = true;
	else if (event->event == EVENT_case_closed)
		told->closed = teaches(record_get(event, outcome, OUTCOME_none));
	else if (event->event == EVENT_case_reopened)
		told->closed = false;
}

/* Where to go on; 0: that was all. */
static int64_t page_take(struct telling *telling, const struct record *reply)
{
	struct record event;
	struct flaw flaw;
	struct span rest, map;

	list_open(record_get(reply, events, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&event);
		if (codec_read_lenient(map, &event, &flaw) == 0)
			event_take(telling, &event);
	}
	return record_get(reply, caught_up, false) ? 0 : record_get(reply, next_seq, 0);
}

static int events_read(struct telling *telling)
{
	struct record command, reply;
	struct progress progress;
	int64_t from = 1;
	int result = DONE;

	progress_begin(&progress, "train", 0);
	while (from > 0 && result == DONE) {
		record_clear(&command);
		record_set(&command, command, COMMAND_replay);
		record_set(&command, from_seq, from);
		record_set(&command, count, PAGE);
		result = cli_request(telling->cli, &command, &reply);
		if (result != DONE)
			break;
		if (record_get(&reply, gap, false))
			fprintf(stderr, "reeve: the first events are no longer kept; cases opened before are left out\n");
		progress.total = record_get(&reply, as_of, progress.total);
		from = page_take(telling, &reply);
		progress_update(&progress, from, from);
	}
	progress_end(&progress);
	return result;
}

static void cases_settle(struct telling *telling, bool people_only, struct lessons *ret_lessons)
{
	struct told *told, *next;

	HASH_ITER(hh, telling->cases, told, next) {
		if (ret_lessons && told->closed && (told->by_people || !people_only))
			lessons_add(ret_lessons, &told->example);
		HASH_DEL(telling->cases, told);
		free((char *)told->example.label.data);
		for (size_t i = 0; i < EXAMPLE_TEXTS; i++)
			free((char *)told->example.texts[i].data);
		free(told);
	}
}

static bool moment_option(struct cli *cli, const struct options *options, const char *name, int64_t *ret_ms)
{
	const char *text = options_text(options, name);

	if (!text || moment_read(span_of(text), cli->zone, ret_ms))
		return true;
	cli_usage(cli, "--%s %s: a time like 2015-04-25 or 2015-04-25T08:30 is wanted", name, text);
	return false;
}

int lessons_from_cases(struct cli *cli, const struct options *options, struct lessons *ret_lessons)
{
	struct telling telling = {.cli = cli, .from = INT64_MIN, .to = INT64_MAX};

	if (!moment_option(cli, options, "from", &telling.from) || !moment_option(cli, options, "to", &telling.to))
		return USAGE;
	int result = events_read(&telling);
	cases_settle(&telling, options_flag(options, "people"), result == DONE ? ret_lessons : NULL);
	return result;
}
