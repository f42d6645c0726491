/* What queries answer: a case as it stood at as_of, a case's events as the journal has them. */
#include "tests/sim/model_inside.h"

#include <stdio.h>

#include "schema/codec.h"

static void row_compare(struct model *model, const char *what, const struct record *row, int64_t as_of)
{
	const struct account *account = account_of(model, record_get(row, case_id, 0));

	if (!account) {
		model_complain(model, "%s shows case %lld, which the journal does not hold", what, (long long)record_get(row, case_id, 0));
		return;
	}
	if (record_get(row, last_seq, 0) != account->last_seq) {
		if (account->last_seq <= as_of || record_get(row, last_seq, 0) > account->last_seq)
			model_complain(model, "%s shows case %lld after event %lld, as of %lld, but its last event is %lld", what, (long long)account->number,
				(long long)record_get(row, last_seq, 0), (long long)as_of, (long long)account->last_seq);
		return; /* it was so then */
	}
	bool closed = account->state == STATE_closed;
#define SAME(member, should) \
	if ((int64_t)record_get(row, member, 0) != (int64_t)(should)) \
		model_complain(model, "%s shows case %lld with " #member " %lld, but the events say %lld", what, (long long)account->number, \
			(long long)record_get(row, member, 0), (long long)(should));
#define SAME_WORD(member) \
	if (!span_equal(record_get(row, member, (struct span){0}), word_text(model, account->member))) \
		model_complain(model, "%s shows case %lld with another " #member " than %s", what, (long long)account->number, word_text(model, account->member).data);
	SAME(state, account->state)
	SAME(kind, account->kind)
	SAME(urgency, account->urgency)
	SAME(epoch, account->epoch)
	SAME(reopens, account->reopens)
	SAME(attention, account->attention)
	SAME(confidential, account->confidential)
	SAME(first_seq, account->first_seq)
	SAME(reported_at, account->reported_at)
	SAME(due, account->clocks[SLOT_PROMISE].limited ? account->clocks[SLOT_PROMISE].due : 0)
	SAME(stage_due, account->clocks[SLOT_STAGE].limited ? account->clocks[SLOT_STAGE].due : 0)
	SAME(outcome, closed ? account->outcome : 0)
	SAME(late, closed && account->late)
	SAME(closed_at, closed ? account->closed_at : 0)
	SAME_WORD(category)
	SAME_WORD(area)
	SAME_WORD(unit)
	SAME_WORD(first_contact)
	SAME_WORD(source)
#undef SAME
#undef SAME_WORD
	if (!span_equal(row->source_ref, account->ref))
		model_complain(model, "%s shows case %lld with another reference", what, (long long)account->number);
}

static void rows_compare(struct model *model, const struct record *reply)
{
	struct span maps, map;
	struct record row;
	struct flaw flaw;

	list_open(reply->cases, &maps);
	while (frame_next(&maps, &map)) {
		if (codec_read_lenient(map, &row, &flaw))
			model_complain(model, "a row of a list cannot be read: %s", flaw.detail);
		else
			row_compare(model, "a list", &row, record_get(reply, as_of, 0));
	}
}

/* Every event links to the one before it; the first is the opening, unless older ones were cut or pruned. */
static void timeline_compare(struct model *model, const struct record *reply)
{
	int64_t before = 0;
	bool cut = record_get(reply, gap, false) || record_has(reply, from_seq);
	struct span maps, map;
	struct record event;
	struct flaw flaw;

	list_open(reply->events, &maps);
	for (bool first = true; frame_next(&maps, &map); first = false) {
		if (codec_read_lenient(map, &event, &flaw)) {
			model_complain(model, "an event of a timeline cannot be read: %s", flaw.detail);
			return;
		}
		event_compare(model, "a timeline", &event, false);
		if (event.case_id != reply->case_id || (event.previous != before && !(first && cut)))
			model_complain(model, "the timeline of case %lld: event %lld follows event %lld", (long long)reply->case_id, (long long)event.seq, (long long)before);
		before = event.seq;
	}
}

void shown_compare(struct model *model, const struct record *reply)
{
	if (reply->reply == COMMAND_show)
		row_compare(model, "show", reply, record_get(reply, as_of, 0));
	if (reply->reply == COMMAND_list && record_has(reply, cases))
		rows_compare(model, reply);
	if (reply->reply == COMMAND_timeline && record_has(reply, events))
		timeline_compare(model, reply);
}
