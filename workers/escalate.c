/* The escalation decision: one notice.
 *
 * Owns nothing; never decides when to climb. The notice says what, where, which clock, due when, how late, and who is asked to do
 * what, in that order, so that it can be read out over the phone. It holds the case's title but nothing of the caller.
 * Invariants: audience_area is the case's area or one above it; a rung that the ladder does not have is told like its last one under the
 * number that was asked for; an audience nobody serves is marked empty and still gets its text. */
#include "workers/escalate.h"

#include <inttypes.h>

#include "base/case_number.h"
#include "schema/codec.h"
#include "workers/wording.h"

#define AUDIENCE_BYTES 128 /* limits in fields.def */
#define TEXT_BYTES 8000

static const struct { const char *what, *asked; } CLOCKS[CLOCK_LIMIT] = {
	[CLOCK_none] = {"The case", "see to the case"},
	[CLOCK_promise] = {"The promise to the resident", "see that the case is brought to its end"},
	[CLOCK_triage] = {"The time to classify it", "see that it is classified"},
	[CLOCK_dispatch] = {"The time to send it to a unit", "see that a unit gets it"},
	[CLOCK_sign] = {"The unit's time to sign for it", "see that the unit signs for it"},
	[CLOCK_handle] = {"The unit's time to handle it", "see that the unit reports its result"},
	[CLOCK_check] = {"The time to check the result", "see that the result is checked"},
	[CLOCK_call_back] = {"The time to call the resident back", "see that the resident is called back"},
	[CLOCK_alarm] = {"The case", "see that it is being handled"},
	[CLOCK_approve] = {"The time to approve or deny the request", "see that the request is decided"},
	[CLOCK_assist] = {"The assisting unit's time", "see that it does its part"},
	[CLOCK_supervision] = {"The time to reply to the supervisor", "see that the unit replies"},
};

static enum clock_kind clock_of(const struct record *task)
{
	uint8_t clock = record_get(task, clock, CLOCK_none);

	return clock < CLOCK_LIMIT && CLOCKS[clock].what ? (enum clock_kind)clock : CLOCK_none;
}

static void say_what(struct buf *scratch, const struct policy *policy, const struct record *task)
{
	int category = record_has(task, category) ? policy_category(policy, task->category) : -1;
	char number[CASE_NUMBER_TEXT];

	case_number_write(record_get(task, case_id, 0), number);
	buf_printf(scratch, "Case %s: ", number);
	if (category >= 0)
		wording_category(scratch, policy, category);
	else
		buf_add_text(scratch, "not classified yet");
	if (record_has(task, urgency))
		buf_printf(scratch, ", urgency %" PRId64, task->urgency);
	buf_add_text(scratch, ".");
	if (record_has(task, title) && task->title.len) {
		buf_add_text(scratch, " ");
		wording_quoted(scratch, task->title);
	}
}

/* From the case's own area upwards, so that people far above know where it is. */
static void say_where(struct buf *scratch, const struct policy *policy, const struct record *task, int area)
{
	buf_add_text(scratch, "\nWhere: ");
	if (record_has(task, address) && task->address.len) {
		buf_add_span(scratch, task->address);
		buf_add_text(scratch, ", ");
	}
	wording_area(scratch, policy, area);
	for (int at = policy->areas[area].parent; at >= 0; at = policy->areas[at].parent) {
		buf_add_text(scratch, ", ");
		buf_add_span(scratch, policy->areas[at].name.len ? policy->areas[at].name : policy->areas[at].code);
	}
	buf_add_text(scratch, ". ");
	int unit = record_has(task, unit) ? policy_unit(policy, task->unit) : -1;
	if (unit >= 0) {
		buf_add_text(scratch, "With ");
		wording_unit(scratch, policy, unit);
	} else {
		buf_add_text(scratch, "With no unit");
	}
	const char *state = record_has(task, state) ? state_name(task->state) : NULL;
	if (state)
		buf_printf(scratch, ", %s", state);
	buf_add_text(scratch, ".");
}

