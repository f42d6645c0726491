/* Policies by version.
 *
 * Owns the compiled policies and what the decision prepared from them. Never fetches: the worker's loop asks the daemon and puts the
 * answer here. A version that does not compile keeps its place with the first finding in words, so that its tasks fail
 * at once instead of being compiled again each. Invariant: a place is used by one version only, and what is handed out stays
 * valid until the next shelf_put or shelf_clear. */
#include "workers/shelf.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/codec.h"

static void place_empty(struct shelf *shelf, struct shelf_place *place)
{
	if (place->prepared && shelf->care.release)
		shelf->care.release(place->prepared);
	policy_free(place->policy);
	*place = (struct shelf_place){0};
}

const struct shelf_place *shelf_find(struct shelf *shelf, int64_t version)
{
	for (size_t i = 0; i < SHELF_PLACES; i++) {
		struct shelf_place *place = &shelf->places[i];
		if (place->version == version && version) {
			place->used = ++shelf->uses;
			return place;
		}
	}
	return NULL;
}

static struct shelf_place *place_to_take(struct shelf *shelf, int64_t version)
{
	struct shelf_place *oldest = &shelf->places[0];

	for (size_t i = 0; i < SHELF_PLACES; i++) {
		if (shelf->places[i].version == version)
			return &shelf->places[i];
		if (shelf->places[i].used < oldest->used)
			oldest = &shelf->places[i];
	}
	return oldest;
}

static struct policy *compile(struct span files, char *error, size_t error_size)
{
	struct span rest, map;
	size_t room = list_open(files, &rest), count = 0;
	struct policy_file *file = must_calloc(room, sizeof *file);
	struct record *record = must_calloc(1, sizeof *record);
	struct findings findings = {0};
	struct flaw flaw;

	while (count < room && frame_next(&rest, &map)) {
		if (codec_read_lenient(map, record, &flaw) || !record_has(record, name) || !record_has(record, content))
			continue;
		file[count++] = (struct policy_file){record->name, record->content};
	}
	struct policy *policy = policy_compile(file, count, &findings);
	for (size_t i = 0; !policy && i < findings.count; i++) {
		const struct finding *row = &findings.rows[i];
		if (row->warning)
			continue;
		struct span message = span_cut(span_of(row->message), 180); /* it becomes a field of a request, and must end with a whole character */
		snprintf(error, error_size, "%s:%lld: %.*s", row->file, (long long)row->row, SPAN_ARGS(message));
		break;
	}
	findings_free(&findings);
	free(record);
	free(file);
	return policy;
}

const struct shelf_place *shelf_put(struct shelf *shelf, int64_t version, struct span files)
{
	struct shelf_place *place = place_to_take(shelf, version);

	place_empty(shelf, place);
	place->version = version;
	place->used = ++shelf->uses;
	place->policy = compile(files, place->error, sizeof place->error);
	if (place->policy) {
		place->policy->version = version;
		place->prepared = shelf->care.prepare ? shelf->care.prepare(place->policy) : NULL;
	}
	return place;
}

void shelf_clear(struct shelf *shelf)
{
	for (size_t i = 0; i < SHELF_PLACES; i++)
		place_empty(shelf, &shelf->places[i]);
}
