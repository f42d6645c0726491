/* Clocks and ladders as the events tell them: a clock begins with the event that carries its due time, is moved only by an event that says so,
 * warns, breaches, climbs, and stops. Whatever has to happen by itself has a time here; model_time looks whether it happened.
 *
 * Due times themselves are taken as told: what they follow from is the policy's business, and other tests' (rule_due, the calendar's oracles). */
#include "tests/sim/model_inside.h"

#include <string.h>

#include "schema/codec.h"

#define WRONG(format, ...) \
	model_complain(model, "event %lld, %s of case %lld: " format, (long long)seq, event_name(event->event), (long long)account->number, __VA_ARGS__)

/* ---- which clock ---- */

/* -1: the event names a clock that cannot be. */
static int slot_named(const struct record *event)
{
	if (record_has(event, slot))
		return event->slot >= SLA_SLOTS && event->slot < SLA_ALL ? (int)event->slot : -1;
	switch (event->clock) {
	case CLOCK_promise:
		return SLOT_PROMISE;
	case CLOCK_sign:
		return SLOT_SIGN;
	case CLOCK_alarm:
		return SLOT_ALARM;
	case CLOCK_triage:
	case CLOCK_dispatch:
	case CLOCK_handle:
	case CLOCK_check:
	case CLOCK_call_back:
		return SLOT_STAGE;
	default:
		return -1;
	}
}

static int clock_of_state(int state)
{
	static const uint8_t clocks[STATE_LIMIT] = {[STATE_received] = CLOCK_triage, [STATE_triaged] = CLOCK_dispatch, [STATE_dispatched] = CLOCK_handle,
		[STATE_in_progress] = CLOCK_handle, [STATE_suspended] = CLOCK_handle, [STATE_reported] = CLOCK_check, [STATE_calling_back] = CLOCK_call_back};

	return clocks[state];
}

static int clock_of_slot(const struct account *account, int slot)
{
	if (slot == SLOT_PROMISE || slot == SLOT_SIGN || slot == SLOT_ALARM)
		return slot == SLOT_PROMISE ? CLOCK_promise : slot == SLOT_SIGN ? CLOCK_sign : CLOCK_alarm;
	if (slot == SLOT_STAGE)
		return clock_of_state(account->state);
	return slot == SLOT_SUPERVISION ? CLOCK_supervision : slot >= SLOT_ASSIST ? CLOCK_assist : CLOCK_approve;
}

/* ---- a clock begins, moves, stops ---- */

struct times {
	struct span limit;
	int64_t start, due, warn;
};

static void begin(struct model *model, int64_t seq, struct account *account, const struct record *event, int slot, struct times times)
{
	struct running *clock = &account->clocks[slot];

	*clock = (struct running){.kind = (uint8_t)clock_of_slot(account, slot)};
	if (!times.limit.len)
		return;
	*clock = (struct running){.kind = clock->kind, .limited = true, .start = times.start, .due = times.due, .warn = times.warn, .limit = word_of(model, times.limit)};
	if (times.warn < times.start || times.due < times.warn)
		WRONG("the clock in slot %d is not start, warn, due in this order", slot);
}

static void stop(struct account *account, int first, int last)
{
	memset(&account->clocks[first], 0, ((size_t)last - (size_t)first + 1) * sizeof account->clocks[0]);
}

static void stop_asks(struct account *account)
{
	stop(account, SLOT_RETURN, SLOT_SUSPENSION);
	stop(account, SLOT_ASSIST, SLA_ALL - 1);
}

static void promise_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	if (!record_has(event, limit))
		return;
	stop(account, SLOT_PROMISE, SLOT_PROMISE);
	if (event->limit.len)
		begin(model, seq, account, event, SLOT_PROMISE, (struct times){event->limit, event->start, event->due, event->warn});
	if (event->limit.len && event->start != account->reported_at)
		WRONG("the promise counts from %lld, not from the report (%lld)", (long long)event->start, (long long)account->reported_at);
	if (record_get(event, pauses_counted, 0) != account->pauses)
		WRONG("the promise gives back %lld of %lld pauses", (long long)record_get(event, pauses_counted, 0), (long long)account->pauses);
	account->milestone = word_of(model, record_get(event, next_milestone, (struct span){0}));
	account->milestone_at = record_get(event, milestone_due, 0);
}

static void stage_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	stop(account, SLOT_STAGE, SLOT_STAGE);
	if (!record_has(event, stage_limit))
		return;
	begin(model, seq, account, event, SLOT_STAGE, (struct times){event->stage_limit, event->stage_start, event->stage_due, event->stage_warn});
	if (event->stage != clock_of_state(account->state))
		WRONG("the clock %s in state %s", clock_name(event->stage), state_name(account->state));
	if (event->event != EVENT_clock_restaged && event->stage_start != event->at)
		WRONG("the stage counts from %lld, not from %lld", (long long)event->stage_start, (long long)event->at);
}

