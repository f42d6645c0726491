/* A rehearsal. Owns a state, the work that waits in it, and the two ways between recorded and own case numbers.
 *
 * Time is driven, as with a driven clock in the engine: before each command every deadline up to its moment passes, the
 * earliest first, and after each step all work that it made is done at once by the workers' own decision functions: triage before
 * assignment before escalation, oldest first. Nothing is written anywhere; nothing is read but the history.
 * Invariants: the same history and policies give the same events; a case's own number is 0 exactly when its report was not taken. */
#include "rehearse/play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/decide.h"
#include "engine/task_build.h"
#include "rehearse/fact.h"
#include "workers/assign.h"
#include "workers/escalate.h"
#include "workers/triage.h"

#define FOR_EVER (INT64_MAX / 4)

struct work_entry {
	int64_t number;
	struct task_wanted_work work;
};

struct work_queue {
	struct work_entry *entries;
	size_t head, count, room;
};

/* The report of a case: where it stands in the history, and what the core made of it. */
struct report_note {
	size_t index;
	uint8_t kind, urgency; /* 0: left open */
};

struct stage {
	struct play *play;
	struct state *state;
	struct words *words; /* of the newest policy */
	int64_t now;
	int64_t current;     /* recorded number of the case whose report is being taken */
	int64_t *own;        /* by recorded number */
	int64_t *recorded;   /* by own number */
	struct report_note *reports; /* by own number */
	struct work_queue queues[TASK_LIMIT];
	struct decision decision;
	struct buf scratch, lists;
	struct record *event, *before;                    /* of the history: the one that is played, and the one in front of it */
	struct record wanted;                             /* what somebody wanted by that event */
	struct record command, task, result, report;
	size_t adoptions;
};

/* --- work --- */

static void queue_push(struct stage *stage, int64_t number, struct task_wanted_work work)
{
	struct work_queue *queue = &stage->queues[work.task];

	if (queue->head && queue->head == queue->count)
		queue->head = queue->count = 0;
	if (queue->count == queue->room) {
		queue->room = queue->room ? queue->room * 2 : 256;
		queue->entries = must_realloc(queue->entries, queue->room * sizeof *queue->entries);
	}
	queue->entries[queue->count++] = (struct work_entry){number, work};
}

static void work_note(struct stage *stage, const struct casefile *casefile, const struct record *event, uint32_t epoch)
{
	if (casefile->task && casefile->epoch != epoch)
		queue_push(stage, casefile->number, (struct task_wanted_work){.task = casefile->task, .fence = stage_fence(casefile)});
	if (event->event == EVENT_escalation_due) {
		int slot = (int)record_get(event, slot, sla_slot(event->clock));
		queue_push(stage, casefile->number,
			(struct task_wanted_work){.task = TASK_escalate, .slot = (uint8_t)slot, .fence = ladder_fence(casefile, slot)});
	}
}

static void apply(struct stage *stage, const struct record *event)
{
	int64_t own = record_get(event, case_id, 0), seq = state_last_seq(stage->state) + 1;
	const struct casefile *casefile = own ? state_case(stage->state, own) : NULL;
	uint32_t epoch = casefile ? casefile->epoch : 0;

	if (event->event == EVENT_case_opened) {
		stage->recorded[own] = stage->current;
		stage->own[stage->current] = own;
		stage->reports[own].kind = record_get(event, kind, 0);
		stage->reports[own].urgency = (uint8_t)record_get(event, urgency, 0);
	}
	casefile = state_apply(stage->state, seq, event);
	tally_event(&stage->play->tally, stage->state, event, own ? stage->recorded[own] : 0, casefile);
	if (casefile)
		work_note(stage, casefile, event, epoch);
}

/* 0, or the refusal. */
static int run_command(struct stage *stage, const struct record *command)
{
	int refused = decide(stage->state, stage->now, command, &stage->decision);

	for (size_t i = 0; !refused && i < stage->decision.count; i++)
		apply(stage, &stage->decision.events[i]);
	return refused;
}

static const struct record *report_of(struct stage *stage, int64_t number)
{
	const struct report_note *note = &stage->reports[number];

	if (!history_record(stage->play->history, note->index, &stage->report))
		return NULL;
	record_drop(&stage->report, FIELD_kind);
	record_drop(&stage->report, FIELD_urgency);
	if (note->kind)
		record_set(&stage->report, kind, note->kind);
	if (note->urgency)
		record_set(&stage->report, urgency, note->urgency);
	return &stage->report;
}

static int ask_worker(struct stage *stage, uint8_t task)
{
	const struct policy *policy = state_policy(stage->state);

	buf_clear(&stage->scratch);
	if (task == TASK_triage)
		return triage_decide_learned(stage->play->model, stage->words, policy, &stage->task, &stage->scratch, &stage->result);
	if (task == TASK_assign)
		return assign_decide(policy, &stage->task, &stage->scratch, &stage->result);
	return escalate_decide(policy, &stage->task, &stage->scratch, &stage->result);
}

