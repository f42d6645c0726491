/* What must hold. After each step: the engine's counts and accounts (tests/fuzz/rules.c) and the model. At every start, now and then, and at the end:
 * the journal alone, read by another engine, gives the same state; and what was acknowledged is in it, where the reply said. Changes nothing. */
#include "tests/sim/sim.h"

#include <inttypes.h>

static void model_look(void)
{
	const char *complaint = model_complaint(sim->model);

	if (complaint)
		complain("%s", complaint);
}

void check_step(void)
{
	struct engine *engine = sim->daemon.engine;

	if (engine)
		rules_engine(engine);
	if (engine && !engine->dirty_journal) { /* a peer that had gone may have left events for the next round */
		model_compare(sim->model, engine->state);
	}
	model_look();
}

static void same(bool condition, const char *what)
{
	if (!condition)
		complain("another engine makes something else of the journal: %s", what);
}

void check_replay(void)
{
	struct daemon *daemon = &sim->daemon;
	struct archive *archive = stand_in_open();
	unsigned char here[32], there[32];
	struct buf watch[2] = {{0}};
	char error[400] = "";
	int64_t bad = 0;

	if (journal_verify(daemon->journal, 1, daemon->journal->last_seq, &bad))
		complain("journal record %" PRId64 " is broken", bad);
	stand_in_lag(archive, true);
	struct engine *other = engine_open(&daemon->settings, daemon->journal, archive, daemon->engine->real, error, sizeof error);
	if (!other)
		complain("the journal alone is refused: %s", error);
	engine_digest(daemon->engine, here);
	engine_digest(other, there);
	same(!memcmp(here, there, sizeof here), "the cases");
	same(state_interned_count(daemon->engine->state) == state_interned_count(other->state), "the names");
	same(state_now(daemon->engine->state) == state_now(other->state), "the time");
	same(state_next_mute(daemon->engine->state) == state_next_mute(other->state), "the mutes");
	state_write_watch(daemon->engine->state, &watch[0]);
	state_write_watch(other->state, &watch[1]);
	same(span_equal(buf_span(&watch[0]), buf_span(&watch[1])), "mutes and sources");
	buf_free(&watch[0]);
	buf_free(&watch[1]);
	engine_close(other);
	stand_in_close(archive);
	shared->counts[COUNT_replays]++;
}

static void acknowledged_look(struct span source, struct span ref, int64_t number, int64_t seq)
{
	struct journal *journal = sim->daemon.journal;
	struct record *record = &sim->record;
	struct span bytes;
	struct flaw flaw;

	if (journal->ops->read(journal, seq, &bytes, NULL) || codec_read_lenient(bytes, record, &flaw) || record->event != EVENT_case_opened ||
		record->case_id != number || !span_equal(record->source, source) || !span_equal(record->source_ref, ref)) {
		shared->counts[COUNT_lost]++;
		complain("%.*s/%.*s was acknowledged as case %" PRId64 ", and record %" PRId64 " does not hold it", (int)source.len, source.data, (int)ref.len, ref.data, number, seq);
	}
}

void check_acknowledged(void)
{
	struct journal *journal = sim->daemon.journal;

	journal->ops->read_begin(journal);
	people_each_acknowledged(acknowledged_look);
	journal->ops->read_end(journal);
}

/* The last rung of the ladder as it is now. */
static const struct ladder *ladder_of(const struct record *event)
{
	const struct policy *policy = sim->daemon.engine ? state_policy(sim->daemon.engine->state) : NULL;
	int ladder = policy && record_has(event, ladder) ? policy_ladder_named(policy, event->ladder) : -1;

	return ladder < 0 ? NULL : &policy->ladders[ladder];
}

static void rare_escalation(const struct record *event)
{
	const struct ladder *ladder = ladder_of(event);

	SOMETIMES(danger, event->clock == CLOCK_alarm);
	SOMETIMES(climbed_to_top, ladder && ladder->rung_count > 1 && (size_t)event->rung == ladder->rung_count);
	SOMETIMES(repeated_at_top, ladder && (size_t)event->rung > ladder->rung_count);
	SOMETIMES(muted_danger, event->clock == CLOCK_alarm && sim->daemon.engine && state_mutes(sim->daemon.engine->state));
}

void check_rare_event(const struct record *event)
{
	switch (event->event) {
	case EVENT_case_escalated: rare_escalation(event); break;
	case EVENT_escalation_unanswered: SOMETIMES(unanswered, true); break;
	case EVENT_escalation_acknowledged: SOMETIMES(answered, true); break;
	case EVENT_notice_withheld: SOMETIMES(withheld, true); break;
	case EVENT_clock_breached: SOMETIMES(breached, true); break;
	case EVENT_policy_adopted: SOMETIMES(policy_changed, event->policy > 1 && sim->daemon.engine && state_open_cases(sim->daemon.engine->state)); break;
	case EVENT_clock_restaged: SOMETIMES(restaged, true); break;
	case EVENT_attention_needed: SOMETIMES(gave_up, true); break;
	case EVENT_case_triaged: case EVENT_case_dispatched: SOMETIMES(nobody_decided, !record_has(event, actor) && !record_has(event, worker)); break;
	case EVENT_case_reopened: SOMETIMES(reopened, true); SOMETIMES(brought_back, event->previous < sim->daemon.archived_seq); break;
	case EVENT_case_merged: SOMETIMES(merged, true); break;
	case EVENT_case_unmerged: SOMETIMES(unmerged, true); break;
	case EVENT_case_returned: SOMETIMES(returned, true); SOMETIMES(final, record_get(event, final, false)); break;
	case EVENT_clock_extended: SOMETIMES(extended, true); break;
	case EVENT_case_suspended: SOMETIMES(suspended, true); break;
	case EVENT_case_resumed: SOMETIMES(resumed_by_date, !record_has(event, actor)); break;
	case EVENT_assistant_reported: SOMETIMES(assisted, true); break;
	case EVENT_case_reworked: SOMETIMES(reworked, true); break;
	case EVENT_case_redone: SOMETIMES(redone, true); break;
	case EVENT_supervision_answered: SOMETIMES(supervised, true); break;
	case EVENT_case_sealed: SOMETIMES(sealed, true); break;
	case EVENT_source_silent: SOMETIMES(source_quiet, true); break;
	case EVENT_source_heard: SOMETIMES(source_back, true); break;
	case EVENT_case_closed: SOMETIMES(closed_late, event->late); SOMETIMES(call_followers, record_get(event, call_followers, false)); break;
	case EVENT_command_refused: SOMETIMES(audited, true); break;
	case EVENT_contact_read: SOMETIMES(contact, true); break;
	default: break;
	}
}
