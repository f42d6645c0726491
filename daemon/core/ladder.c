/* Escalation and the passing of time: warnings, breaches, rungs, answers, and what happens when a worker does not answer.
 *
 * A ladder belongs to one clock of one case. It goes: somebody has to be told (escalation_due), the worker or the core
 * says who and how (case_escalated), a person answers (escalation_acknowledged) or not (escalation_unanswered), and it
 * climbs. Fail open: rather a notice too many than one missed. */
#include "core/decide_inside.h"

#include <assert.h>
#include <stdio.h>

#define RUNGS_MOST 250 /* a repeated notice stops counting here: a clock that old is a matter for people */

int64_t stage_fence(const struct casefile *casefile)
{
	return casefile->epoch;
}

int64_t ladder_fence(const struct casefile *casefile, int slot)
{
	const struct sla *sla = casefile_sla(casefile, slot);

	return (int64_t)sla->epoch << 16 | slot << 8 | sla->rung;
}

static const char *clock_text(int clock)
{
	static const char *const names[] = {
		[CLOCK_none] = "",
#define CLOCK(number, name, chinese, meaning) [number] = #name,
#include "schema/names.def"
	};
	return names[clock];
}

void notice_write(const struct casefile *casefile, int slot, int rung, char ret_text[NOTICE_TEXT])
{
	const struct sla *sla = casefile_sla(casefile, slot);

	snprintf(ret_text, NOTICE_TEXT, "%lld/%s/%u/%d", (long long)casefile->number, clock_text(sla->kind), sla->epoch, rung);
}

static const struct ladder *ladder_of(const struct policy *policy, const struct state *state, const struct sla *sla)
{
	int ladder = sla->ladder ? policy_ladder_named(policy, state_text(state, sla->ladder)) : -1;

	return ladder >= 0 ? &policy->ladders[ladder] : NULL;
}

static const struct rung *rung_of(const struct ladder *ladder, int rung)
{
	size_t place = rung < 1 ? 0 : (size_t)rung - 1;

	return &ladder->rungs[place < ladder->rung_count ? place : ladder->rung_count - 1];
}

const struct rung *ladder_rung(const struct policy *policy, const struct state *state, const struct casefile *casefile, int slot)
{
	const struct ladder *ladder = ladder_of(policy, state, casefile_sla(casefile, slot));

	return ladder ? rung_of(ladder, casefile_sla(casefile, slot)->rung) : NULL;
}

/* When a percentage of a clock's counted time is reached, by the policy that set the clock; 0 when nothing can say it. Pauses and
 * extensions moved the clock's due time; what lies after it moves by as much counted time. */
static int64_t percent_at(const struct question *question, const struct sla *sla, int percent)
{
	const struct policy *policy = state_policy_of(question->state, sla->policy);
	int found = policy && sla->limit ? policy_limit(policy, state_text(question->state, sla->limit)) : -1;
	int64_t at, whole;

	if (found < 0)
		return 0;
	const struct limit *limit = &policy->limits[found];
	const struct calendar *calendar = &policy->calendars[limit->calendar];
	if (limit_at(limit, calendar, sla->start, percent, &at) || limit_at(limit, calendar, sla->start, 100, &whole))
		return 0;
	return whole < sla->due && limit_pause_shift(limit, calendar, at, whole, sla->due, &at) ? 0 : at;
}

/* Names the clock of an event; its slot too where the name alone does not say it. */
static void clock_into(struct record *event, const struct sla *sla, int slot)
{
	record_set(event, clock, sla->kind);
	if (slot >= SLA_SLOTS)
		record_set(event, slot, slot);
}

static void due_into(struct question *question, int slot, const struct ladder *ladder, int rung, const char *why)
{
	const struct casefile *casefile = question->casefile;
	struct record *event = event_of(question, EVENT_escalation_due, casefile, subject_of(question, casefile).area);

	clock_into(event, casefile_sla(casefile, slot), slot);
	record_set(event, ladder, ladder->name);
	record_set(event, rung, rung);
	record_set(event, reason, keep(question, why));
	record_set(event, next_at, question->now + question->policy->patience_ms[TASK_escalate]);
}