/* A worker that cannot decide would be asked again, with the same answer: people should. */
static void give_up(struct stage *stage, const struct work_entry *entry, struct span reason)
{
	struct record *command = &stage->command;

	record_clear(command);
	record_set(command, command, COMMAND_give_up);
	record_set(command, case_id, entry->number);
	record_set(command, task, entry->work.task);
	record_set(command, fence, entry->work.fence);
	record_set(command, reason, reason);
	if (entry->work.task == TASK_escalate)
		record_copy(command, &stage->task, clock);
	run_command(stage, command);
}

static void do_work(struct stage *stage, struct work_entry entry)
{
	const struct casefile *casefile = state_case(stage->state, entry.number);

	if (!task_still_wanted(casefile, &entry.work))
		return;
	task_build(stage->state, stage->now, casefile, &entry.work, report_of(stage, entry.number), &stage->lists, &stage->task);
	if (ask_worker(stage, entry.work.task) == DECISION_FAILED) {
		give_up(stage, &entry, record_get(&stage->result, reason, span_of("the worker could not decide")));
		return;
	}
	if (run_command(stage, &stage->result))
		give_up(stage, &entry, span_of("the worker's decisions were refused"));
}

/* One piece of work, the first kind first. False: nothing waits. */
static bool work_once(struct stage *stage)
{
	for (int task = TASK_triage; task < TASK_LIMIT; task++) {
		struct work_queue *queue = &stage->queues[task];
		if (queue->head == queue->count)
			continue;
		do_work(stage, queue->entries[queue->head++]);
		return true;
	}
	return false;
}

/* --- time --- */

static bool deadline(const struct stage *stage, int64_t *ret_at)
{
	const struct casefile *casefile;
	int slot;

	return state_next_timer(stage->state, ret_at, &casefile, &slot) == 0;
}

static void tick(struct stage *stage)
{
	record_clear(&stage->command);
	record_set(&stage->command, command, COMMAND_tick);
	run_command(stage, &stage->command);
	if (!stage->decision.count && !stage->play->fault[0])
		snprintf(stage->play->fault, sizeof stage->play->fault, "a deadline passed and nothing came of it; this is a bug, please report it");
}

/* Everything that is due now, and all the work that comes of it. */
static void settle(struct stage *stage)
{
	int64_t at;

	do {
		while (!stage->play->fault[0] && deadline(stage, &at) && at <= stage->now)
			tick(stage);
	} while (!stage->play->fault[0] && work_once(stage));
}

static void advance(struct stage *stage, int64_t to)
{
	int64_t at;

	while (!stage->play->fault[0] && deadline(stage, &at) && at <= to) {
		if (at > stage->now)
			stage->now = at;
		tick(stage);
		settle(stage);
	}
	if (to > stage->now)
		stage->now = to;
}

/* --- the past --- */

/* The open cases' stages by the policy that has just been adopted, where its adoption asked for that. */
static void restage(struct stage *stage)
{
	size_t count;
	int64_t *numbers = state_open_numbers(stage->state, &count);

	for (size_t i = 0; i < count; i++) {
		record_clear(&stage->command);
		record_set(&stage->command, command, COMMAND_restage);
		record_set(&stage->command, case_id, numbers[i]);
		run_command(stage, &stage->command);
	}
	free(numbers);
}

static void adopt(struct stage *stage)
{
	struct play *play = stage->play;
	size_t place = stage->adoptions++;
	struct record *event = stage->event;

	if (place >= play->policy_count) {
		play->skipped++;
		return;
	}
	play->policies[place]->version = (int64_t)place + 1;
	words_free(stage->words);
	stage->words = triage_words(play->policies[place]);
	state_take_policy(stage->state, play->policies[place]);
	play->policies[place] = NULL;
	record_set(event, policy, (int64_t)place + 1);
	apply(stage, event);
	if (record_get(event, restage, false))
		restage(stage);
}

/* A category or area that the rehearsed policy does not have is left to the triage, or to the default: the resident would have called all the same. */
static int submit(struct stage *stage, int64_t number, size_t index)
{
	struct record *wanted = &stage->wanted;
	int refused;

	stage->current = number;
	stage->reports[state_next_number(stage->state)].index = index;
	while ((refused = run_command(stage, wanted)) != 0) {
		enum field field = refused == ERROR_unknown_category ? FIELD_category : refused == ERROR_unknown_area ? FIELD_area : FIELD_COUNT;
		if (field == FIELD_COUNT || !record_holds(wanted, field))
			return refused;
		record_drop(wanted, field);
		undone_add(&stage->play->undone, (struct undone_row){.why = UNDONE_CHANGED, .command = COMMAND_submit, .error = (uint8_t)refused, .example = number});
	}
	return 0;
}

/* People answered for a clock; in the rehearsal they answer what that clock has out, whatever its key is now. */
static void aim_acknowledgement(struct stage *stage, const struct casefile *casefile, char notice[NOTICE_TEXT])
{
	for (int slot = 0; slot < SLA_ALL; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);
		if (!sla || sla->phase != LADDER_TOLD || sla->kind != stage->event->clock)
			continue;
		notice_write(casefile, slot, sla->rung, notice);
		record_set(&stage->wanted, notice, span_of(notice));
		return;
	}
}

