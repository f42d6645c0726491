/* The model against the engine's state: each case that was touched, at every step; all of them now and then. And the end of a run,
 * when nothing may be left that was asked, promised or due. */
#include "tests/sim/model_inside.h"

#include "schema/codec.h"

#define COMPARES_PER_RECOUNT 64

#define DIFFERS(what, is, should) \
	model_complain(model, "case %lld: " what " %lld, but the events say %lld", (long long)account->number, (long long)(is), (long long)(should))

static void word_compare(struct model *model, const struct account *account, const struct state *state, const char *what, uint32_t name, int word)
{
	struct span is = state_text(state, name), should = word_text(model, word);

	if (!span_equal(is, should))
		model_complain(model, "case %lld: %s %.*s, but the events say %.*s", (long long)account->number, what, (int)is.len, is.data, (int)should.len, should.data);
}

static void clock_compare(struct model *model, const struct account *account, const struct state *state, int slot, const struct sla *sla)
{
	static const struct sla none;
	const struct running *clock = &account->clocks[slot];

	if (!sla)
		sla = &none;
#define SAME(member) \
	if ((int64_t)sla->member != (int64_t)clock->member) \
		model_complain(model, "case %lld, clock %d: " #member " %lld, but the events say %lld", (long long)account->number, slot, (long long)sla->member, (long long)clock->member);
	SAME(kind)
	SAME(due)
	SAME(warn)
	SAME(warned)
	SAME(breached)
	SAME(next)
	SAME(phase)
	SAME(rung)
#undef SAME
	if (!span_equal(state_text(state, sla->limit), word_text(model, clock->limit)))
		DIFFERS("limit of clock", slot, slot);
}

static void details_compare(struct model *model, const struct account *account, const struct casefile *casefile)
{
	const struct details *details = casefile_details(casefile);

#define SAME(member) \
	if ((int64_t)details->member != (int64_t)account->member) \
		DIFFERS(#member, details->member, account->member);
	SAME(returns)
	SAME(transfers)
	SAME(extensions)
	SAME(reworks)
	SAME(redos)
	SAME(reminders)
	SAME(calls)
	SAME(master)
	SAME(until)
	SAME(paused_at)
	SAME(milestone_at)
	SAME(call_at)
	SAME(final)
	SAME(supervised)
#undef SAME
	if (details->follower_count != account->followers)
		DIFFERS("followers", details->follower_count, account->followers);
}

/* Who moves an open case: a worker until its patience ends, people who were told, its unit, or whoever checks and calls back. */
static void case_waits(struct model *model, const struct account *account)
{
	bool worker = account->work_until != 0;

	if (account->state == STATE_received || account->state == STATE_triaged) {
		if (worker == account->attention)
			model_complain(model, "case %lld is %s and waits for %s", (long long)account->number, state_name(account->state), worker ? "a worker and for people" : "nobody");
	} else if (account->state == STATE_suspended) {
		if (!account->unit || !account->until)
			model_complain(model, "case %lld is suspended for ever", (long long)account->number);
	} else if (account->state != STATE_closed && account->state != STATE_calling_back && !account->unit) {
		model_complain(model, "case %lld is %s with no unit", (long long)account->number, state_name(account->state));
	}
}

static void case_compare(struct model *model, const struct account *account, const struct state *state)
{
	const struct casefile *casefile = state_case(state, account->number);

	case_waits(model, account);
	if (!casefile && account->state == STATE_closed)
		return; /* only the archive has it */
	if (!casefile) {
		model_complain(model, "case %lld is open and not in memory", (long long)account->number);
		return;
	}
#define SAME(member) \
	if ((int64_t)casefile->member != (int64_t)account->member) \
		DIFFERS(#member, casefile->member, account->member);
	SAME(state)
	SAME(kind)
	SAME(urgency)
	SAME(outcome)
	SAME(late)
	SAME(attention)
	SAME(confidential)
	SAME(epoch)
	SAME(reopens)
	SAME(first_seq)
	SAME(last_seq)
	SAME(reported_at)
	SAME(opened_at)
	SAME(closed_at)
	SAME(work_until)
#undef SAME
	word_compare(model, account, state, "unit", casefile->unit, account->unit);
	word_compare(model, account, state, "area", casefile->area, account->area);
	word_compare(model, account, state, "category", casefile->category, account->category);
	word_compare(model, account, state, "first_contact", casefile->first_contact, account->first_contact);
	word_compare(model, account, state, "source", casefile->source, account->source);
	for (int slot = 0; slot < SLA_ALL; slot++)
		clock_compare(model, account, state, slot, casefile_sla(casefile, slot));
	details_compare(model, account, casefile);
	if (state_case_by_ref(state, word_text(model, account->source), account->ref) != casefile)
		DIFFERS("its reference leads to another case", casefile->number, account->number);
}

static void units_compare(struct model *model, const struct state *state, bool all)
{
	for (int word = 1; word <= model->word_count; word++) {
		struct word_known *known = &model->words[word];
		int64_t open;
		if (!all && !known->unit_touched)
			continue;
		known->unit_touched = false;
		open = state_unit_open(state, state_interned(state, word_text(model, word)));
		if (open != known->unit_open)
			model_complain(model, "unit %s holds %lld open cases, but the events say %lld", known->text, (long long)open, (long long)known->unit_open);
	}
}

/* The model's own counts, counted again from end to end. */
static void recount(struct model *model)
{
	int64_t open = 0, held = 0, sum = 0;

	for (int64_t number = 1; number <= model->case_count; number++) {
		open += model->cases[number]->state != STATE_closed;
		held += model->cases[number]->unit && state_held(model->cases[number]->state);
	}
	for (int word = 1; word <= model->word_count; word++)
		sum += model->words[word].unit_open;
	if (open != model->open || held != sum)
		model_complain(model, "%lld cases are open, %lld with units; counted %lld and %lld", (long long)open, (long long)held, (long long)model->open, (long long)sum);
}

static void scalars_compare(struct model *model, const struct state *state)
{
	if (state_last_seq(state) != model->last_seq)
		model_complain(model, "the state is at event %lld, the journal at %lld", (long long)state_last_seq(state), (long long)model->last_seq);
	if (state_open_cases(state) != model->open)
		model_complain(model, "%lld cases are open, but the events say %lld", (long long)state_open_cases(state), (long long)model->open);
	if (state_next_number(state) != model->case_count + 1)
		model_complain(model, "case %lld is next, but the events say %lld", (long long)state_next_number(state), (long long)model->case_count + 1);
	if (state_policy_version(state) != model->policy)
		model_complain(model, "policy %lld holds, but the events say %lld", (long long)state_policy_version(state), (long long)model->policy);
}

/* Who was heard when, and what is muted. */
static void watch_compare(struct model *model, const struct state *state)
{
	const struct mute *mute = state_mutes(state);

	for (int i = 0; i < model->source_count; i++) {
		const struct source *source = state_source(state, word_text(model, model->sources[i].name));
		if (!source || source->heard != model->sources[i].heard || source->silent != model->sources[i].silent)
			model_complain(model, "source %s was heard at %lld, silent %d; the events say otherwise", word_text(model, model->sources[i].name).data,
				source ? (long long)source->heard : 0, source && source->silent);
	}
	for (int i = 0; i < model->mute_count; i++) {
		if (model->mutes[i].lifted)
			continue;
		if (!mute || mute->number != model->mutes[i].number || mute->until != model->mutes[i].until) {
			model_complain(model, "mute %lld is not there", (long long)model->mutes[i].number);
			return;
		}
		mute = mute->next;
	}
	if (mute)
		model_complain(model, "mute %lld is there, but the events say otherwise", (long long)mute->number);
}

void model_compare(struct model *model, const struct state *state)
{
	bool all = ++model->compared % COMPARES_PER_RECOUNT == 0;

	if (model->complaint[0])
		return;
	scalars_compare(model, state);
	for (int64_t i = 0; i < model->touched_count; i++) {
		struct account *account = model->cases[model->touched[i]];
		account->touched = false;
		if (!all)
			case_compare(model, account, state);
	}
	model->touched_count = 0;
	for (int64_t number = 1; all && number <= model->case_count; number++)
		case_compare(model, model->cases[number], state);
	units_compare(model, state, all);
	if (all)
		recount(model);
	if (all)
		watch_compare(model, state);
}

/* ---- the end ---- */

static void streams_whole(struct model *model, int number)
{
	const struct subscriber *subscriber = model->subscribers[number];
	struct index first = {0};

	/* within the streams that it saw anything of, from the first event that it saw on, nothing is missing */
	for (int64_t seq = 1; subscriber && seq <= model->last_seq; seq++) {
		bool seen = seq < subscriber->seen_room && subscriber->seen[seq];
		uint64_t key;
		if (!heard_read(model, seq, &model->scratch) || !record_has(&model->scratch, stream))
			continue;
		key = (uint64_t)model->scratch.event << 32 | (uint32_t)word_of(model, model->scratch.path);
		if (!seen && index_after(&first, key, 0))
			model_complain(model, "subscriber %d never heard of event %lld, %s", number, (long long)seq, event_name(model->scratch.event));
		if (seen && !index_after(&first, key, 0))
			index_add(&first, key, seq);
	}
	index_clear(&first);
}

/* A report is answered once any of its copies is; whoever asked for something else and died does not come back for the answer. */
static bool report_answered(const struct model *model, uint64_t ref)
{
	for (int64_t link = 0; (link = index_after(&model->asked_refs, ref, link));)
		if (model->asked[model->asked_refs.links[link].value].answered)
			return true;
	return false;
}

void model_finish(struct model *model, const struct state *state)
{
	model->compared = COMPARES_PER_RECOUNT - 1;
	model_compare(model, state);
	if (model->complaint[0])
		return;
	for (int64_t i = 0; i < model->asked_count; i++) {
		const struct asked *asked = &model->asked[i];
		if (asked->command == COMMAND_submit && asked->request && !report_answered(model, asked->ref))
			model_complain(model, "request %lld, a report, was never answered", (long long)i + 1);
	}
	for (int64_t i = 0; i < model->promised_count; i++)
		if (!account_of(model, model->promised[i].number) || account_of(model, model->promised[i].number)->first_seq != model->promised[i].seq)
			model_complain(model, "case %lld was acknowledged and is lost", (long long)model->promised[i].number);
	for (int subscriber = 0; subscriber < SUBSCRIBERS_MOST; subscriber++)
		streams_whole(model, subscriber);
}
