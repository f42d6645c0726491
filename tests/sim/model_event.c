/* An event as a clerk reads it: it has its place in the chain, the case was in a state that allows it, what it counts is one more than before.
 * The table of moves is this file's own, written from the description of the field (docs, life of a case), not from the daemon's table. */
#include "tests/sim/model_inside.h"

#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"

#define IN(state) (1u << STATE_##state)
#define WITH_UNIT (IN(dispatched) | IN(in_progress))
#define OPEN (IN(received) | IN(triaged) | WITH_UNIT | IN(suspended) | IN(reported) | IN(calling_back))
#define ANY (OPEN | IN(closed))
#define BESIDE 0 /* moves nothing */
#define SAYS 1000 /* the event says where it leads */

/* Where a case may be when it happens, and where it leads. New stages count one up; what stands beside the state does not. */
static const struct {
	uint8_t event;
	unsigned before;
	int after;
} life[] = {
	{EVENT_case_triaged, IN(received) | IN(triaged), STATE_triaged},
	{EVENT_case_dispatched, IN(triaged), STATE_dispatched},
	{EVENT_case_signed, IN(dispatched), STATE_in_progress},
	{EVENT_case_reported, WITH_UNIT, SAYS},
	{EVENT_case_checked, IN(reported), STATE_calling_back},
	{EVENT_case_reworked, IN(reported), STATE_in_progress},
	{EVENT_case_redone, IN(calling_back), STATE_in_progress},
	{EVENT_resident_called, IN(calling_back), BESIDE},
	{EVENT_case_closed, OPEN, STATE_closed},
	{EVENT_case_merged, IN(received) | IN(triaged) | WITH_UNIT, STATE_closed},
	{EVENT_case_reopened, IN(closed), STATE_triaged},
	{EVENT_case_unmerged, IN(closed), STATE_triaged},
	{EVENT_call_back_due, IN(closed), STATE_calling_back},
	{EVENT_case_returned, WITH_UNIT, STATE_triaged},
	{EVENT_case_recalled, WITH_UNIT, STATE_triaged},
	{EVENT_case_transferred, WITH_UNIT, STATE_dispatched},
	{EVENT_case_suspended, WITH_UNIT, STATE_suspended},
	{EVENT_case_resumed, IN(suspended), STATE_in_progress},
	{EVENT_clock_warned, OPEN, BESIDE},
	{EVENT_clock_breached, OPEN, BESIDE},
	{EVENT_escalation_due, OPEN, BESIDE},
	{EVENT_case_escalated, OPEN, BESIDE},
	{EVENT_escalation_acknowledged, OPEN, BESIDE},
	{EVENT_escalation_unanswered, OPEN, BESIDE},
	{EVENT_notice_withheld, OPEN, BESIDE},
	{EVENT_attention_needed, OPEN, BESIDE},
	{EVENT_contact_read, ANY, BESIDE},
	{EVENT_case_sealed, ANY, BESIDE},
	{EVENT_return_requested, WITH_UNIT, BESIDE},
	{EVENT_extension_requested, WITH_UNIT, BESIDE},
	{EVENT_suspension_requested, WITH_UNIT, BESIDE},
	{EVENT_request_denied, OPEN, BESIDE},
	{EVENT_clock_extended, OPEN, BESIDE},
	{EVENT_clock_restaged, OPEN & ~IN(suspended), BESIDE},
	{EVENT_assistant_added, WITH_UNIT, BESIDE},
	{EVENT_assistant_reported, OPEN, BESIDE},
	{EVENT_assistant_moved, IN(in_progress), BESIDE},
	{EVENT_case_reminded, OPEN, BESIDE},
	{EVENT_supervision_opened, OPEN, BESIDE},
	{EVENT_supervision_answered, OPEN, BESIDE},
	{EVENT_supervision_closed, OPEN, BESIDE},
	{EVENT_case_joined, OPEN, BESIDE},
	{EVENT_case_left, ANY, BESIDE},
	{EVENT_milestone_reached, OPEN, BESIDE},
	{EVENT_milestone_missed, OPEN & ~IN(suspended), BESIDE},
};

#define WRONG(format, ...) \
	model_complain(model, "event %lld, %s of case %lld: " format, (long long)seq, event_name(event->event), (long long)account->number, __VA_ARGS__)

bool state_held(int state)
{
	return state >= STATE_dispatched && state <= STATE_calling_back;
}

/* ---- the shape and the chain ---- */