static int repeat(struct stage *stage, size_t index)
{
	struct record *wanted = &stage->wanted;
	int64_t number = record_get(stage->event, case_id, 0);
	char notice[NOTICE_TEXT];

	if (wanted->command == COMMAND_submit)
		return submit(stage, number, index);
	if (record_has(wanted, case_id))
		wanted->case_id = stage->own[number];
	if (record_has(wanted, into) && stage->event->into <= stage->play->history->cases)
		wanted->into = stage->own[stage->event->into];
	if (wanted->command == COMMAND_acknowledge)
		aim_acknowledgement(stage, state_case(stage->state, wanted->case_id), notice);
	int refused = run_command(stage, wanted);
	/* Where nobody is called back, a check ends the case, and its event looks like that of `close`. */
	if (refused == ERROR_check_first && wanted->command == COMMAND_close) {
		wanted->command = COMMAND_check;
		refused = run_command(stage, wanted);
	}
	return refused;
}

static void play_command(struct stage *stage, size_t index)
{
	struct play *play = stage->play;
	int64_t number = record_get(stage->event, case_id, 0);
	struct undone_row row = {.why = UNDONE_REFUSED, .command = stage->wanted.command, .example = number};

	advance(stage, stage->event->at);
	if (number && row.command != COMMAND_submit && !stage->own[number]) {
		row.why = UNDONE_NO_CASE;
		undone_add(&play->undone, row);
		return;
	}
	row.error = (uint8_t)repeat(stage, index);
	if (row.error)
		undone_add(&play->undone, row);
	else
		play->repeated++;
	settle(stage);
}

static void play_event(struct stage *stage, size_t index)
{
	const struct policy *policy = stage->adoptions ? stage->play->recorded[stage->adoptions - 1] : NULL;

	switch (fact_of(stage->event, (int64_t)index + 1, index ? stage->before : NULL, policy, &stage->wanted)) {
	case FACT_POLICY:
		advance(stage, stage->event->at);
		adopt(stage);
		settle(stage);
		break;
	case FACT_COMMAND:
		play_command(stage, index);
		break;
	case FACT_STRANGE:
		undone_add(&stage->play->undone, (struct undone_row){.why = UNDONE_UNKNOWN, .event = stage->event->event,
			.example = record_get(stage->event, case_id, 0)});
		break;
	default:
		break;
	}
}

/* The next record of the history; the one before it stays readable. */
static bool next_record(struct stage *stage, size_t index)
{
	struct record *other = stage->before;

	stage->before = stage->event;
	stage->event = other;
	if (history_record(stage->play->history, index, stage->event))
		return true;
	snprintf(stage->play->fault, sizeof stage->play->fault, "journal record %zu cannot be read", index + 1);
	return false;
}

static void stage_open(struct stage *stage, struct play *play)
{
	size_t cases = (size_t)play->history->cases + 1;

	stage->play = play;
	stage->state = state_new();
	state_set_limits(stage->state, (struct state_limits){.future_ms = FOR_EVER, .past_ms = FOR_EVER, .open_cases = INT64_MAX});
	stage->own = must_calloc(cases, sizeof *stage->own);
	stage->recorded = must_calloc(cases, sizeof *stage->recorded);
	stage->reports = must_calloc(cases + 1, sizeof *stage->reports);
	stage->event = must_calloc(1, sizeof *stage->event);
	stage->before = must_calloc(1, sizeof *stage->before);
	tally_begin(&play->tally, play->history->cases);
}

static void stage_close(struct stage *stage)
{
	for (int task = 0; task < TASK_LIMIT; task++)
		free(stage->queues[task].entries);
	words_free(stage->words);
	state_free(stage->state);
	buf_free(&stage->scratch);
	buf_free(&stage->lists);
	free(stage->own);
	free(stage->recorded);
	free(stage->reports);
	free(stage->event);
	free(stage->before);
	free(stage);
}

void play_run(struct play *play)
{
	struct stage *stage = must_calloc(1, sizeof *stage);

	stage_open(stage, play);
	for (size_t i = 0; i < play->history->count && !play->fault[0] && next_record(stage, i); i++) {
		play_event(stage, i);
		play->done = i + 1;
	}
	if (!play->fault[0])
		advance(stage, play->history->last_at);
	play->tally.end = play->history->last_at;
	stage_close(stage);
}

void play_fold(struct play *play)
{
	struct stage *stage = must_calloc(1, sizeof *stage);

	stage_open(stage, play);
	for (size_t i = 0; i < play->history->count && next_record(stage, i); i++) {
		const struct casefile *casefile = state_apply(stage->state, (int64_t)i + 1, stage->event);
		tally_event(&play->tally, stage->state, stage->event, record_get(stage->event, case_id, 0), casefile);
		play->done = i + 1;
	}
	play->tally.end = play->history->last_at;
	stage_close(stage);
}

void play_free(struct play *play)
{
	for (size_t i = 0; i < play->policy_count; i++)
		policy_free(play->policies[i]);
	free(play->policies);
	tally_free(&play->tally);
}
