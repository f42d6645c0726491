/* Changed cases into rows and indexes of the archive, once per round and case. What the archive has (or will have) of a
 * case is remembered at its first change in a round, so that index entries that no longer hold are taken out. */
#include "engine/inside.h"

#include <stdlib.h>

void number_key(char key[8], int64_t number)
{
	for (int i = 0; i < 8; i++)
		key[i] = (char)(number >> (56 - 8 * i));
}

int64_t number_of_key(const char *key)
{
	int64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | (unsigned char)key[i];
	return number;
}

void name_key(char key[4], uint32_t name)
{
	for (int i = 0; i < 4; i++)
		key[i] = (char)(name >> (24 - 8 * i));
}

/* Call before an event is applied. A number that is not in memory yet is a case about to be opened. */
void project_touch(struct engine *engine, int64_t number)
{
	const struct casefile *casefile;
	struct touched *touched;

	HASH_FIND(hh, engine->touched, &number, sizeof number, touched);
	if (touched)
		return;
	touched = must_calloc(1, sizeof *touched);
	touched->number = number;
	casefile = state_case(engine->state, number);
	if (casefile) {
		touched->known = true;
		touched->area = casefile->area;
		touched->unit = casefile->unit;
		touched->category = casefile->category;
	}
	HASH_ADD(hh, engine->touched, number, sizeof touched->number, touched);
}

/* What was told last about the disk: who watches the feed has to hear the other one some day, also after a restart. */
static void project_room(struct engine *engine, const struct record *event)
{
	engine->low_told = event->event == EVENT_store_low;
	archive_put(engine->archive, TABLE_SCALARS, span_of("low"), (struct span){engine->low_told ? "\1" : "", engine->low_told});
}

/* The case of an event, and the cases that its closing sets free. */
void project_event(struct engine *engine, const struct record *event)
{
	const struct casefile *casefile;

	if (event->event == EVENT_store_low || event->event == EVENT_store_well)
		project_room(engine, event);
	if (!record_has(event, case_id) || !record_has(event, path))
		return;
	project_touch(engine, event->case_id);
	casefile = event->event == EVENT_case_closed ? state_case(engine->state, event->case_id) : NULL;
	for (uint32_t i = 0; casefile && i < casefile_details(casefile)->follower_count; i++)
		if (state_case(engine->state, casefile_details(casefile)->followers[i]))
			project_touch(engine, casefile_details(casefile)->followers[i]);
}

static void index_move(struct engine *engine, enum table table, uint32_t from, uint32_t to, int64_t number, bool known)
{
	char key[12];
	struct span at = {key, sizeof key};

	if (known && from == to)
		return;
	number_key(key + 4, number);
	if (known && from) {
		name_key(key, from);
		archive_remove(engine->archive, table, at);
	}
	if (to) {
		name_key(key, to);
		archive_put(engine->archive, table, at, (struct span){0});
	}
}

static void project_ref(struct engine *engine, const struct casefile *casefile, struct span number)
{
	struct span source = state_text(engine->state, casefile->source);
	char key[256];
	size_t ref = strlen(casefile->ref);

	memcpy(key, source.data, source.len);
	key[source.len] = '\0';
	memcpy(key + source.len + 1, casefile->ref, ref);
	archive_put(engine->archive, TABLE_REFS, (struct span){key, source.len + 1 + ref}, number);
}

static void project_case(struct engine *engine, const struct touched *touched, const struct casefile *casefile)
{
	char key[8];
	struct span at = {key, sizeof key};

	number_key(key, casefile->number);
	buf_clear(&engine->encoded);
	casefile_write(&engine->encoded, casefile);
	archive_put(engine->archive, TABLE_CASES, at, buf_span(&engine->encoded));
	if (casefile_lives(casefile))
		archive_put(engine->archive, TABLE_OPEN, at, (struct span){0});
	else
		archive_remove(engine->archive, TABLE_OPEN, at);
	if (!touched->known)
		project_ref(engine, casefile, at);
	index_move(engine, TABLE_BY_AREA, touched->area, casefile->area, casefile->number, touched->known);
	index_move(engine, TABLE_BY_UNIT, touched->unit, casefile->unit, casefile->number, touched->known);
	index_move(engine, TABLE_BY_CATEGORY, touched->category, casefile->category, casefile->number, touched->known);
}

static void project_names(struct engine *engine)
{
	char key[4];

	for (; engine->names_kept < state_interned_count(engine->state); engine->names_kept++) {
		name_key(key, engine->names_kept + 1);
		archive_put(engine->archive, TABLE_NAMES, (struct span){key, sizeof key},
			state_text(engine->state, engine->names_kept + 1));
	}
}

/* The hash at the number that the archive reaches with this round: the proof, at the next start, that the two belong together. */
static void project_chain(struct engine *engine)
{
	struct journal *journal = engine->journal;
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct span unused;

	memcpy(hash, journal->last_hash, sizeof hash);
	if (state_last_seq(engine->state) != journal->last_seq) { /* while a start catches up */
		if (journal->ops->read_begin(journal))
			return;
		if (journal->ops->read(journal, state_last_seq(engine->state), &unused, hash))
			memset(hash, 0, sizeof hash);
		journal->ops->read_end(journal);
	}
	archive_put(engine->archive, TABLE_SCALARS, span_of("chain"), (struct span){(const char *)hash, sizeof hash});
}

static void project_scalars(struct engine *engine)
{
	int64_t scalars[] = {state_now(engine->state), state_next_number(engine->state), state_policy_version(engine->state)};

	buf_clear(&engine->encoded);
	state_write_watch(engine->state, &engine->encoded);
	archive_put(engine->archive, TABLE_SCALARS, span_of("watch"), buf_span(&engine->encoded));
	archive_put(engine->archive, TABLE_SCALARS, span_of("scalars"), (struct span){(const char *)scalars, sizeof scalars});
}

void project_round(struct engine *engine)
{
	struct touched *touched, *next;

	HASH_ITER(hh, engine->touched, touched, next) {
		const struct casefile *casefile = state_case(engine->state, touched->number);
		if (casefile)
			project_case(engine, touched, casefile);
		HASH_DEL(engine->touched, touched);
		free(touched);
	}
	project_names(engine);
	project_scalars(engine);
	project_chain(engine);
	archive_hand_over(engine->archive, state_last_seq(engine->state));
}