static void shape_take(struct model *model, int64_t seq, const struct record *event)
{
	static struct { uint64_t always[FIELD_WORDS], may[FIELD_WORDS]; } shapes[EVENT_LIMIT];

	if (!shapes[EVENT_case_opened].always[0]) {
#define HAS(member) shape->always[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define MAY(member) shape->may[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define EVENT(number, name, fields, meaning) { __typeof__(&shapes[0]) shape = &shapes[number]; fields }
#include "schema/events.def"
#undef HAS
#undef MAY
	}
	for (int word = 0; word < FIELD_WORDS; word++) {
		uint64_t lacks = shapes[event->event].always[word] & ~event->present[word];
		uint64_t more = event->present[word] & ~(shapes[event->event].always[word] | shapes[event->event].may[word]);
		if (lacks | more)
			model_complain(model, "event %lld, %s: %s %s, and events.def says otherwise", (long long)seq, event_name(event->event), lacks ? "lacks" : "has",
				field_name((enum field)(word * 64 + __builtin_ctzll(lacks ? lacks : more))));
	}
}

static void stream_take(struct model *model, int64_t seq, const struct record *event)
{
	struct word_known *path = &model->words[word_of(model, event->path)];

	path = &model->words[word_of(model, event->path)];
	if (!path->streams)
		path->streams = must_calloc(EVENT_LIMIT, sizeof *path->streams);
	if (event->stream != ++path->streams[event->event])
		model_complain(model, "event %lld, %s: stream %lld of %.*s follows %lld", (long long)seq, event_name(event->event), (long long)event->stream,
			(int)event->path.len, event->path.data, (long long)path->streams[event->event] - 1);
}

static bool path_ends(struct span path, struct span area)
{
	return path.len >= area.len && memcmp(path.data + path.len - area.len, area.data, area.len) == 0 &&
		(path.len == area.len || path.data[path.len - area.len - 1] == '/');
}

/* ---- one event of a case ---- */

static int move_of(int event)
{
	for (size_t i = 0; i < sizeof life / sizeof *life; i++)
		if (life[i].event == event)
			return (int)i;
	return -1;
}

static void unit_count(struct model *model, const struct account *account, int by)
{
	if (account->state != STATE_closed && account->state != STATE_none)
		model->open += by;
	if (account->unit && state_held(account->state)) {
		model->words[account->unit].unit_open += by;
		model->words[account->unit].unit_touched = true;
	}
}

/* The counts that stand in events: each one more than before. */
static void counts_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
#define COUNT(member) \
	if (record_has(event, member) && event->member != ++account->member) \
		WRONG(#member " %lld follows %lld", (long long)event->member, (long long)account->member - 1);
	COUNT(returns)
	COUNT(transfers)
	COUNT(extensions)
	COUNT(reworks)
	COUNT(redos)
	COUNT(reminders)
	COUNT(reopens)
#undef COUNT
	if (event->event == EVENT_case_reopened ? record_get(event, calls, 0) != 0 || (account->calls && !record_has(event, calls))
		: record_has(event, calls) && event->calls != account->calls + 1)
		WRONG("calls %lld after %lld", (long long)record_get(event, calls, -1), (long long)account->calls);
	account->calls += event->event == EVENT_resident_called;
	if (event->event == EVENT_case_reworked || event->event == EVENT_case_redone || event->event == EVENT_case_reopened)
		account->calls = 0; /* a new result, a new call-back with all its attempts */
}

static bool same_word(struct model *model, int word, struct span text)
{
	return span_equal(word_text(model, word), text);
}

static void unit_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	bool sent = event->event == EVENT_case_dispatched || event->event == EVENT_case_transferred;

	if (!sent) {
		if (record_has(event, unit) && !same_word(model, account->unit, event->unit))
			WRONG("unit %.*s, but it is with %s", (int)event->unit.len, event->unit.data, word_text(model, account->unit).data);
		if (event->event == EVENT_case_returned || event->event == EVENT_case_recalled)
			account->unit = 0;
		return;
	}
	if (event->event == EVENT_case_transferred && same_word(model, account->unit, event->unit))
		WRONG("it is with unit %.*s already", (int)event->unit.len, event->unit.data);
	account->unit = word_of(model, event->unit);
	if (record_has(event, first_contact) == (account->first_contact != 0))
		WRONG("the first-contact unit is set %s", account->first_contact ? "again" : "too late");
	if (!account->first_contact)
		account->first_contact = word_of(model, record_get(event, first_contact, (struct span){0}));
	if (account->first_contact == 0 || record_get(event, final, false) != account->final)
		WRONG("final %d, but %d returns were counted", record_get(event, final, false), (int)account->returns);
}

