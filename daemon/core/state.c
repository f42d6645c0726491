/* The state's tables: cases by number and by reference, names, timers, neighbours, counts, policies, answered requests.
 * This file keeps them; apply.c decides what an event changes in them.
 *
 * Invariants: an open case stands in the page table, the reference table, the neighbourhood and the timers; a closed one
 * in the first two and, unless it still lives as the follower of another one (casefile_lives), in the list of the closed. open and held are the lengths
 * of those sets. unit_open counts the open cases that a unit holds. */
#include "core/state_inside.h"

#include <assert.h>
#include <stdlib.h>

struct state *state_new(void)
{
	struct state *state = must_calloc(1, sizeof *state);

	state->limits = (struct state_limits){300000, 2678400000, 2000000, 100000};
	state->next_number = 1;
	return state;
}

void state_free(struct state *state)
{
	struct stream_entry *stream, *next_stream;
	struct request_entry *request, *next_request;

	if (!state)
		return;
	refs_free(&state->refs, casefile_free);
	HASH_ITER(hh, state->streams, stream, next_stream) {
		HASH_DEL(state->streams, stream);
		free(stream);
	}
	HASH_ITER(hh, state->requests, request, next_request) {
		HASH_DEL(state->requests, request);
		free(request);
	}
	for (size_t i = 0; i < state->page_count; i++)
		free(state->pages[i]);
	for (size_t i = 0; i < state->policy_count; i++)
		policy_free(state->policies[i]);
	free(state->pages);
	free(state->policies);
	free(state->unit_open);
	intern_free(&state->names);
	timers_free(&state->timers);
	near_free(&state->near);
	watch_free(state);
	free(state);
}

void state_set_limits(struct state *state, struct state_limits limits)
{
	state->limits = limits;
}

const struct state_limits *state_limits(const struct state *state)
{
	return &state->limits;
}

void state_take_policy(struct state *state, struct policy *policy)
{
	size_t version = (size_t)policy->version;

	assert(policy->version > 0);
	if (version >= state->policy_count) {
		state->policies = must_realloc(state->policies, (version + 1) * sizeof *state->policies);
		while (state->policy_count <= version)
			state->policies[state->policy_count++] = NULL;
	}
	policy_free(state->policies[version]);
	state->policies[version] = policy;
}

const struct policy *state_policy_of(const struct state *state, int64_t version)
{
	return version > 0 && (size_t)version < state->policy_count ? state->policies[version] : NULL;
}

int64_t state_missing_policy(const struct state *state, const struct casefile *casefile)
{
	for (int slot = 0; slot < SLA_ALL; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);

		if (sla && sla->limit && sla->policy && !state_policy_of(state, sla->policy))
			return sla->policy;
	}
	return 0;
}

void state_drop_policy(struct state *state, int64_t version)
{
	if (version == state->policy_version || !state_policy_of(state, version))
		return;
	policy_free(state->policies[version]);
	state->policies[version] = NULL;
}

static void policies_note(const struct state *state, const struct casefile *casefile, bool *needed)
{
	for (int slot = 0; slot < SLA_ALL; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);

		if (sla && sla->limit && sla->policy < state->policy_count)
			needed[sla->policy] = true;
	}
}

void state_drop_unneeded_policies(struct state *state)
{
	bool *needed = must_calloc(state->policy_count + 1, sizeof *needed);

	for (size_t page = 0; page < state->page_count; page++)
		for (size_t i = 0; state->pages[page] && i < PAGE_CASES; i++)
			if (state->pages[page]->cases[i])
				policies_note(state, state->pages[page]->cases[i], needed);
	for (size_t version = 1; version < state->policy_count; version++)
		if (!needed[version])
			state_drop_policy(state, (int64_t)version);
	free(needed);
}

int64_t state_kept_policies(const struct state *state)
{
	int64_t count = 0;

	for (size_t version = 1; version < state->policy_count; version++)
		count += state->policies[version] != NULL;
	return count;
}

const struct policy *state_policy(const struct state *state)
{
	return state_policy_of(state, state->policy_version);
}

int64_t state_policy_version(const struct state *state)
{
	return state->policy_version;
}

