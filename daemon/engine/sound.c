/* Whether a journal record can be applied at all. decide never makes one that cannot, and the chain proves that nobody changed one
 * since; but what was written by a newer release, by another program, or by a fault must end a start with the record's number and
 * the reason, not with an assertion in core. Only what apply relies on is checked here: it looks at state and event, changes nothing. */
#include "engine/sound.h"

#include <stdio.h>

struct needs {
	uint64_t fields[FIELD_WORDS];
};

/* HAS(...) of events.def. False: no such event. */
static bool needs_of(int kind, struct needs *ret_needs)
{
	*ret_needs = (struct needs){{0}};
	switch (kind) {
#define HAS(member) ret_needs->fields[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define MAY(member)
#define EVENT(number, name, fields, meaning) case number: fields return true;
#include "schema/events.def"
#undef HAS
#undef MAY
	default:
		return false;
	}
}

static bool lacks_field(const struct record *event, char *why, size_t size)
{
	struct needs needs;

	if (!record_has(event, event) || !needs_of(event->event, &needs)) {
		snprintf(why, size, "it holds no event that this version knows; a newer version may have written it");
		return true;
	}
	for (int word = 0; word < FIELD_WORDS; word++) {
		uint64_t missing = needs.fields[word] & ~event->present[word];
		if (missing) {
			snprintf(why, size, "%s lacks %s", event_name(event->event), field_name((enum field)(word * 64 + __builtin_ctzll(missing))));
			return true;
		}
	}
	return false;
}

/* A clock's name is there only together with its times; an empty name takes the promise away. */
static bool lacks_times(const struct record *event, char *why, size_t size)
{
	static const enum field pairs[][2] = {
		{FIELD_stage_limit, FIELD_stage}, {FIELD_stage_limit, FIELD_stage_start}, {FIELD_stage_limit, FIELD_stage_due}, {FIELD_stage_limit, FIELD_stage_warn},
		{FIELD_sign_limit, FIELD_sign_start}, {FIELD_sign_limit, FIELD_sign_due}, {FIELD_sign_limit, FIELD_sign_warn},
		{FIELD_stage_due, FIELD_stage_warn}, {FIELD_sign_due, FIELD_sign_warn},
	};
	bool promises = event->event == EVENT_case_opened || event->event == EVENT_case_triaged;
	bool moves = event->event == EVENT_clock_extended || event->event == EVENT_case_resumed;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (record_holds(event, pairs[i][0]) && !record_holds(event, pairs[i][1])) {
			snprintf(why, size, "%s has %s without %s", event_name(event->event), field_name(pairs[i][0]), field_name(pairs[i][1]));
			return true;
		}
	bool whole = record_has(event, due) && record_has(event, warn);
	if ((promises && record_has(event, limit) && event->limit.len && !(whole && record_has(event, start))) ||
		(moves && record_has(event, due) && !whole)) {
		snprintf(why, size, "%s has a promise without its times", event_name(event->event));
		return true;
	}
	return false;
}

static bool opened_wrongly(const struct state *state, const struct record *event, char *why, size_t size)
{
	const struct casefile *same = state_case_by_ref(state, event->source, event->source_ref);

	if (event->case_id != state_next_number(state))
		snprintf(why, size, "case_opened gives number %lld where %lld comes next", (long long)event->case_id, (long long)state_next_number(state));
	else if (same)
		snprintf(why, size, "case_opened for a report that case %lld is about", (long long)same->number);
	else if (!event->source.len || event->source.len > 32 || !event->source_ref.len || event->source_ref.len > 64)
		snprintf(why, size, "case_opened with a source or source_ref that no report has");
	else
		return false;
	return true;
}

/* Slots that the events of a kind may name. */
static bool slot_wrong(const struct record *event, char *why, size_t size)
{
	bool assists = event->event == EVENT_assistant_added || event->event == EVENT_assistant_reported;

	if (!record_has(event, slot) || (event->slot < SLA_ALL && (!assists || event->slot >= SLOT_ASSIST)))
		return false;
	snprintf(why, size, "%s names clock slot %lld, which there is not", event_name(event->event), (long long)event->slot);
	return true;
}

static bool case_wrong(const struct state *state, const struct record *event, char *why, size_t size)
{
	const struct casefile *casefile = state_case(state, event->case_id);

	if (event->previous > state_last_seq(state)) /* a case's story is read back along these */
		snprintf(why, size, "%s names record %lld as the case's event before it", event_name(event->event), (long long)event->previous);
	else if (event->event == EVENT_case_opened)
		return opened_wrongly(state, event, why, size);
	else if (!casefile)
		snprintf(why, size, "%s is about case %lld, which was not opened", event_name(event->event), (long long)event->case_id);
	else if (record_has(event, first_contact) && casefile->first_contact)
		snprintf(why, size, "%s sets the first-contact unit of case %lld again", event_name(event->event), (long long)event->case_id);
	else if (event->event == EVENT_case_reported && event->state != STATE_reported && event->state != STATE_calling_back)
		snprintf(why, size, "case_reported leads case %lld to %s", (long long)event->case_id, state_name(event->state));
	else if ((event->event == EVENT_case_joined || event->event == EVENT_case_left) && event->follower == event->case_id)
		snprintf(why, size, "case %lld is merged with itself", (long long)event->case_id);
	else
		return slot_wrong(event, why, size);
	return true;
}

bool event_sound(const struct state *state, const struct record *event, char *why, size_t size)
{
	if (lacks_field(event, why, size))
		return false;
	if (event->event == EVENT_policy_adopted && event->policy != state_policy_version(state) + 1) {
		snprintf(why, size, "policy version %lld is adopted after version %lld", (long long)event->policy, (long long)state_policy_version(state));
		return false;
	}
	if (!record_has(event, path) || event->event == EVENT_policy_adopted)
		return true;
	struct needs needs;
	needs_of(event->event, &needs);
	if (!(needs.fields[FIELD_path / 64] >> (FIELD_path % 64) & 1)) {
		snprintf(why, size, "%s is of no case, but has an area path", event_name(event->event));
		return false;
	}
	if (record_has(event, policy) && event->policy > state_policy_version(state)) {
		snprintf(why, size, "%s was decided under policy version %lld, which was not adopted", event_name(event->event), (long long)event->policy);
		return false;
	}
	int64_t stream = record_get(event, stream, 1);
	if (stream < 1 || stream > state_last_seq(state) + 1) {
		snprintf(why, size, "%s is number %lld of its stream, which is longer than the journal", event_name(event->event), (long long)stream);
		return false;
	}
	return !lacks_times(event, why, size) && !case_wrong(state, event, why, size);
}