static void triage_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	int category = word_of(model, event->category), area = word_of(model, event->area);

	if (category == account->category && area == account->area && event->urgency == account->urgency ? record_has(event, limit) : !record_has(event, limit))
		WRONG("category, urgency and area %s, but the promise is %s", record_has(event, limit) ? "stay" : "change", record_has(event, limit) ? "set anew" : "kept");
	if (account->urgency == 1 && event->urgency != 1 && record_has(event, worker))
		WRONG("a worker makes light of urgency 1: %lld", (long long)event->urgency);
	account->category = category;
	account->area = area;
	account->urgency = (int)event->urgency;
	account->kind = event->kind;
}

static void followers_told(struct model *model, const struct account *master, int64_t since)
{
	for (int64_t number = 1; number <= model->case_count; number++) {
		struct account *account = model->cases[number];
		if (account->master != master->number || account->call_at)
			continue;
		account->call_at = since;
		account_touch(model, account);
		account_soonest(model, account);
	}
}

static void closing_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	const struct running *promise = &account->clocks[SLOT_PROMISE];
	bool late = promise->limited && event->at > promise->due, merged = event->event == EVENT_case_merged;

	if (event->late != late)
		WRONG("late %d, but its promise was due %lld", event->late, (long long)promise->due);
	if ((event->outcome == OUTCOME_merged) != (merged || account->master != 0))
		WRONG("outcome %s of a case that is %s", outcome_name(event->outcome), account->master ? "merged" : "not merged");
	account->late = event->late;
	account->outcome = event->outcome;
	account->closed_at = event->at;
	account->attention = false;
	account->work_until = 0;
}

static void merge_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	struct account *other = account_of(model, event->event == EVENT_case_merged || event->event == EVENT_case_unmerged ? event->into : event->follower);

	if (!other || other == account) {
		WRONG("there is no other case %lld", (long long)(other ? other->number : 0));
		return;
	}
	switch (event->event) {
	case EVENT_case_merged:
		if (other->state == STATE_closed || other->master || account->followers || account->master)
			WRONG("case %lld cannot carry it", (long long)other->number);
		account->master = other->number;
		account->call_at = 0;
		break;
	case EVENT_case_unmerged:
		if (account->master != other->number)
			WRONG("it was merged into case %lld", (long long)account->master);
		account->master = account->call_at = 0;
		break;
	case EVENT_case_joined:
		if (other->master != account->number)
			WRONG("case %lld was not merged into it", (long long)other->number);
		account->followers++;
		break;
	default:
		if (other->master == account->number || account->followers < 1)
			WRONG("case %lld did not leave it", (long long)other->number);
		account->followers--;
	}
}

/* What an event says beside clocks, counts and the move itself. */
static void words_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	switch (event->event) {
	case EVENT_case_triaged:
		triage_take(model, seq, account, event);
		break;
	case EVENT_case_closed:
	case EVENT_case_merged:
		closing_take(model, seq, account, event);
		if (event->event == EVENT_case_merged)
			merge_take(model, seq, account, event);
		break;
	case EVENT_case_unmerged:
	case EVENT_case_joined:
	case EVENT_case_left:
		merge_take(model, seq, account, event);
		break;
	case EVENT_case_reopened:
		if (account->master)
			WRONG("it is merged into case %lld", (long long)account->master);
		break;
	case EVENT_call_back_due:
		if (!account->master || account->call_at <= 0)
			WRONG("nobody waits for a call: case %lld is not done", (long long)account->master);
		account->call_at = -1;
		break;
	case EVENT_case_suspended:
		account->until = record_get(event, until, 0);
		account->paused_at = event->at;
		break;
	case EVENT_case_resumed:
		account->pauses++;
		account->until = account->paused_at = 0;
		break;
	case EVENT_suspension_requested:
		account->asked_until = record_get(event, until, 0);
		break;
	case EVENT_attention_needed:
		account->attention = true;
		account->work_until = 0;
		break;
	case EVENT_case_reminded:
		account->urgency = (int)record_get(event, urgency, account->urgency);
		break;
	case EVENT_case_sealed:
		account->confidential = record_get(event, confidential, false);
		break;
	case EVENT_supervision_opened:
		if (account->supervised)
			WRONG("a supervision is open already since event %lld", (long long)account->last_seq);
		account->supervised = true;
		break;
	case EVENT_supervision_answered:
	case EVENT_supervision_closed:
		if (!account->supervised)
			WRONG("no supervision is open at event %lld", (long long)account->last_seq);
		account->supervised = event->event == EVENT_supervision_answered;
		break;
	case EVENT_case_returned:
		account->final = record_get(event, final, false);
		break;
	default:
		break;
	}
}