uint32_t state_intern(struct state *state, struct span text)
{
	return intern_add(&state->names, text);
}

uint32_t state_interned(const struct state *state, struct span text)
{
	return intern_find(&state->names, text);
}

struct span state_text(const struct state *state, uint32_t name)
{
	return intern_text(&state->names, name);
}

uint32_t state_interned_count(const struct state *state)
{
	return state->names.count;
}

struct casefile *state_casefile(const struct state *state, int64_t number)
{
	size_t page = (size_t)number / PAGE_CASES;

	if (number <= 0 || page >= state->page_count || !state->pages[page])
		return NULL;
	return state->pages[page]->cases[(size_t)number % PAGE_CASES];
}

const struct casefile *state_case(const struct state *state, int64_t number)
{
	return state_casefile(state, number);
}

const struct casefile *state_case_by_ref(const struct state *state, struct span source, struct span ref)
{
	uint32_t name = intern_find(&state->names, source);

	return name ? refs_find(&state->refs, name, ref) : NULL;
}

int64_t state_open_cases(const struct state *state)
{
	return state->open;
}

int64_t state_held_cases(const struct state *state)
{
	return state->held;
}

int64_t state_next_number(const struct state *state)
{
	return state->next_number;
}

int64_t state_last_seq(const struct state *state)
{
	return state->last_seq;
}

int64_t state_now(const struct state *state)
{
	return state->now;
}

int64_t state_unit_open(const struct state *state, uint32_t unit)
{
	return unit < state->unit_room ? state->unit_open[unit] : 0;
}

static uint64_t stream_key(int event, uint32_t path)
{
	return (uint64_t)event << 32 | path;
}

int64_t state_stream(const struct state *state, int event, uint32_t path)
{
	uint64_t key = stream_key(event, path);
	struct stream_entry *found;

	HASH_FIND(hh, state->streams, &key, sizeof key, found);
	return found ? found->number : 0;
}

void state_stream_set(struct state *state, int event, uint32_t path, int64_t number)
{
	uint64_t key = stream_key(event, path);
	struct stream_entry *found;

	HASH_FIND(hh, state->streams, &key, sizeof key, found);
	if (!found) {
		found = must_calloc(1, sizeof *found);
		found->key = key;
		HASH_ADD(hh, state->streams, key, sizeof found->key, found);
	}
	found->number = number;
}

void state_each_open(const struct state *state, void (*each)(void *context, const struct casefile *casefile), void *context)
{
	for (size_t page = 0; page < state->page_count; page++)
		for (size_t i = 0; state->pages[page] && i < PAGE_CASES; i++) {
			const struct casefile *casefile = state->pages[page]->cases[i];
			if (casefile && casefile->state != STATE_closed)
				each(context, casefile);
		}
}

struct open_numbers {
	int64_t *numbers;
	size_t count, room;
};

static void number_note(void *context, const struct casefile *casefile)
{
	struct open_numbers *open = context;

	if (open->count == open->room) {
		open->room = open->room ? open->room * 2 : 1024;
		open->numbers = must_realloc(open->numbers, open->room * sizeof *open->numbers);
	}
	open->numbers[open->count++] = casefile->number;
}

int64_t *state_open_numbers(const struct state *state, size_t *ret_count)
{
	struct open_numbers open = {0};

	state_each_open(state, number_note, &open);
	*ret_count = open.count;
	return open.numbers;
}

int state_next_timer(const struct state *state, int64_t *ret_at, const struct casefile **ret_casefile, int *ret_slot)
{
	const struct timer *first = state->timers.count ? &state->timers.heap[0] : NULL;
	int64_t silence, row;

	if (state->sources && state_next_silence(state, &silence, &row) && (!first || silence < first->at)) {
		*ret_at = silence;
		*ret_casefile = NULL;
		*ret_slot = TIMER_SOURCE;
		return 0;
	}
	if (!first)
		return -1;
	*ret_at = first->at;
	*ret_casefile = first->casefile;
	*ret_slot = first->slot;
	return 0;
}

