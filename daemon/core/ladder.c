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
	const struct sla *sla = &casefile->sla[slot];

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
	const struct sla *sla = &casefile->sla[slot];

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
	const struct ladder *ladder = ladder_of(policy, state, &casefile->sla[slot]);

	return ladder ? rung_of(ladder, casefile->sla[slot].rung) : NULL;
}

/* When a percentage of a clock's counted time is reached, by the policy that set the clock; 0 when nothing can say it. */
static int64_t percent_at(const struct question *question, const struct sla *sla, int percent)
{
	const struct policy *policy = state_policy_of(question->state, sla->policy);
	int limit = policy && sla->limit ? policy_limit(policy, state_text(question->state, sla->limit)) : -1;
	int64_t at;

	if (limit < 0 || limit_at(&policy->limits[limit], &policy->calendars[policy->limits[limit].calendar], sla->start, percent, &at))
		return 0;
	return at;
}

static void due_into(struct question *question, const struct casefile *casefile, int clock, const struct ladder *ladder, int rung, const char *why)
{
	struct record *event = event_of(question, EVENT_escalation_due, casefile, subject_of(question, casefile).area);

	record_set(event, clock, (uint8_t)clock);
	record_set(event, ladder, ladder->name);
	record_set(event, rung, rung);
	record_set(event, reason, keep(question, why));
	record_set(event, next_at, question->now + question->policy->patience_ms[TASK_escalate]);
}

/* casefile is NULL while the case is being opened; the event then follows the opening in the same decision. */
void alarm_into(struct question *question, const struct casefile *casefile, struct subject subject, int64_t epoch)
{
	const struct ladder *ladder = policy_ladder(question->policy, CLOCK_alarm, subject.category, subject.area, subject.urgency, true);
	struct record *event;
	char why[64];

	if (!ladder || !ladder->rung_count || (casefile && casefile->sla[SLOT_ALARM].kind))
		return;
	event = event_of(question, EVENT_escalation_due, casefile, subject.area);
	record_set(event, epoch, epoch);
	record_set(event, clock, CLOCK_alarm);
	record_set(event, ladder, ladder->name);
	record_set(event, rung, 1);
	snprintf(why, sizeof why, "urgency %d", subject.urgency);
	record_set(event, reason, keep(question, why));
	record_set(event, next_at, question->now + question->policy->patience_ms[TASK_escalate]);
}

static int warn(struct question *question, const struct sla *sla)
{
	struct record *event = event_of(question, EVENT_clock_warned, question->casefile, subject_of(question, question->casefile).area);

	record_set(event, clock, sla->kind);
	record_set(event, limit, state_text(question->state, sla->limit));
	record_set(event, due, sla->due);
	record_set(event, threshold, question->policy->warn_percent);
	return 0;
}

static int breach(struct question *question, const struct sla *sla)
{
	const struct casefile *casefile = question->casefile;
	struct subject subject = subject_of(question, casefile);
	const struct ladder *ladder = policy_ladder(question->policy, sla->kind, subject.category, subject.area, subject.urgency, false);
	struct record *event = event_of(question, EVENT_clock_breached, casefile, subject.area);
	int64_t first;

	record_set(event, clock, sla->kind);
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
		due_into(question, casefile, sla->kind, ladder, 1, "the time is over");
	return 0;
}

static void unanswered(struct question *question, int slot)
{
	const struct casefile *casefile = question->casefile;
	struct record *event = event_of(question, EVENT_escalation_unanswered, casefile, subject_of(question, casefile).area);
	char notice[NOTICE_TEXT];

	notice_write(casefile, slot, casefile->sla[slot].rung, notice);
	record_set(event, clock, casefile->sla[slot].kind);
	record_set(event, rung, casefile->sla[slot].rung);
	record_set(event, notice, keep(question, notice));
}

/* A told rung's time has come: unanswered, the next rung's percentage reached, or a repeat. With no rung left it ends here. */
static int climb(struct question *question, int slot)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = &casefile->sla[slot];
	const struct ladder *ladder = ladder_of(question->policy, question->state, sla);
	const struct rung *rung = ladder && sla->rung ? rung_of(ladder, sla->rung) : NULL;
	bool asked = sla->phase == LADDER_TOLD && rung && rung->acknowledge_ms > 0;
	bool further = ladder && sla->rung < RUNGS_MOST && (sla->rung < (int)ladder->rung_count || (rung && rung->repeat_ms > 0));

	if (asked || !further)
		unanswered(question, slot);
	if (further)
		due_into(question, casefile, sla->kind, ladder, sla->rung + 1, !sla->rung ? "the time is over" : asked ? "nobody answered" : "still not done");
	return 0;
}