static void sign_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	stop(account, SLOT_SIGN, SLOT_SIGN);
	if (record_has(event, sign_limit))
		begin(model, seq, account, event, SLOT_SIGN, (struct times){event->sign_limit, event->sign_start, event->sign_due, event->sign_warn});
}

static void sub_take(struct model *model, int64_t seq, struct account *account, const struct record *event, int slot)
{
	if (record_get(event, slot, 0) != slot || event->clock != clock_of_slot(account, slot) || account->clocks[slot].kind)
		WRONG("clock %s in slot %lld", clock_name(record_get(event, clock, 0)), (long long)record_get(event, slot, 0));
	begin(model, seq, account, event, slot, (struct times){record_get(event, limit, (struct span){0}), record_get(event, start, 0), record_get(event, due, 0), record_get(event, warn, 0)});
}

/* More time never takes time away; a threshold that lies ahead again counts again. */
static void move(struct model *model, int64_t seq, struct account *account, const struct record *event, int slot, int64_t due, int64_t warn)
{
	struct running *clock = &account->clocks[slot];

	if (!clock->limited || due < clock->due || warn < clock->warn || due < warn)
		WRONG("moves the clock in slot %d from %lld to %lld", slot, (long long)clock->due, (long long)due);
	clock->due = due;
	clock->warn = warn;
	clock->warned = clock->warned && warn <= event->at;
}

static void moves_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	if (record_has(event, due))
		move(model, seq, account, event, SLOT_PROMISE, event->due, record_get(event, warn, 0));
	if (record_has(event, stage_due))
		move(model, seq, account, event, SLOT_STAGE, event->stage_due, record_get(event, stage_warn, 0));
}

/* After a pause every clock that is not over yet gets back what was counted of it. */
static void resume_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	const struct running *promise = &account->clocks[SLOT_PROMISE], *stage = &account->clocks[SLOT_STAGE];

	if (promise->limited && !promise->breached && !record_has(event, due))
		WRONG("the promise, due %lld, gets nothing back", (long long)promise->due);
	if (stage->limited && !stage->breached && !record_has(event, stage_due))
		WRONG("the stage, due %lld, gets nothing back", (long long)stage->due);
	if (account->milestone_at && record_get(event, milestone_due, 0) < account->milestone_at)
		WRONG("the milestone, due %lld, gets nothing back", (long long)account->milestone_at);
	stop(account, SLOT_SIGN, SLOT_SIGN);
	moves_take(model, seq, account, event);
	account->milestone_at = record_get(event, milestone_due, account->milestone_at);
}

static void end_all(struct account *account)
{
	stop(account, SLOT_STAGE, SLA_ALL - 1);
	account->clocks[SLOT_PROMISE].next = 0;
	account->clocks[SLOT_PROMISE].phase = LADDER_QUIET;
	account->clocks[SLOT_PROMISE].climbs_next = false;
}

/* ---- thresholds and ladders ---- */

static void threshold_take(struct model *model, int64_t seq, struct account *account, const struct record *event, struct running *clock)
{
	bool breach = event->event == EVENT_clock_breached;
	int64_t at = breach ? clock->due : clock->warn;

	if (!clock->limited || !span_equal(event->limit, word_text(model, clock->limit)) || event->due != clock->due)
		WRONG("due %lld, but the clock %s is due %lld", (long long)event->due, clock_name(event->clock), (long long)clock->due);
	if (clock->breached || clock->warned != breach)
		WRONG("the clock %s was %s", clock_name(event->clock), clock->breached ? "breached before" : breach ? "never warned" : "warned before");
	if (event->at < at)
		WRONG("too early: the clock %s reaches it at %lld", clock_name(event->clock), (long long)at);
	clock->warned = true;
	clock->breached = breach;
	if (!breach || !record_has(event, ladder))
		return;
	clock->ladder = word_of(model, event->ladder);
	clock->rung = 0;
	clock->phase = LADDER_QUIET;
	clock->next = record_get(event, next_at, 0);
	clock->climbs_next = !clock->next;
}