/* The alarm is on this ladder and has not come to its end. */
static bool alarm_under_way(const struct question *question, const struct casefile *casefile, const struct ladder *ladder)
{
	const struct sla *sla = &casefile->sla[SLOT_ALARM];

	return sla->kind && (ladder->cause == LADDER_URGENCY || sla->next) && span_equal(state_text(question->state, sla->ladder), ladder->name);
}

/* A danger is being told of and climbs: a lesser cause must not take the alarm from it. */
static bool danger_under_way(const struct question *question, const struct casefile *casefile, enum ladder_cause cause)
{
	const struct sla *sla = &casefile->sla[SLOT_ALARM];
	const struct ladder *ladder = ladder_of(question->policy, question->state, sla);

	return cause != LADDER_URGENCY && sla->next && ladder && ladder->cause == LADDER_URGENCY;
}

void alarm_into(struct question *question, const struct casefile *casefile, struct subject subject, int64_t epoch, enum ladder_cause cause, const char *why)
{
	const struct ladder *ladder = policy_ladder_for(question->policy, cause, cause == LADDER_BREACH ? CLOCK_promise : CLOCK_alarm, subject.category, subject.area, subject.urgency);
	struct record *event;

	if (!ladder || !ladder->rung_count || (casefile && (alarm_under_way(question, casefile, ladder) || danger_under_way(question, casefile, cause))))
		return;
	event = event_of(question, EVENT_escalation_due, casefile, subject.area);
	record_set(event, epoch, epoch);
	record_set(event, clock, CLOCK_alarm);
	record_set(event, ladder, ladder->name);
	record_set(event, rung, 1);
	record_set(event, reason, keep(question, why));
	record_set(event, next_at, question->now + question->policy->patience_ms[TASK_escalate]);
}

static int warn(struct question *question, int slot)
{
	const struct sla *sla = casefile_sla(question->casefile, slot);
	struct record *event = event_of(question, EVENT_clock_warned, question->casefile, subject_of(question, question->casefile).area);

	clock_into(event, sla, slot);
	record_set(event, limit, state_text(question->state, sla->limit));
	record_set(event, due, sla->due);
	record_set(event, threshold, question->policy->warn_percent);
	return 0;
}

static int breach(struct question *question, int slot)
{
	const struct sla *sla = casefile_sla(question->casefile, slot);
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	const struct ladder *ladder = policy_ladder(question->policy, sla->kind, subject.category, subject.area, subject.urgency, false);
	struct record *event = event_of(question, EVENT_clock_breached, casefile, subject.area);
	int64_t first;

	clock_into(event, sla, slot);
	record_set(event, limit, state_text(question->state, sla->limit));
	record_set(event, due, sla->due);
	record_set(event, threshold, 100);
	if (!ladder || !ladder->rung_count)
		return 0;
	record_set(event, ladder, ladder->name);
	first = ladder->rungs[0].after_percent > 100 ? percent_at(question, sla, ladder->rungs[0].after_percent) : 0;
	if (first > question->now)
		record_set(event, next_at, first);
	else
		due_into(question, slot, ladder, 1, "the time is over");
	return 0;
}

static void unanswered(struct question *question, int slot)
{
	const struct casefile *casefile = question->casefile;
	struct record *event = event_of(question, EVENT_escalation_unanswered, casefile, subject_of(question, casefile).area);
	char notice[NOTICE_TEXT];

	notice_write(casefile, slot, casefile_sla(casefile, slot)->rung, notice);
	clock_into(event, casefile_sla(casefile, slot), slot);
	record_set(event, rung, casefile_sla(casefile, slot)->rung);
	record_set(event, notice, keep(question, notice));
}

static const char *climb_reason(const struct sla *sla, bool asked)
{
	if (!sla->rung)
		return "the time is over";
	if (sla->phase == LADDER_ANSWERED)
		return "answered, but nothing moved";
	return asked ? "nobody answered" : "still not done";
}

static int ask_people(struct question *question, int task, struct span why)
{
	struct record *event = event_of(question, EVENT_attention_needed, question->casefile, subject_of(question, question->casefile).area);

	record_set(event, task, (uint8_t)task);
	record_set(event, reason, why);
	return 0;
}