int decide_tick(struct question *question)
{
	const struct sla *sla;
	int64_t at;
	int slot;

	if (state_next_timer(question->state, &at, &question->casefile, &slot) || at > question->now)
		return 0;
	if (slot == TIMER_WORK)
		return fall_back(question, "no worker answered in time");
	sla = &question->casefile->sla[slot];
	if (sla->limit && !sla->warned && sla->warn <= question->now && (sla->next == 0 || sla->next > question->now))
		return warn(question, sla);
	if (sla->limit && sla->warned && !sla->breached && sla->due <= question->now)
		return breach(question, sla);
	if (sla->phase == LADDER_WANTING)
		return tell_by_default(question, slot, "no worker answered in time");
	return climb(question, slot);
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

static int tell(struct question *question, struct notice notice, const struct ladder *ladder)
{
	const struct casefile *casefile = question->casefile;
	const struct sla *sla = &casefile->sla[notice.slot];
	struct record *event = event_of(question, EVENT_case_escalated, casefile, notice.area);
	const struct rung *rung = ladder ? rung_of(ladder, sla->rung) : NULL;
	int64_t acknowledge_by = rung && rung->acknowledge_ms && !notice.empty ? question->now + rung->acknowledge_ms : 0;
	int64_t next = ladder ? next_look(question, sla, ladder, notice.empty, acknowledge_by) : 0;
	char key[NOTICE_TEXT];

	notice_write(casefile, notice.slot, sla->rung, key);
	record_set(event, clock, sla->kind);
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
	const struct ladder *ladder = ladder_of(policy, question->state, &casefile->sla[slot]);
	const struct rung *rung = ladder ? rung_of(ladder, casefile->sla[slot].rung) : NULL;
	int area = subject_of(question, casefile).area;
	struct notice notice = {.slot = slot, .area = rung ? policy_area_at_level(policy, area, rung->level) : area};
	char text[256], audience[160];

	notice.empty = rung && !policy_somebody(policy, notice.area, rung->role, question->now);
	snprintf(audience, sizeof audience, "%.*s@%.*s", rung ? (int)rung->role.len : 10, rung ? rung->role.data : "supervisor",
		(int)policy->levels[policy->areas[notice.area].level].len, policy->levels[policy->areas[notice.area].level].data);
	snprintf(text, sizeof text, "%s clock, rung %d (%s)", clock_text(casefile->sla[slot].kind), casefile->sla[slot].rung, why);
	notice.audience = keep(question, audience);
	notice.text = keep(question, text);
	return tell(question, notice, ladder);
}

int decide_escalate_result(struct question *question)
{
	const struct record *command = question->command;
	int slot = sla_slot(command->clock);
	const struct sla *sla = &question->casefile->sla[slot];
	int area = policy_area(question->policy, command->audience_area);

	if (sla->phase != LADDER_WANTING || sla->kind != command->clock || ladder_fence(question->casefile, slot) != command->fence)
		return refuse(question, ERROR_stale, FIELD_fence, NULL);
	if (area < 0)
		return refuse(question, ERROR_unknown_area, FIELD_audience_area, NULL);
	return tell(question, (struct notice){slot, command->audience, command->text, area, record_get(command, empty, false)},
		ladder_of(question->policy, question->state, sla));
}

static int64_t after_answer(const struct question *question, const struct sla *sla)
{
	const struct ladder *ladder = ladder_of(question->policy, question->state, sla);
	int64_t next = 0;

	if (ladder && sla->rung < (int)ladder->rung_count)
		next = percent_at(question, sla, ladder->rungs[sla->rung].after_percent);
	return next > question->now ? next : 0;
}

int decide_acknowledge(struct question *question)
{
	const struct casefile *casefile = question->casefile;
	char notice[NOTICE_TEXT];

	for (int slot = 0; slot < SLA_SLOTS; slot++) {
		const struct sla *sla = &casefile->sla[slot];
		if (sla->phase != LADDER_TOLD)
			continue;
		notice_write(casefile, slot, sla->rung, notice);
		if (record_has(question->command, notice) && !span_is(question->command->notice, notice))
			continue;
		struct record *event = event_of(question, EVENT_escalation_acknowledged, casefile, subject_of(question, casefile).area);
		int64_t next = after_answer(question, sla);
		record_set(event, clock, sla->kind);
		record_set(event, rung, sla->rung);
		record_set(event, notice, keep(question, notice));
		record_copy(event, question->command, reason);
		if (next)
			record_set(event, next_at, next);
	}
	if (!question->decision->count)
		return refuse(question, ERROR_nothing_to_acknowledge, FIELD_case_id, NULL);
	return 0;
}

static int ask_people(struct question *question, int task, struct span why)
{
	struct record *event = event_of(question, EVENT_attention_needed, question->casefile, subject_of(question, question->casefile).area);

	record_set(event, task, (uint8_t)task);
	record_set(event, reason, why);
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
	if (desk < 0)
		return ask_people(question, TASK_assign, keep(question, why));
	dispatch_into(question, policy->units[desk].code, keep(question, why));
	return 0;
}

int decide_give_up(struct question *question)
{
	const struct record *command = question->command;
	int slot = sla_slot(record_get(command, clock, CLOCK_promise));

	if (command->task == TASK_escalate) {
		if (question->casefile->sla[slot].phase != LADDER_WANTING || ladder_fence(question->casefile, slot) != command->fence)
			return refuse(question, ERROR_stale, FIELD_fence, NULL);
		return tell_by_default(question, slot, "the escalation worker failed");
	}
	if (question->casefile->task != command->task || stage_fence(question->casefile) != command->fence)
		return refuse(question, ERROR_stale, FIELD_fence, NULL);
	return ask_people(question, command->task, command->reason);
}