size_t state_neighbours(const struct state *state, const struct casefile *casefile, const struct policy *policy, int64_t now,
	struct neighbour *ret_neighbours, size_t room)
{
	return near_find(&state->near, casefile, policy->similar_radius_m, now - policy->similar_window_ms, ret_neighbours, room);
}

static uint64_t request_key(struct span actor, struct span request)
{
	return span_hash(actor) * 1099511628211u ^ span_hash(request);
}

struct remembered state_remembered(const struct state *state, struct span actor, struct span request)
{
	uint64_t key = request_key(actor, request);
	struct request_entry *found;

	HASH_FIND(hh, state->requests, &key, sizeof key, found);
	return found ? found->remembered : (struct remembered){0, 0};
}

void state_remember(struct state *state, int64_t seq, const struct record *event)
{
	struct request_entry *entry;
	uint64_t key;

	if (!record_has(event, request) || !record_has(event, actor) || !state->limits.remembered_requests)
		return;
	key = request_key(event->actor, event->request);
	HASH_FIND(hh, state->requests, &key, sizeof key, entry);
	if (entry)
		return; /* the first event of a request is its answer */
	if ((int64_t)HASH_COUNT(state->requests) >= state->limits.remembered_requests) {
		entry = state->requests;
		HASH_DEL(state->requests, entry);
	} else {
		entry = must_calloc(1, sizeof *entry);
	}
	entry->key = key;
	entry->remembered = (struct remembered){seq, record_get(event, case_id, 0)};
	HASH_ADD(hh, state->requests, key, sizeof entry->key, entry);
}

static void page_put(struct state *state, struct casefile *casefile)
{
	size_t page = (size_t)casefile->number / PAGE_CASES;

	if (page >= state->page_count) {
		size_t count = page + page / 2 + 1;
		state->pages = must_realloc(state->pages, count * sizeof *state->pages);
		memset(state->pages + state->page_count, 0, (count - state->page_count) * sizeof *state->pages);
		state->page_count = count;
	}
	if (!state->pages[page])
		state->pages[page] = must_calloc(1, sizeof **state->pages);
	state->pages[page]->cases[(size_t)casefile->number % PAGE_CASES] = casefile;
	state->pages[page]->used++;
}

struct casefile *state_add(struct state *state, int64_t number, uint32_t source, struct span ref)
{
	struct casefile *casefile = must_calloc(1, sizeof *casefile + ref.len + 1);
	char *text = (char *)(casefile + 1);

	assert(!state_casefile(state, number));
	casefile->number = number;
	casefile->source = source;
	casefile->latitude_e6 = casefile->longitude_e6 = NO_PLACE;
	if (ref.len)
		memcpy(text, ref.data, ref.len);
	casefile->ref = text;
	refs_add(&state->refs, casefile);
	page_put(state, casefile);
	state->held++;
	return casefile;
}

void state_drop(struct state *state, struct casefile *casefile)
{
	struct case_page **page = &state->pages[(size_t)casefile->number / PAGE_CASES];

	(*page)->cases[(size_t)casefile->number % PAGE_CASES] = NULL;
	if (--(*page)->used == 0) {
		free(*page);
		*page = NULL;
	}
	refs_remove(&state->refs, casefile);
	casefile_free(casefile);
	state->held--;
}

/* A unit holds a case from its dispatch to its closing. */
static bool holds(const struct casefile *casefile)
{
	return casefile->unit && casefile->state >= STATE_dispatched && casefile->state < STATE_closed;
}

static void count_unit(struct state *state, uint32_t unit, int by)
{
	if (unit >= state->unit_room) {
		size_t room = unit + 256;
		state->unit_open = must_realloc(state->unit_open, room * sizeof *state->unit_open);
		memset(state->unit_open + state->unit_room, 0, (room - state->unit_room) * sizeof *state->unit_open);
		state->unit_room = room;
	}
	state->unit_open[unit] += by;
	assert(state->unit_open[unit] >= 0);
}

void state_list(struct state *state, struct casefile *casefile)
{
	if (holds(casefile))
		count_unit(state, casefile->unit, 1);
	if (casefile->state != STATE_closed) {
		state->open++;
		near_add(&state->near, casefile);
	}
	if (casefile_lives(casefile))
		return;
	casefile->next = NULL;
	casefile->before = state->closed_last;
	if (state->closed_last)
		state->closed_last->next = casefile;
	else
		state->closed_first = casefile;
	state->closed_last = casefile;
}