/* The next rung's own percentage is reached: it is told now whether or not the time for an answer is over. */
static bool step_reached(const struct question *question, const struct sla *sla, const struct ladder *ladder)
{
	int64_t at = 0;

	if (sla->rung < (int)ladder->rung_count && ladder->rungs[sla->rung].after_percent > 100)
		at = percent_at(question, sla, ladder->rungs[sla->rung].after_percent);
	return at && at <= question->now;
}

/* A told rung's time has come: unanswered, the next rung's percentage reached, an answer that ran out, or a repeat; or the mute is over
 * that kept its notice back. With no rung left it ends here; a notice repeated RUNGS_MOST times becomes a matter for people. */
static int climb(struct question *question, int slot)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = casefile_sla(casefile, slot);
	const struct ladder *ladder = ladder_of(question->policy, question->state, sla);
	const struct rung *rung = ladder && sla->rung ? rung_of(ladder, sla->rung) : NULL;
	bool asked = sla->phase == LADDER_TOLD && rung && rung->acknowledge_ms > 0 && !step_reached(question, sla, ladder);
	bool another = ladder && (sla->rung < (int)ladder->rung_count || (rung && rung->repeat_ms > 0) || sla->phase == LADDER_ANSWERED);

	if (sla->phase == LADDER_QUIET && sla->rung && ladder) {
		due_into(question, slot, ladder, sla->rung, "it was muted until now");
		return 0;
	}
	if (asked || !another || sla->rung >= RUNGS_MOST)
		unanswered(question, slot);
	if (another && sla->rung < RUNGS_MOST)
		due_into(question, slot, ladder, sla->rung + 1, climb_reason(sla, asked));
	else if (another)
		ask_people(question, TASK_escalate, keep(question, "told as often as Reeve counts, and nobody answered"));
	return 0;
}

static int tick_clock(struct question *question, int slot)
{
	const struct sla *sla = casefile_sla(question->casefile, slot);

	if (sla->limit && !sla->warned && sla->warn <= question->now && (sla->next == 0 || sla->next > question->now))
		return warn(question, slot);
	if (sla->limit && sla->warned && !sla->breached && sla->due <= question->now)
		return breach(question, slot);
	if (sla->phase == LADDER_WANTING)
		return tell_by_default(question, slot, "no worker answered in time");
	return climb(question, slot);
}

/* The rarer deadlines: a merged case's caller, the end of a suspension, or one of the rarer clocks. */
static int tick_details(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	const struct details *details = casefile_details(casefile);

	if (details->call_at > 0 && details->call_at <= question->now)
		return decide_call_back_due(question);
	if (casefile->state == STATE_suspended && details->until && details->until <= question->now)
		return decide_resume(question);
	if (casefile->state != STATE_suspended && details->milestone_at && details->milestone_at <= question->now)
		return decide_milestone_missed(question);
	for (int slot = SLA_SLOTS; slot < SLA_ALL; slot++) {
		int64_t deadline = sla_deadline(casefile_sla(casefile, slot));
		if (casefile->state == STATE_suspended && slot >= SLOT_ASSIST)
			break;
		if (deadline && deadline <= question->now)
			return tick_clock(question, slot);
	}
	return 0;
}

int decide_tick(struct question *question)
{
	int64_t at;
	int slot;

	if (state_next_timer(question->state, &at, &question->casefile, &slot) || at > question->now)
		return 0;
	if (slot == TIMER_SOURCE)
		return decide_silence(question);
	if (slot == TIMER_WORK)
		return fall_back(question, "no worker answered in time");
	return slot == TIMER_DETAILS ? tick_details(question) : tick_clock(question, slot);
}

/* When the ladder looks again after a rung was told: unanswered, or the next rung's percentage, whichever is first. */
static int64_t next_look(const struct question *question, const struct sla *sla, const struct ladder *ladder, bool empty, int64_t acknowledge_by)
{
	const struct rung *rung = rung_of(ladder, sla->rung);
	bool top = sla->rung >= (int)ladder->rung_count;
	int64_t next = acknowledge_by, after;

	if (top)
		return rung->repeat_ms > 0 ? question->now + rung->repeat_ms : acknowledge_by;
	if (empty)
		return question->now;
	after = ladder->rungs[sla->rung].after_percent > 100 ? percent_at(question, sla, ladder->rungs[sla->rung].after_percent) : 0;
	if (after && after < question->now)
		after = question->now;
	if (after && (!next || after < next))
		next = after;
	return next;
}