static void say_when(struct buf *scratch, const struct policy *policy, const struct record *task)
{
	int64_t now = record_get(task, now, 0);

	buf_printf(scratch, "\n%s ", CLOCKS[clock_of(task)].what);
	if (clock_of(task) == CLOCK_alarm) {
		buf_add_text(scratch, "is told at once, whatever its clocks say.");
	} else if (!record_has(task, due)) {
		buf_add_text(scratch, "has no due time.");
	} else if (now > task->due) {
		buf_add_text(scratch, "was due ");
		wording_time(scratch, policy, task->due);
		buf_add_text(scratch, " and is ");
		wording_duration(scratch, now - task->due);
		buf_add_text(scratch, " late.");
	} else if (now == task->due) {
		buf_add_text(scratch, "is due now, ");
		wording_time(scratch, policy, task->due);
		buf_add_text(scratch, ".");
	} else {
		buf_add_text(scratch, "is due ");
		wording_time(scratch, policy, task->due);
		buf_add_text(scratch, ", in ");
		wording_duration(scratch, task->due - now);
		buf_add_text(scratch, ".");
	}
	if (record_has(task, reason) && task->reason.len) {
		buf_add_text(scratch, "\nWhy now: ");
		buf_add_span(scratch, task->reason);
		buf_add_text(scratch, ".");
	}
}

static void say_audience(struct buf *scratch, const struct policy *policy, const struct rung *rung)
{
	buf_add_span(scratch, rung->role);
	buf_add_text(scratch, "@");
	if (rung->level >= 0 && (size_t)rung->level < policy->level_count)
		buf_add_span(scratch, policy->levels[rung->level]);
}

static void say_asked(struct buf *scratch, const struct policy *policy, const struct record *task, const struct ladder *ladder, const struct rung *rung, int audience_area, bool empty)
{
	buf_add_text(scratch, "\nAsked: ");
	say_audience(scratch, policy, rung);
	buf_add_text(scratch, " of ");
	wording_area(scratch, policy, audience_area);
	buf_printf(scratch, ": please %s", CLOCKS[clock_of(task)].asked);
	if (rung->acknowledge_ms > 0) {
		buf_add_text(scratch, ", and acknowledge this notice within ");
		wording_duration(scratch, rung->acknowledge_ms);
		if (rung + 1 < ladder->rungs + ladder->rung_count) {
			buf_add_text(scratch, "; otherwise ");
			say_audience(scratch, policy, rung + 1);
			buf_add_text(scratch, " is told");
		}
	}
	buf_add_text(scratch, ".");
	if (empty)
		buf_add_text(scratch, " Nobody has this duty there at present.");
}

/* The ladder and the rung; NULL with the reason in the scratch. */
static const struct rung *find_rung(const struct policy *policy, const struct record *task, struct buf *scratch, const struct ladder **ret_ladder)
{
	int found = record_has(task, ladder) ? policy_ladder_named(policy, task->ladder) : -1;
	int64_t number = record_get(task, rung, 1);

	if (found < 0 || !policy->ladders[found].rung_count) {
		buf_printf(scratch, "version %" PRId64 " of the policy has no ladder ", policy->version);
		wording_quoted(scratch, record_get(task, ladder, span_of("")));
		buf_add_text(scratch, found < 0 ? "" : " with a rung");
		return NULL;
	}
	const struct ladder *ladder = &policy->ladders[found];
	size_t at = number < 1 ? 0 : (size_t)number - 1;
	*ret_ladder = ladder;
	return &ladder->rungs[at < ladder->rung_count ? at : ladder->rung_count - 1];
}

int escalate_decide(const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	size_t at = scratch->len;
	const struct ladder *ladder;
	const struct rung *rung = find_rung(policy, task, scratch, &ladder);
	int area = decision_area(policy, task, NULL);

	if (rung && area < 0)
		buf_add_text(scratch, "the policy has no areas");
	if (!rung || area < 0)
		return decision_fail(task, TASK_escalate, scratch, at, ret_result);
	int audience_area = policy_area_at_level(policy, area, rung->level);
	bool empty = !policy_somebody(policy, audience_area, rung->role, record_get(task, now, 0));
	say_audience(scratch, policy, rung);
	size_t text_at = scratch->len;
	say_what(scratch, policy, task);
	say_where(scratch, policy, task, area);
	say_when(scratch, policy, task);
	say_asked(scratch, policy, task, ladder, rung, audience_area, empty);

	decision_begin(task, COMMAND_escalate_result, ret_result);
	record_copy(ret_result, task, clock);
	record_set(ret_result, rung, record_get(task, rung, 1));
	record_set(ret_result, audience, wording_cut((struct span){scratch->data + at, text_at - at}, AUDIENCE_BYTES));
	record_set(ret_result, audience_area, policy->areas[audience_area].code);
	record_set(ret_result, text, wording_cut((struct span){scratch->data + text_at, scratch->len - text_at}, TEXT_BYTES));
	record_set(ret_result, ladder, ladder->name);
	if (empty)
		record_set(ret_result, empty, true);
	return DECISION_MADE;
}
