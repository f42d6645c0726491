/* Counting along with a stream of events. Owns the rows; the state tells what each event did, so that new kinds of events need
 * nothing here. Invariants: a visit is noted when its state is left; every +1 of a unit's load is followed by at most one -1
 * of the same case; the rows stand in the order of time. */
#include "rehearse/tally.h"

#include <assert.h>
#include <stdlib.h>

#define ROW_ADD(rows, count, room, row) \
	do { \
		if ((count) == (room)) { \
			(room) = (room) ? (room) * 2 : 4096; \
			(rows) = must_realloc((rows), (room) * sizeof *(rows)); \
		} \
		(rows)[(count)++] = (row); \
	} while (0)

void tally_begin(struct tally *tally, int64_t cases)
{
	*tally = (struct tally){.case_room = cases + 1};
	tally->cases = must_calloc((size_t)cases + 1, sizeof *tally->cases);
}

static void load_add(struct tally *tally, int64_t at, uint32_t unit, int by)
{
	ROW_ADD(tally->loads, tally->load_count, tally->load_room, ((struct load_tally){at, unit, (int8_t)by}));
}

static void state_note(struct tally *tally, struct case_tally *row, int64_t at, const struct casefile *casefile)
{
	if (row->state == casefile->state)
		return;
	if (row->state)
		ROW_ADD(tally->visits, tally->visit_count, tally->visit_room, ((struct visit_tally){at - row->since, row->area, row->state}));
	row->state = casefile->state;
	row->since = at;
}

/* A unit holds a case from its dispatch to its closing. */
static void unit_note(struct tally *tally, struct case_tally *row, const struct state *state, int64_t at, const struct casefile *casefile)
{
	uint32_t unit = names_add(&tally->names, state_text(state, casefile->unit));
	uint32_t holder = casefile->state >= STATE_dispatched && casefile->state < STATE_closed ? unit : 0;

	if (unit && unit != row->unit) {
		row->changes += row->unit != 0;
		row->unit = unit;
	}
	if (holder == row->holder)
		return;
	if (row->holder)
		load_add(tally, at, row->holder, -1);
	if (holder)
		load_add(tally, at, holder, 1);
	row->holder = holder;
}

static void case_note(struct tally *tally, struct case_tally *row, const struct state *state, const struct record *event, const struct casefile *casefile)
{
	const struct sla *promise = &casefile->sla[SLOT_PROMISE];

	if (!row->known) {
		row->opened_at = event->at;
		row->reported_at = casefile->reported_at;
	}
	row->known = true;
	row->area = names_add(&tally->names, state_text(state, casefile->area));
	row->category = names_add(&tally->names, state_text(state, casefile->category));
	row->limit = names_add(&tally->names, state_text(state, promise->limit));
	row->due = promise->limit ? promise->due : 0;
	row->urgency = casefile->urgency;
	row->outcome = casefile->outcome;
	row->late = casefile->late;
	row->closed_at = casefile->closed_at;
	state_note(tally, row, event->at, casefile);
	unit_note(tally, row, state, event->at, casefile);
}

static void notice_note(struct tally *tally, int64_t number, const struct record *event)
{
	struct notice_tally notice = {
		.at = event->at,
		.number = number,
		.ladder = names_add(&tally->names, event->ladder),
		.audience = names_add(&tally->names, event->audience),
		.area = names_add(&tally->names, event->audience_area),
		.rung = (uint8_t)event->rung,
		.clock = event->clock,
		.empty = record_get(event, empty, false),
	};

	ROW_ADD(tally->notices, tally->notice_count, tally->notice_room, notice);
	if (tally->cases[number].notices < UINT16_MAX)
		tally->cases[number].notices++;
}

static void kind_note(struct tally *tally, struct case_tally *row, int64_t number, const struct record *event)
{
	switch (event->event) {
	case EVENT_clock_warned:
		tally->warned[event->clock]++;
		row->warned |= (uint16_t)(1u << event->clock);
		break;
	case EVENT_clock_breached:
		tally->breached[event->clock]++;
		row->breached |= (uint16_t)(1u << event->clock);
		break;
	case EVENT_case_escalated:
		notice_note(tally, number, event);
		break;
	case EVENT_escalation_unanswered:
		tally->unanswered++;
		break;
	case EVENT_escalation_acknowledged:
		tally->acknowledged++;
		break;
	case EVENT_notice_withheld:
		tally->withheld++;
		break;
	case EVENT_attention_needed:
		tally->attention++;
		row->attention = true;
		break;
	default:
		break;
	}
}

void tally_event(struct tally *tally, const struct state *state, const struct record *event, int64_t number, const struct casefile *casefile)
{
	tally->events++;
	if (record_has(event, at) && event->at > tally->end)
		tally->end = event->at;
	if (!casefile || number <= 0)
		return;
	assert(number < tally->case_room);
	case_note(tally, &tally->cases[number], state, event, casefile);
	kind_note(tally, &tally->cases[number], number, event);
}

void tally_settle(struct tally *tally, struct names *common)
{
	uint32_t *map = names_take_all(common, &tally->names);

	for (int64_t i = 0; i < tally->case_room; i++) {
		struct case_tally *row = &tally->cases[i];
		row->limit = map[row->limit];
		row->unit = map[row->unit];
		row->holder = map[row->holder];
		row->area = map[row->area];
		row->category = map[row->category];
	}
	for (size_t i = 0; i < tally->notice_count; i++) {
		struct notice_tally *row = &tally->notices[i];
		row->ladder = map[row->ladder];
		row->audience = map[row->audience];
		row->area = map[row->area];
	}
	for (size_t i = 0; i < tally->visit_count; i++)
		tally->visits[i].area = map[tally->visits[i].area];
	for (size_t i = 0; i < tally->load_count; i++)
		tally->loads[i].unit = map[tally->loads[i].unit];
	free(map);
	names_free(&tally->names);
}

void tally_free(struct tally *tally)
{
	names_free(&tally->names);
	free(tally->cases);
	free(tally->notices);
	free(tally->visits);
	free(tally->loads);
	*tally = (struct tally){0};
}