/* People decide after a recall, after the last return, and when a caller is to be called back whose case no unit had: no worker is waited for. */
static void stage_take(struct account *account, const struct record *event)
{
	bool people = event->event == EVENT_case_recalled || (event->event == EVENT_case_returned && record_get(event, final, false)) ||
		(event->event == EVENT_call_back_due && !account->unit);

	if (account->state == STATE_closed || event->event == EVENT_case_signed || event->event == EVENT_case_suspended || event->event == EVENT_case_resumed)
		return;
	account->attention = people;
	account->work_until = !people && (account->state == STATE_received || account->state == STATE_triaged) ? record_get(event, next_at, 0) : 0;
}

static void life_take(struct model *model, int64_t seq, struct account *account, const struct record *event)
{
	int move = move_of(event->event);
	int64_t epoch = account->epoch + (move >= 0 && life[move].after != BESIDE);

	if (move < 0 || !(life[move].before >> account->state & 1)) {
		WRONG("not in state %s", state_name(account->state));
		return;
	}
	if (event->epoch != epoch)
		WRONG("epoch %lld, it should be %lld", (long long)event->epoch, (long long)epoch);
	if (event->event != EVENT_case_sealed && record_get(event, confidential, false) != account->confidential)
		WRONG("confidential %d, but the case is %d", record_get(event, confidential, false), account->confidential);
	unit_count(model, account, -1);
	words_take(model, seq, account, event);
	unit_take(model, seq, account, event);
	counts_take(model, seq, account, event);
	if (life[move].after != BESIDE) {
		account->state = life[move].after == SAYS ? (int)event->state : life[move].after;
		stage_take(account, event);
	}
	if (account->state == STATE_triaged && (event->event == EVENT_case_reopened || event->event == EVENT_case_unmerged)) {
		account->outcome = OUTCOME_none;
		account->late = false;
		account->closed_at = 0;
	}
	if (event->event == EVENT_case_reported && account->state != STATE_reported && account->state != STATE_calling_back)
		WRONG("leads to %s", state_name(account->state));
	unit_count(model, account, 1);
	account->epoch = event->epoch;
}

/* ---- a new case ---- */

static struct silence *source_of(struct model *model, struct span name)
{
	int word = word_of(model, name);

	for (int i = 0; i < model->source_count; i++)
		if (model->sources[i].name == word)
			return &model->sources[i];
	model->sources = must_realloc(model->sources, ((size_t)model->source_count + 1) * sizeof *model->sources);
	model->sources[model->source_count] = (struct silence){.name = word};
	return &model->sources[model->source_count++];
}

static void refs_take(struct model *model, int64_t seq, const struct account *account)
{
	uint64_t key = hash_ref(word_text(model, account->source), account->ref);

	for (int64_t link = 0; (link = index_after(&model->refs, key, link));) {
		const struct account *other = account_of(model, model->refs.links[link].value);
		if (other && other->source == account->source && span_equal(other->ref, account->ref))
			model_complain(model, "event %lld opens case %lld for a report that case %lld has", (long long)seq, (long long)account->number, (long long)other->number);
	}
	index_add(&model->refs, key, account->number);
}

static struct account *opened_take(struct model *model, int64_t seq, const struct record *event)
{
	struct account *account = must_calloc(1, sizeof *account);
	struct silence *source = source_of(model, event->source);

	if (model->case_count + 2 > model->case_room) {
		model->case_room = model->case_room ? model->case_room * 2 : 256;
		model->cases = must_realloc(model->cases, (size_t)model->case_room * sizeof *model->cases);
	}
	model->cases[++model->case_count] = account;
	account->number = model->case_count;
	if (event->case_id != account->number || event->epoch != 1)
		model_complain(model, "event %lld opens case %lld with epoch %lld, but case %lld is next", (long long)seq, (long long)event->case_id,
			(long long)event->epoch, (long long)account->number);
	account->source = word_of(model, event->source);
	account->ref = (struct span){span_dup(event->source_ref), event->source_ref.len};
	account->area = word_of(model, event->area);
	account->category = word_of(model, record_get(event, category, (struct span){0}));
	account->kind = record_get(event, kind, KIND_help);
	account->urgency = (int)record_get(event, urgency, 3);
	account->reported_at = event->reported_at;
	account->opened_at = event->at;
	account->first_seq = seq;
	account->confidential = record_get(event, confidential, false);
	account->state = STATE_received;
	account->epoch = 1;
	stage_take(account, event);
	refs_take(model, seq, account);
	unit_count(model, account, 1);
	source->before = source->heard;
	source->heard = event->at > source->heard ? event->at : source->heard;
	return account;
}

