/* The assignment decision.
 *
 * Owns nothing; never counts cases itself: the daemon says how many each unit has open, the policy says how many it can carry and
 * when it works. The order of `loads` is the catalogue's (most specific row first) and is obeyed before anything else.
 * Invariants: the unit in the answer exists in the policy; nobody offered means the duty desk, never silence; a unit code that the
 * policy does not know is passed over and said so. */
#include "workers/assign.h"

#include <inttypes.h>

#include "schema/codec.h"
#include "workers/wording.h"

struct offer {
	int unit;
	int64_t open;
	size_t place; /* in the catalogue's order, from 1 */
	bool room;
	bool hours; /* works now */
};

/* The best offer of each sort so far. */
struct offers {
	size_t count;
	size_t unknown;
	struct offer first, at_work, with_room, least_loaded; /* unit -1: none */
};

static bool offer_less_loaded(const struct policy *policy, const struct offer *a, const struct offer *b)
{
	int64_t capacity_a = policy->units[a->unit].capacity, capacity_b = policy->units[b->unit].capacity;

	/* Both are full, so both have a capacity; compared as fractions, ties keep the catalogue's order. */
	return (double)a->open * (double)capacity_b < (double)b->open * (double)capacity_a;
}

static void offers_add(struct offers *offers, const struct policy *policy, struct offer offer)
{
	if (offers->first.unit < 0)
		offers->first = offer;
	if (offer.room && offer.hours && offers->at_work.unit < 0)
		offers->at_work = offer;
	if (offer.room && offers->with_room.unit < 0)
		offers->with_room = offer;
	if (!offer.room && (offers->least_loaded.unit < 0 || offer_less_loaded(policy, &offer, &offers->least_loaded)))
		offers->least_loaded = offer;
}

static struct offers offers_read(const struct policy *policy, const struct record *task)
{
	struct offers offers = {.first.unit = -1, .at_work.unit = -1, .with_room.unit = -1, .least_loaded.unit = -1};
	int64_t now = record_get(task, now, 0);
	struct span rest, map;
	struct record row;
	struct flaw flaw;

	if (!record_has(task, loads))
		return offers;
	list_open(task->loads, &rest);
	while (frame_next(&rest, &map)) {
		if (codec_read_lenient(map, &row, &flaw) || !record_has(&row, unit))
			continue;
		struct offer offer = {.unit = policy_unit(policy, row.unit), .open = record_get(&row, open, 0)};
		if (offer.unit < 0) {
			offers.unknown++;
			continue;
		}
		const struct unit *unit = &policy->units[offer.unit];
		offer.place = ++offers.count;
		offer.room = unit->capacity <= 0 || offer.open < unit->capacity;
		offer.hours = unit->calendar < 0 || calendar_counts(&policy->calendars[unit->calendar], now);
		offers_add(&offers, policy, offer);
	}
	return offers;
}

/* NAME (CODE) is the second of 3 units that the catalogue names for CATEGORY in AREA */
static void say_place(struct buf *scratch, const struct policy *policy, const struct record *task, const struct offers *offers, const struct offer *offer)
{
	int category = record_has(task, category) ? policy_category(policy, task->category) : -1;
	int area = decision_area(policy, task, NULL);

	wording_unit(scratch, policy, offer->unit);
	if (offers->count == 1) {
		buf_add_text(scratch, " is the unit");
	} else {
		buf_add_text(scratch, " is the ");
		wording_ordinal(scratch, offer->place);
		buf_printf(scratch, " of %zu units", offers->count);
	}
	buf_add_text(scratch, " that the catalogue names for ");
	if (category >= 0)
		wording_category(scratch, policy, category);
	else
		buf_add_text(scratch, "this category");
	if (area >= 0) {
		buf_add_text(scratch, " in ");
		wording_area(scratch, policy, area);
	}
}

static void say_load(struct buf *scratch, const struct policy *policy, const struct offer *offer)
{
	int64_t capacity = policy->units[offer->unit].capacity;

	if (capacity > 0)
		buf_printf(scratch, "carries %" PRId64 " of %" PRId64 " cases", offer->open, capacity);
	else
		buf_printf(scratch, "carries %" PRId64 " cases, without a limit", offer->open);
}