struct notice {
	int slot;
	struct span audience, text;
	int area;
	bool empty;
};

/* Not sent, and why: an event too. When the mute ends and it is still not done, this rung is told. */
static int withhold(struct question *question, const struct notice *notice, const struct mute *mute)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = casefile_sla(casefile, notice->slot);
	struct record *event = event_of(question, EVENT_notice_withheld, casefile, subject_of(question, casefile).area);
	char key[NOTICE_TEXT];

	notice_write(casefile, notice->slot, sla->rung, key);
	clock_into(event, sla, notice->slot);
	record_set(event, ladder, state_text(question->state, sla->ladder));
	record_set(event, rung, sla->rung);
	record_set(event, notice, keep(question, key));
	record_set(event, reason, keep(question, "muted"));
	record_set(event, mute, mute->number);
	record_set(event, next_at, mute->until);
	return 0;
}

static int tell(struct question *question, struct notice notice, const struct ladder *ladder)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = casefile_sla(casefile, notice.slot);
	const struct mute *mute = mute_over(question, sla->kind);
	const struct rung *rung = ladder ? rung_of(ladder, sla->rung) : NULL;
	int64_t acknowledge_by = rung && rung->acknowledge_ms && !notice.empty ? question->now + rung->acknowledge_ms : 0;
	int64_t next = ladder ? next_look(question, sla, ladder, notice.empty, acknowledge_by) : 0;
	struct record *event;
	char key[NOTICE_TEXT];

	if (mute)
		return withhold(question, &notice, mute);
	event = event_of(question, EVENT_case_escalated, casefile, notice.area);
	notice_write(casefile, notice.slot, sla->rung, key);
	clock_into(event, sla, notice.slot);
	record_set(event, ladder, state_text(question->state, sla->ladder));
	record_set(event, rung, sla->rung);
	record_set(event, audience, notice.audience);
	record_set(event, audience_area, question->policy->areas[notice.area].code);
	record_set(event, notice, keep(question, key));
	record_set(event, text, notice.text);
	record_copy(event, question->command, worker);
	if (acknowledge_by)
		record_set(event, acknowledge_by, acknowledge_by);
	if (next)
		record_set(event, next_at, next);
	if (notice.empty)
		record_set(event, empty, true);
	return 0;
}

int tell_by_default(struct question *question, int slot, const char *why)
{
	const struct policy *policy = question->policy;
	const struct casefile *casefile = question->casefile;
	const struct ladder *ladder = ladder_of(policy, question->state, casefile_sla(casefile, slot));
	const struct rung *rung = ladder ? rung_of(ladder, casefile_sla(casefile, slot)->rung) : NULL;
	int area = subject_of(question, casefile).area;
	struct notice notice = {.slot = slot, .area = rung ? policy_area_at_level(policy, area, rung->level) : area};
	char text[256], audience[160];

	notice.empty = rung && !policy_somebody(policy, notice.area, rung->role, question->now);
	snprintf(audience, sizeof audience, "%.*s@%.*s", rung ? (int)rung->role.len : 10, rung ? rung->role.data : "supervisor",
		(int)policy->levels[policy->areas[notice.area].level].len, policy->levels[policy->areas[notice.area].level].data);
	snprintf(text, sizeof text, "%s clock, rung %d (%s)", clock_text(casefile_sla(casefile, slot)->kind), casefile_sla(casefile, slot)->rung, why);
	notice.audience = keep(question, audience);
	notice.text = keep(question, text);
	return tell(question, notice, ladder);
}

/* The slot that a fence names, -1 when the case is not waiting for this rung (any more). */
static int fenced_slot(const struct question *question)
{
	int slot = (int)(question->command->fence >> 8 & 0xff);
	const struct sla *sla = slot < SLA_ALL ? casefile_sla(question->casefile, slot) : NULL;

	if (!sla || sla->phase != LADDER_WANTING || ladder_fence(question->casefile, slot) != question->command->fence)
		return -1;
	return slot;
}