static void due_take(struct model *model, int64_t seq, struct account *account, const struct record *event, struct running *clock, int slot)
{
	bool muted = clock->phase == LADDER_QUIET && clock->rung, first = event->rung == 1 && (slot == SLOT_ALARM || (clock->breached && !clock->rung));
	bool same_ladder = span_equal(event->ladder, word_text(model, clock->ladder));

	if (slot == SLOT_ALARM && !clock->kind)
		clock->kind = CLOCK_alarm;
	if (!first && !(muted && event->rung == clock->rung) && event->rung != clock->rung + 1)
		WRONG("rung %lld of %s follows rung %lld", (long long)event->rung, clock_name(event->clock), (long long)clock->rung);
	if (!first && (!same_ladder || (!clock->unanswered && (!clock->next || clock->next > event->at))))
		WRONG("climbs at %lld, but looks again at %lld", (long long)event->at, (long long)clock->next);
	if (first && slot != SLOT_ALARM && (!same_ladder || clock->next > event->at))
		WRONG("the ladder of %s begins at %lld", clock_name(event->clock), (long long)clock->next);
	if (!record_has(event, next_at))
		WRONG("rung %lld would wait for its worker for ever", (long long)event->rung);
	clock->ladder = word_of(model, event->ladder);
	clock->rung = event->rung;
	clock->phase = LADDER_WANTING;
	clock->next = record_get(event, next_at, 0);
	clock->climbs_next = clock->unanswered = false;
}

static void notice_take(struct model *model, int64_t seq, struct account *account, const struct record *event, struct running *clock)
{
	uint64_t key = hash_text(event->notice);
	struct span number = event->notice;

	for (int64_t link = 0; (link = index_after(&model->notices, key, link));)
		WRONG("notice %.*s was sent before, as event %lld", (int)event->notice.len, event->notice.data, (long long)model->notices.links[link].value);
	index_add(&model->notices, key, seq);
	for (number.len = 0; number.len < event->notice.len && event->notice.data[number.len] != '/'; number.len++)
		;
	if (!event->audience.len || !event->text.len || number.len == event->notice.len)
		WRONG("notice %.*s says nothing to nobody", (int)event->notice.len, event->notice.data);
	clock->phase = LADDER_TOLD;
	clock->notice = key;
}

static bool mute_holds(const struct model *model, const struct record *event)
{
	for (int i = 0; i < model->mute_count; i++)
		if (model->mutes[i].number == record_get(event, mute, 0))
			return !model->mutes[i].lifted && model->mutes[i].until > event->at;
	return false;
}

/* What becomes of a rung: told, withheld, answered or not. */
static void rung_take(struct model *model, int64_t seq, struct account *account, const struct record *event, struct running *clock)
{
	bool wants = event->event == EVENT_case_escalated || event->event == EVENT_notice_withheld;

	if (!clock->kind || event->rung != clock->rung || (wants && clock->phase != LADDER_WANTING))
		WRONG("rung %lld of %s, but it stands on rung %lld and waits for something else", (long long)event->rung, clock_name(event->clock), (long long)clock->rung);
	if (wants && !span_equal(event->ladder, word_text(model, clock->ladder)))
		WRONG("ladder %.*s, but it is on another", (int)event->ladder.len, event->ladder.data);
	if (event->event == EVENT_escalation_acknowledged && (clock->phase != LADDER_TOLD || hash_text(event->notice) != clock->notice))
		WRONG("nobody was told %.*s", (int)event->notice.len, event->notice.data);
	if (event->event == EVENT_escalation_unanswered && (clock->next > event->at || !clock->next))
		WRONG("there is time for an answer until %lld", (long long)clock->next);
	clock->next = record_get(event, next_at, 0);
	clock->unanswered = event->event == EVENT_escalation_unanswered;
	if (event->event == EVENT_case_escalated) {
		notice_take(model, seq, account, event, clock);
	} else if (event->event == EVENT_escalation_acknowledged) {
		clock->phase = LADDER_ANSWERED;
		clock->hold_ms = record_get(event, hold_ms, 0) / 1000 * 1000;
	} else if (event->event == EVENT_notice_withheld) {
		clock->phase = LADDER_QUIET;
		if (account->urgency == 1 || !mute_holds(model, event) || !clock->next)
			WRONG("urgency %d, mute %lld", account->urgency, (long long)record_get(event, mute, 0));
	}
}

/* What only the passing of time brings about; a notice that was asked for before the pause is still told, and answered. */
static bool time_alone(int event)
{
	return event == EVENT_clock_warned || event == EVENT_clock_breached || event == EVENT_escalation_due || event == EVENT_escalation_unanswered;
}