/* Why those before it in the catalogue's order did not get it; nothing when it is the first. */
static void say_passed_over(struct buf *scratch, const struct policy *policy, const struct offers *offers, const struct offer *offer)
{
	if (offer->place == 1)
		return;
	buf_add_text(scratch, "; ");
	wording_unit(scratch, policy, offers->first.unit);
	buf_add_text(scratch, offers->first.room ? " is closed now" : " is full");
	if (!offers->first.room) {
		buf_add_text(scratch, " (");
		say_load(scratch, policy, &offers->first);
		buf_add_text(scratch, ")");
	}
}

static void say_opening(struct buf *scratch, const struct policy *policy, const struct offer *offer, int64_t now)
{
	const struct unit *unit = &policy->units[offer->unit];
	int64_t opening;

	if (unit->calendar < 0 || calendar_open(&policy->calendars[unit->calendar], now, &opening)) {
		buf_add_text(scratch, "; the policy's calendar does not say when it opens again");
		return;
	}
	buf_add_text(scratch, "; it opens in ");
	wording_duration(scratch, opening - now);
	buf_add_text(scratch, " (");
	wording_time(scratch, policy, opening);
	buf_add_text(scratch, ")");
}

/* The unit among those offered, with the reason. */
static int choose(const struct policy *policy, const struct record *task, const struct offers *offers, struct buf *scratch, double *ret_confidence)
{
	const struct offer *offer = &offers->at_work;
	int64_t now = record_get(task, now, 0);

	if (offer->unit < 0)
		offer = offers->with_room.unit >= 0 ? &offers->with_room : &offers->least_loaded;
	say_place(scratch, policy, task, offers, offer);
	if (offer == &offers->least_loaded) {
		buf_add_text(scratch, offers->count == 1 ? "; it is full and " : "; all are full, and it has the least to do for its size: it ");
		say_load(scratch, policy, offer);
		*ret_confidence = 0.5;
		return offer->unit;
	}
	buf_add_text(scratch, offer->hours ? "; it is open now and " : offers->count == 1 ? "; it is closed now and " : "; none with room is open now, and it ");
	say_load(scratch, policy, offer);
	if (!offer->hours)
		say_opening(scratch, policy, offer, now);
	say_passed_over(scratch, policy, offers, offer);
	*ret_confidence = !offer->hours ? 0.7 : offer->place == 1 ? 1 : 0.9;
	return offer->unit;
}

/* The duty desk of the area or the nearest one above it. */
static int duty_desk(const struct policy *policy, int area, struct buf *scratch)
{
	for (int at = area; at >= 0; at = policy->areas[at].parent) {
		if (policy->areas[at].duty_desk < 0)
			continue;
		buf_add_text(scratch, "the catalogue names no unit for it in ");
		wording_area(scratch, policy, area);
		buf_add_text(scratch, "; ");
		wording_unit(scratch, policy, policy->areas[at].duty_desk);
		buf_add_text(scratch, " is the duty desk there");
		return policy->areas[at].duty_desk;
	}
	return -1;
}

int assign_decide(const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	struct offers offers = offers_read(policy, task);
	int area = decision_area(policy, task, NULL);
	size_t at = scratch->len;
	double confidence = 0.4;
	int unit = offers.count ? choose(policy, task, &offers, scratch, &confidence) : duty_desk(policy, area, scratch);

	if (unit < 0) {
		buf_add_text(scratch, "the catalogue names no unit for it in ");
		if (area >= 0)
			wording_area(scratch, policy, area);
		else
			buf_add_text(scratch, "any area");
		buf_add_text(scratch, ", and no area above has a duty_desk");
	}
	if (offers.unknown)
		buf_printf(scratch, "; %zu units offered are not in this version of the policy", offers.unknown);
	if (unit < 0)
		return decision_fail(task, TASK_assign, scratch, at, ret_result);
	decision_begin(task, COMMAND_assign_result, ret_result);
	record_set(ret_result, unit, policy->units[unit].code);
	record_set(ret_result, reason, decision_reason(scratch, at, scratch->len));
	record_set(ret_result, confidence, confidence);
	return DECISION_MADE;
}