int decide_escalate_result(struct question *question)
{
	const struct record *command = question->command;
	int slot = fenced_slot(question), area = policy_area(question->policy, command->audience_area);

	if (slot < 0 || casefile_sla(question->casefile, slot)->kind != command->clock)
		return refuse(question, ERROR_stale, FIELD_fence, NULL);
	if (casefile_sla(question->casefile, slot)->rung != command->rung)
		return refuse(question, ERROR_stale, FIELD_rung, "the fence is that of another rung");
	if (area < 0)
		return refuse(question, ERROR_unknown_area, FIELD_audience_area, NULL);
	return tell(question, (struct notice){slot, command->audience, command->text, area, record_get(command, empty, false)},
		ladder_of(question->policy, question->state, casefile_sla(question->casefile, slot)));
}

/* After an answer: the next rung's percentage if it lies ahead, or the end of what the rung holds the answer for. */
static int64_t after_answer(const struct question *question, const struct sla *sla, int64_t hold_ms)
{
	const struct ladder *ladder = ladder_of(question->policy, question->state, sla);
	int64_t next = 0;

	if (ladder && sla->rung < (int)ladder->rung_count)
		next = percent_at(question, sla, ladder->rungs[sla->rung].after_percent);
	if (next <= question->now)
		next = 0;
	if (hold_ms && (!next || question->now + hold_ms < next))
		next = question->now + hold_ms;
	return next;
}

static void acknowledge(struct question *question, int slot, const char *notice)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = casefile_sla(casefile, slot);
	const struct rung *rung = ladder_rung(question->policy, question->state, casefile, slot);
	struct record *event = event_of(question, EVENT_escalation_acknowledged, casefile, subject_of(question, casefile).area);
	int64_t hold_ms = rung ? rung->hold_ms : 0, next = after_answer(question, sla, hold_ms);

	clock_into(event, sla, slot);
	record_set(event, rung, sla->rung);
	record_set(event, notice, keep(question, notice));
	record_copy(event, question->command, reason);
	if (next)
		record_set(event, next_at, next);
	if (hold_ms)
		record_set(event, hold_ms, hold_ms);
}

int decide_acknowledge(struct question *question)
{
	char notice[NOTICE_TEXT];

	for (int slot = 0; slot < SLA_ALL && question->decision->count < DECISION_EVENTS; slot++) {
		const struct sla *sla = casefile_sla(question->casefile, slot);
		if (!sla || sla->phase != LADDER_TOLD)
			continue;
		notice_write(question->casefile, slot, sla->rung, notice);
		if (!record_has(question->command, notice) || span_is(question->command->notice, notice))
			acknowledge(question, slot, notice);
	}
	if (!question->decision->count)
		return refuse(question, ERROR_nothing_to_acknowledge, FIELD_case_id, NULL);
	return 0;
}

/* Unclassified cases get the policy's fallback category; unassigned ones go to the area's duty desk. */
int fall_back(struct question *question, const char *why)
{
	const struct casefile *casefile = question->casefile;
	const struct policy *policy = question->policy;
	struct subject subject = subject_of(question, casefile);
	struct record chosen;
	int desk = policy->areas[subject.area].duty_desk;

	if (casefile->task == TASK_triage) {
		record_clear(&chosen);
		record_set(&chosen, reason, keep(question, why));
		record_set(&chosen, confidence, 0.0);
		triage_into(question, &chosen, subject.category >= 0 ? subject.category : policy->fallback_category, subject.area, subject.urgency);
		return 0;
	}
	if (desk < 0) {
		ask_people(question, TASK_assign, keep(question, why));
		alarm_into(question, casefile, subject, casefile->epoch, LADDER_UNASSIGNED, "nobody is there to do it");
		return 0;
	}
	dispatch_into(question, EVENT_case_dispatched, desk, keep(question, why));
	return 0;
}

int decide_give_up(struct question *question)
{
	const struct record *command = question->command;
	const struct casefile *casefile = question->casefile;

	if (command->task == TASK_escalate) {
		int slot = fenced_slot(question);
		if (slot < 0)
			return refuse(question, ERROR_stale, FIELD_fence, NULL);
		return tell_by_default(question, slot, "the escalation worker failed");
	}
	if (casefile->task != command->task || stage_fence(casefile) != command->fence)
		return refuse(question, ERROR_stale, FIELD_fence, NULL);
	ask_people(question, command->task, command->reason);
	if (command->task == TASK_assign)
		alarm_into(question, casefile, subject_of(question, casefile), casefile->epoch, LADDER_UNASSIGNED, "nobody is there to do it");
	return 0;
}