static void ladder_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	int slot = slot_named(event);
	struct running *clock = slot >= 0 ? &account->clocks[slot] : NULL;

	if (!clock || event->clock != clock_of_slot(account, slot) || (clock_still(account, slot) && time_alone(event->event)) ||
		(!clock->kind && event->event != EVENT_escalation_due)) {
		WRONG("the clock %s does not run", clock_name(event->clock));
		return;
	}
	switch (event->event) {
	case EVENT_clock_warned:
	case EVENT_clock_breached:
		threshold_take(model, seq, account, event, clock);
		break;
	case EVENT_escalation_due:
		due_take(model, seq, account, event, clock, slot);
		break;
	default:
		rung_take(model, seq, account, event, clock);
	}
}

/* An answer lasts as long as the case moves. Talk of clocks and notices, reading and reminding move nothing. */
static void answers_last(struct account *account, const struct record *event)
{
	static const uint8_t talk[] = {EVENT_clock_warned, EVENT_clock_breached, EVENT_escalation_due, EVENT_case_escalated, EVENT_escalation_acknowledged,
		EVENT_escalation_unanswered, EVENT_notice_withheld, EVENT_attention_needed, EVENT_contact_read, EVENT_case_reminded,
		EVENT_milestone_missed, EVENT_clock_restaged};

	if (memchr(talk, event->event, sizeof talk))
		return;
	for (int slot = 0; slot < SLA_ALL; slot++)
		if (account->clocks[slot].phase == LADDER_ANSWERED && account->clocks[slot].hold_ms)
			account->clocks[slot].next = event->at + account->clocks[slot].hold_ms;
}

/* ---- what each event does to the clocks ---- */

static void asked_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	switch (event->event) {
	case EVENT_return_requested:
		sub_take(model, seq, account, event, SLOT_RETURN);
		break;
	case EVENT_extension_requested:
		sub_take(model, seq, account, event, SLOT_EXTENSION);
		break;
	case EVENT_suspension_requested:
		sub_take(model, seq, account, event, SLOT_SUSPENSION);
		break;
	default: {
		int slot = event->asked == COMMAND_request_return ? SLOT_RETURN : event->asked == COMMAND_request_extension ? SLOT_EXTENSION : SLOT_SUSPENSION;
		if (!account->clocks[slot].kind)
			WRONG("%s was not asked for", command_name(event->asked));
		stop(account, slot, slot);
	}
	}
}

/* What was approved must have been asked for. */
static void approved(struct model *model, int64_t seq, struct account *account, const struct record *event, int slot)
{
	if (!account->clocks[slot].kind)
		WRONG("the unit did not ask for it (slot %d)", slot);
	stop(account, slot, slot);
}

static void assistant_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	int slot = (int)event->slot, place = slot - SLOT_ASSIST;

	if (place < 0 || place >= ASSISTANTS_MOST) {
		WRONG("there is no slot %d for an assistant", slot);
		return;
	}
	if (event->event == EVENT_assistant_added) {
		account->assistants[place] = word_of(model, event->assistant);
		sub_take(model, seq, account, event, slot);
		return;
	}
	if (!account->clocks[slot].kind || !span_equal(word_text(model, account->assistants[place]), event->assistant))
		WRONG("%.*s does not assist in slot %d", (int)event->assistant.len, event->assistant.data, slot);
	if (event->event == EVENT_assistant_reported)
		stop(account, slot, slot);
	else
		move(model, seq, account, event, slot, event->due, event->warn);
}

static void milestone_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	bool missed = event->event == EVENT_milestone_missed, current = span_equal(event->milestone, word_text(model, account->milestone));

	if (missed && (!current || event->due != account->milestone_at || event->at < event->due))
		WRONG("%.*s is due %lld", (int)event->milestone.len, event->milestone.data, (long long)account->milestone_at);
	if (!missed && !current && !record_has(event, next_milestone))
		return; /* one that was missed before, made good */
	account->milestone = word_of(model, record_get(event, next_milestone, (struct span){0}));
	account->milestone_at = record_get(event, milestone_due, 0);
}