/* ---- events beside the cases ---- */

static void mute_take(struct model *model, int64_t seq, const struct record *event)
{
	if (event->event == EVENT_mute_set) {
		if (event->mute != model->mute_count + 1)
			model_complain(model, "event %lld: mute %lld follows mute %d", (long long)seq, (long long)event->mute, model->mute_count);
		for (int i = 0; i < model->mute_count; i++) /* what is over needs no place */
			model->mutes[i].lifted |= model->mutes[i].until <= event->at;
		model->mutes = must_realloc(model->mutes, ((size_t)model->mute_count + 1) * sizeof *model->mutes);
		model->mutes[model->mute_count++] = (struct mute_known){.number = event->mute, .until = event->until};
		return;
	}
	for (int i = 0; i < model->mute_count; i++)
		if (model->mutes[i].number == event->mute && !model->mutes[i].lifted && model->mutes[i].until > event->at) {
			model->mutes[i].lifted = true;
			return;
		}
	model_complain(model, "event %lld lifts mute %lld, which is not in force", (long long)seq, (long long)event->mute);
}

static void beside_take(struct model *model, int64_t seq, const struct record *event)
{
	struct silence *source;

	switch (event->event) {
	case EVENT_policy_adopted:
		if (event->policy != ++model->policy)
			model_complain(model, "event %lld adopts policy %lld, but %lld is next", (long long)seq, (long long)event->policy, (long long)model->policy);
		break;
	case EVENT_mute_set:
	case EVENT_mute_lifted:
		mute_take(model, seq, event);
		break;
	case EVENT_source_silent:
	case EVENT_source_heard:
		source = source_of(model, event->source);
		if (source->silent == (event->event == EVENT_source_silent) || event->since != (source->silent ? source->before : source->heard))
			model_complain(model, "event %lld, %s of %.*s: it is not so, or since when is wrong", (long long)seq, event_name(event->event),
				(int)event->source.len, event->source.data);
		source->silent = event->event == EVENT_source_silent;
		break;
	default:
		if (move_of(event->event) >= 0)
			model_complain(model, "event %lld, %s: of no case", (long long)seq, event_name(event->event));
	}
}

static void case_take(struct model *model, int64_t seq, const struct record *event)
{
	struct account *account = event->event == EVENT_case_opened ? opened_take(model, seq, event) : account_of(model, event->case_id);
	struct span area;

	if (!account) {
		model_complain(model, "event %lld, %s: there is no case %lld", (long long)seq, event_name(event->event), (long long)event->case_id);
		return;
	}
	if (event->previous != account->last_seq)
		WRONG("previous %lld, but its last event was %lld", (long long)event->previous, (long long)account->last_seq);
	if (record_has(event, policy) && event->policy != model->policy)
		WRONG("decided under policy %lld, but %lld holds", (long long)event->policy, (long long)model->policy);
	if (event->event != EVENT_case_opened)
		life_take(model, seq, account, event);
	stream_take(model, seq, event);
	area = event->event == EVENT_case_escalated ? event->audience_area : word_text(model, account->area);
	if (!path_ends(event->path, area))
		WRONG("published under %.*s, but the area is %.*s", (int)event->path.len, event->path.data, (int)area.len, area.data);
	clocks_take(model, seq, account, event);
	if (event->event == EVENT_case_closed)
		followers_told(model, account, record_get(event, call_followers, false) ? event->at : -1);
	account->last_seq = seq;
	account_soonest(model, account);
	account_touch(model, account);
}

void model_take(struct model *model, int64_t seq, const struct record *event)
{
	shape_take(model, seq, event);
	if (model->complaint[0])
		return;
	if (event->at < model->last_at)
		model_complain(model, "event %lld happened before event %lld: time went back", (long long)seq, (long long)seq - 1);
	model->last_at = event->at;
	event_asked(model, seq, event);
	if (record_has(event, path))
		case_take(model, seq, event);
	else
		beside_take(model, seq, event);
}