void state_unlist(struct state *state, struct casefile *casefile)
{
	if (holds(casefile))
		count_unit(state, casefile->unit, -1);
	if (casefile->state != STATE_closed) {
		state->open--;
		near_remove(&state->near, casefile);
	}
	if (casefile_lives(casefile))
		return;
	if (casefile->next)
		casefile->next->before = casefile->before;
	else
		state->closed_last = casefile->before;
	if (casefile->before)
		casefile->before->next = casefile->next;
	else
		state->closed_first = casefile->next;
	casefile->next = casefile->before = NULL;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static int64_t details_deadline(const struct casefile *casefile)
{
	const struct details *details = casefile_details(casefile);
	int64_t deadline = details->call_at > 0 ? details->call_at : 0;

	if (casefile->state == STATE_suspended)
		deadline = earlier(deadline, details->until);
	else if (casefile->state != STATE_closed)
		deadline = earlier(deadline, details->milestone_at);
	for (int slot = SLA_SLOTS; casefile->state != STATE_closed && casefile->details && slot < SLA_ALL; slot++) {
		if (casefile->state == STATE_suspended && slot >= SLOT_ASSIST)
			break; /* the assistants wait too */
		deadline = earlier(deadline, sla_deadline(casefile_sla(casefile, slot)));
	}
	return deadline;
}

/* While a case is suspended its promise, stage and signature stand still; an alarm does not. */
int64_t casefile_timer(const struct casefile *casefile, int slot)
{
	bool open = casefile->state != STATE_closed, still = casefile->state == STATE_suspended;

	if (slot == TIMER_DETAILS)
		return casefile->details ? details_deadline(casefile) : 0;
	if (slot == TIMER_WORK)
		return open ? casefile->work_until : 0;
	return open && (!still || slot == SLOT_ALARM) ? sla_deadline(&casefile->sla[slot]) : 0;
}

/* Only the earliest of a case stands in the heap; the others come to it when that one is dealt with. */
void state_set_timers(struct state *state, struct casefile *casefile)
{
	int64_t first = 0;
	int first_slot = 0;

	for (int slot = 0; slot < TIMER_SLOTS; slot++) {
		int64_t at = casefile_timer(casefile, slot);
		if (!at || (first && at >= first))
			continue;
		first = at;
		first_slot = slot;
	}
	timers_set(&state->timers, casefile, first_slot, first);
}

/* A follower may have been changed by its master's event after its own last one. */
static int64_t changed_seq(const struct casefile *casefile)
{
	int64_t settled = casefile_details(casefile)->settled_seq;

	return settled > casefile->last_seq ? settled : casefile->last_seq;
}

void state_forget(struct state *state, int64_t archived_seq)
{
	struct casefile *casefile;

	while ((casefile = state->closed_first) && changed_seq(casefile) <= archived_seq) {
		state_unlist(state, casefile);
		state_drop(state, casefile);
	}
}

void state_restore_case(struct state *state, const struct casefile *row, struct span ref)
{
	struct casefile *casefile = state_add(state, row->number, row->source, ref);
	struct casefile kept = *casefile;

	*casefile = *row;
	casefile->ref_next = kept.ref_next;
	casefile->ref = kept.ref;
	casefile->next = casefile->before = NULL;
	state_list(state, casefile);
	state_set_timers(state, casefile);
}

void state_restore_name(struct state *state, uint32_t name, struct span text)
{
	uint32_t given = intern_add(&state->names, text);

	assert(given == name);
	(void)name;
}

void state_restore_stream(struct state *state, int event, uint32_t path, int64_t number)
{
	state_stream_set(state, event, path, number);
}

void state_restore_scalars(struct state *state, int64_t seq, int64_t now, int64_t next_number, int64_t policy_version)
{
	state->last_seq = seq;
	state->now = now;
	state->next_number = next_number;
	state->policy_version = policy_version;
}

void state_restore_request(struct state *state, int64_t seq, const struct record *event)
{
	state_remember(state, seq, event);
}