void clocks_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	for (int slot = 0; slot < SLA_ALL; slot++)
		if (account->clocks[slot].climbs_next && event->event != EVENT_escalation_due && event->event != EVENT_assistant_moved)
			WRONG("the breach in slot %d was to be told at once", slot);
	switch (event->event) {
	case EVENT_case_opened:
	case EVENT_case_triaged:
		promise_take(model, seq, account, event);
		stage_take(model, seq, account, event);
		break;
	case EVENT_case_transferred:
		stop_asks(account);
		/* fall through */
	case EVENT_case_dispatched:
		stage_take(model, seq, account, event);
		sign_take(model, seq, account, event);
		break;
	case EVENT_case_signed:
		stop(account, SLOT_SIGN, SLOT_SIGN);
		break;
	case EVENT_case_returned:
		approved(model, seq, account, event, SLOT_RETURN);
		/* fall through */
	case EVENT_case_recalled:
		stop_asks(account);
		/* fall through */
	case EVENT_case_reported:
		stop(account, SLOT_SIGN, SLOT_SIGN);
		/* fall through */
	case EVENT_case_reopened:
	case EVENT_case_unmerged:
	case EVENT_call_back_due:
	case EVENT_case_checked:
	case EVENT_case_reworked:
	case EVENT_case_redone:
	case EVENT_clock_restaged:
		stage_take(model, seq, account, event);
		break;
	case EVENT_case_closed:
	case EVENT_case_merged:
		end_all(account);
		break;
	case EVENT_case_suspended:
		approved(model, seq, account, event, SLOT_SUSPENSION);
		break;
	case EVENT_case_resumed:
		resume_take(model, seq, account, event);
		break;
	case EVENT_clock_extended:
		approved(model, seq, account, event, SLOT_EXTENSION);
		moves_take(model, seq, account, event);
		break;
	case EVENT_return_requested:
	case EVENT_extension_requested:
	case EVENT_suspension_requested:
	case EVENT_request_denied:
		asked_take(model, seq, account, event);
		break;
	case EVENT_assistant_added:
	case EVENT_assistant_reported:
	case EVENT_assistant_moved:
		assistant_take(model, seq, account, event);
		break;
	case EVENT_supervision_opened:
		sub_take(model, seq, account, event, SLOT_SUPERVISION);
		break;
	case EVENT_supervision_answered:
	case EVENT_supervision_closed:
		stop(account, SLOT_SUPERVISION, SLOT_SUPERVISION);
		break;
	case EVENT_milestone_reached:
	case EVENT_milestone_missed:
		milestone_take(model, seq, account, event);
		break;
	case EVENT_clock_warned:
	case EVENT_clock_breached:
	case EVENT_escalation_due:
	case EVENT_case_escalated:
	case EVENT_escalation_acknowledged:
	case EVENT_escalation_unanswered:
	case EVENT_notice_withheld:
		ladder_take(model, seq, account, event);
		break;
	default:
		break;
	}
	answers_last(account, event);
}

/* ---- time ---- */

/* While a case is suspended its promise, stage, signature and assistants stand still; requests, supervision and an alarm do not. */
bool clock_still(const struct account *account, int slot)
{
	return account->state == STATE_suspended && (slot == SLOT_PROMISE || slot == SLOT_STAGE || slot == SLOT_SIGN || slot >= SLOT_ASSIST);
}

/* When a clock has to do something by itself; INT64_MAX: never. */
static int64_t clock_wants(const struct running *clock)
{
	int64_t at = clock->climbs_next ? 0 : INT64_MAX;

	if (clock->limited && !clock->breached)
		at = clock->warned ? clock->due : clock->warn;
	return clock->next && clock->next < at ? clock->next : at;
}

static void sooner(int64_t *at, int64_t other)
{
	if (other > 0 && other < *at)
		*at = other;
}

void account_soonest(struct model *model, struct account *account)
{
	int64_t at = INT64_MAX;

	if (account->state == STATE_closed) {
		sooner(&at, account->call_at);
	} else {
		for (int slot = 0; slot < SLA_ALL; slot++)
			if (account->clocks[slot].kind && !clock_still(account, slot))
				sooner(&at, clock_wants(&account->clocks[slot]));
		sooner(&at, account->work_until);
		sooner(&at, account->state == STATE_suspended ? account->until : account->milestone_at);
	}
	account->soonest = at;
	sooner(&model->soonest, at);
}

static void account_overdue(struct model *model, const struct account *account, int64_t now)
{
	const char *what = "something";

	for (int slot = 0; account->state != STATE_closed && slot < SLA_ALL; slot++)
		if (account->clocks[slot].kind && !clock_still(account, slot) && clock_wants(&account->clocks[slot]) == account->soonest)
			what = clock_name(account->clocks[slot].kind);
	if (account->work_until == account->soonest)
		what = "its worker";
	model_complain(model, "case %lld, %s: %s was due %lld, it is %lld, and nothing happened", (long long)account->number, state_name(account->state), what,
		(long long)account->soonest, (long long)now);
}

void model_time(struct model *model, int64_t now)
{
	if (now < model->soonest || model->complaint[0])
		return;
	model->soonest = INT64_MAX;
	for (int64_t number = 1; number <= model->case_count; number++) {
		const struct account *account = model->cases[number];
		if (account->soonest <= now)
			account_overdue(model, account, now);
		sooner(&model->soonest, account->soonest);
	}
}
