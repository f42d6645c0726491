/* How good the offered candidates for "the same thing" are, on a quarter of Boston's requests.
 *
 * Every request is taken through the real code in the order of opening: the example's mapping makes the report, core/decide opens the case, its
 * neighbours become the triage task as the engine builds it, and the worker's triage decision offers up to three. Cases are closed when the city closed
 * them, so only what was still open can be offered.
 *
 * What counts as the truth, for want of a better one: B repeats A when both have one type and one address in words (not blank), and B was opened at most
 * seven days after A. The city never said which reports it took for the same thing.
 *   recall     of the requests that repeat one which is still open: how many are offered at least one such
 *   recall_all the same of all that repeat one, closed or not: what is closed is not offered, by design
 *   precision  of all candidates offered: how many the request repeats. A lower bound: the same pothole seen from next door is no repeat here.
 *   n          requests that repeat one which is still open
 * Measured twice: with the city's coordinates as they are, and without those of city hall, which stand for 2,462 places that the city's geocoder did
 * not find and put everything that was not found at one place. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "clients/cli/mapping.h"
#include "clients/cli/moment.h"
#include "clients/cli/rows.h"
#include "core/decide.h"
#include "engine/task_build.h"
#include "figures.h"
#include "policy/compile.h"
#include "schema/codec.h"
#include "workers/triage.h"

#define ZONE "America/New_York"
#define WEEK_MS INT64_C(604800000)
#define YEARS_MS INT64_C(3155760000000)

/* One type at one address: its requests, newest first. */
struct spot {
	UT_hash_handle hh;
	char *key;
	struct request *newest;
};

struct request {
	struct span texts; /* of the report, owned */
	struct record report;
	int64_t opened, closed, number; /* closed INT64_MAX: never */
	struct spot *spot;              /* NULL: no address */
	struct request *before;         /* in the same spot */
};

struct counts {
	int64_t requests, repeats, repeats_of_open, found, offered, right;
};

struct city {
	struct policy *policy; /* the state's, once it is adopted */
	struct words *words;
	struct state *state;
	struct decision *decision;
	struct request **requests, **by_number;
	size_t count, room;
	struct spot *spots;
	bool located; /* without the stand-in coordinates */
	struct buf scratch, lists;
	struct record command, task, result, opened;
	struct counts counts;
};

/* --- reading --- */

static struct policy *policy_read(const char *directory)
{
	struct policy_file *files;
	struct findings findings = {0};
	char error[256];
	size_t count;

	if (policy_files_read(directory, &files, &count, error, sizeof error)) {
		fprintf(stderr, "%s\n", error);
		return NULL;
	}
	struct policy *policy = policy_compile(files, count, &findings);
	if (!policy)
		fprintf(stderr, "%s: reeve policy check tells what is wrong with it\n", directory);
	findings_free(&findings);
	policy_files_free(files, count);
	return policy;
}

static struct spot *spot_of(struct city *city, struct span type, struct span address)
{
	struct buf key = {0};
	struct spot *spot;

	buf_add_span(&key, type);
	buf_add(&key, "\n", 1);
	buf_add_span(&key, address);
	HASH_FIND(hh, city->spots, key.data, key.len, spot);
	if (!spot) {
		spot = must_calloc(1, sizeof *spot);
		spot->key = span_dup(buf_span(&key));
		HASH_ADD_KEYPTR(hh, city->spots, spot->key, key.len, spot);
	}
	buf_free(&key);
	return spot;
}

/* The report's texts are moved into the request's own bytes. */
static void report_keep(struct request *request, const struct record *report)
{
	struct buf bytes = {0};
	struct flaw flaw;

	codec_write(&bytes, report, CODEC_NAMES);
	request->texts = (struct span){bytes.data, bytes.len};
	if (codec_read(request->texts, &request->report, &flaw))
		fprintf(stderr, "a report cannot be read back: %s\n", flaw.detail);
}

static void row_take(struct city *city, const struct rows *rows, const struct record *report)
{
	struct request *request = must_calloc(1, sizeof *request);

	report_keep(request, report);
	request->opened = report->reported_at;
	if (!moment_read(rows_cell(rows, rows_column(rows, "closed_dt")), ZONE, &request->closed))
		request->closed = INT64_MAX;
	if (record_has(&request->report, address) && request->report.address.len)
		request->spot = spot_of(city, request->report.category, request->report.address);
	if (city->count == city->room) {
		city->room = city->room ? city->room * 2 : 1024;
		city->requests = must_realloc(city->requests, city->room * sizeof(*city->requests));
	}
	city->requests[city->count++] = request;
}

/* 42.3594, -71.0587 */
static void stand_in_drop(struct record *report)
{
	if (fabs(record_get(report, latitude, 0) - 42.3594) > 1e-6 || fabs(record_get(report, longitude, 0) + 71.0587) > 1e-6)
		return;
	record_drop(report, FIELD_latitude);
	record_drop(report, FIELD_longitude);
}

static bool requests_read(struct city *city, const char *table, const char *map)
{
	char error[512];
	struct rows *rows = rows_open(table, error, sizeof error);
	struct mapping *mapping = rows ? mapping_open(map, NULL, error, sizeof error) : NULL;
	struct record report;
	int found = -1;

	if (mapping && mapping_bind(mapping, rows, error, sizeof error)) {
		while ((found = rows_next(rows)) > 0) {
			if (!mapping_report(mapping, rows, &report, error, sizeof error))
				continue;
			if (city->located)
				stand_in_drop(&report);
			row_take(city, rows, &report);
		}
	}
	if (found)
		fprintf(stderr, "%s: %s\n", table, error);
	mapping_close(mapping);
	rows_close(rows);
	return found == 0;
}

/* --- living through it --- */

static void apply(struct city *city, const struct record *event)
{
	state_apply(city->state, state_last_seq(city->state) + 1, event);
}

/* 0, or the refusal. */
static int ask_core(struct city *city, int64_t now, const struct record *command)
{
	int refused = decide(city->state, now, command, city->decision);

	for (size_t i = 0; !refused && i < city->decision->count; i++)
		apply(city, &city->decision->events[i]);
	return refused;
}

static void adopt(struct city *city, int64_t at)
{
	struct record event;

	city->policy->version = 1;
	state_take_policy(city->state, city->policy);
	record_clear(&event);
	record_set(&event, event, EVENT_policy_adopted);
	record_set(&event, at, at);
	record_set(&event, policy, 1);
	record_set(&event, policy_name, city->policy->name);
	apply(city, &event);
	state_set_limits(city->state, (struct state_limits){.future_ms = YEARS_MS, .past_ms = YEARS_MS, .open_cases = 1000000});
}

static int closing_order(const void *a, const void *b)
{
	const struct request *one = *(struct request *const *)a, *other = *(struct request *const *)b;

	if (one->closed != other->closed)
		return one->closed < other->closed ? -1 : 1;
	return one->opened < other->opened ? -1 : one->opened > other->opened;
}

static void close_until(struct city *city, struct request **closings, size_t *at, int64_t now)
{
	for (; *at < city->count && closings[*at]->closed <= now; ++*at) {
		struct request *request = closings[*at];
		if (!request->number || !state_case(city->state, request->number))
			continue;
		record_clear(&city->command);
		record_set(&city->command, command, COMMAND_close);
		record_set(&city->command, case_id, request->number);
		record_set(&city->command, outcome, OUTCOME_solved);
		record_set(&city->command, result, span_of("done"));
		record_set(&city->command, reason, span_of("done"));
		int refused = ask_core(city, now, &city->command);
		if (refused)
			fprintf(stderr, "a case cannot be closed: error %d\n", refused);
	}
}

static bool repeats(const struct request *later, const struct request *earlier)
{
	return earlier->spot && earlier->spot == later->spot && later->opened - earlier->opened <= WEEK_MS;
}

/* Whether it repeats anything, or anything that is open. */
static bool repeats_any(const struct city *city, const struct request *request, bool open)
{
	for (const struct request *earlier = request->spot ? request->spot->newest : NULL; earlier && repeats(request, earlier); earlier = earlier->before) {
		const struct casefile *casefile = state_case(city->state, earlier->number);
		if (!open || (casefile && casefile->state != STATE_closed))
			return true;
	}
	return false;
}

static void candidates_count(struct city *city, const struct request *request)
{
	struct span rest, map;
	struct record candidate;
	struct flaw flaw;
	bool found = false;

	list_open(record_get(&city->result, similar, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		if (codec_read_lenient(map, &candidate, &flaw))
			continue;
		bool right = repeats(request, city->by_number[candidate.case_id]);
		city->counts.offered++;
		city->counts.right += right;
		found = found || right;
	}
	city->counts.found += found;
}

/* Opens the case, has it triaged, and counts what the triage offered. */
static bool request_live(struct city *city, struct request *request)
{
	struct record *command = &city->command;

	*command = request->report;
	record_set(command, command, COMMAND_submit);
	if (ask_core(city, request->opened, command))
		return false;
	request->number = city->decision->number;
	city->by_number[request->number] = request;
	const struct casefile *casefile = state_case(city->state, request->number);
	struct task_wanted_work work = {.task = TASK_triage, .fence = stage_fence(casefile)};
	city->opened = request->report;
	buf_clear(&city->scratch);
	task_build(city->state, request->opened, casefile, &work, &city->opened, &city->lists, &city->task);
	if (triage_decide(city->words, city->policy, &city->task, &city->scratch, &city->result) != DECISION_MADE)
		return false;
	city->counts.requests++;
	city->counts.repeats += repeats_any(city, request, false);
	city->counts.repeats_of_open += repeats_any(city, request, true);
	candidates_count(city, request);
	if (request->spot) {
		request->before = request->spot->newest;
		request->spot->newest = request;
	}
	return ask_core(city, request->opened, &city->result) == 0;
}

static bool city_live(struct city *city)
{
	struct request **closings = must_calloc(city->count + 1, sizeof(*closings));
	size_t closing = 0;
	bool good = true;

	memcpy(closings, city->requests, city->count * sizeof(*closings));
	qsort(closings, city->count, sizeof(*closings), closing_order);
	city->by_number = must_calloc(city->count + 2, sizeof(*city->by_number));
	adopt(city, city->requests[0]->opened);
	for (size_t i = 0; i < city->count && good; i++) {
		close_until(city, closings, &closing, city->requests[i]->opened);
		good = request_live(city, city->requests[i]);
		if (!good)
			fprintf(stderr, "row %zu was not taken\n", i + 1);
	}
	free(closings);
	return good;
}

static void city_free(struct city *city)
{
	struct spot *spot, *next;

	HASH_ITER(hh, city->spots, spot, next) {
		HASH_DEL(city->spots, spot);
		free(spot->key);
		free(spot);
	}
	for (size_t i = 0; i < city->count; i++) {
		free((char *)city->requests[i]->texts.data);
		free(city->requests[i]);
	}
	free(city->requests);
	free(city->by_number);
	words_free(city->words);
	state_free(city->state);
	free(city->decision);
	buf_free(&city->scratch);
	buf_free(&city->lists);
}

static double share(int64_t part, int64_t all)
{
	return all ? (double)part / (double)all : 0;
}

static bool figure(const char *examples, bool located)
{
	struct city *city = must_calloc(1, sizeof *city);
	char path[3][4096];

	city->located = located;
	snprintf(path[0], sizeof path[0], "%s/boston", examples);
	snprintf(path[1], sizeof path[1], "%s/boston/boston311-2011q3.csv.gz", examples);
	snprintf(path[2], sizeof path[2], "%s/boston/import.yaml", examples);
	city->policy = policy_read(path[0]);
	bool good = city->policy && requests_read(city, path[1], path[2]) && city->count;
	if (good) {
		city->state = state_new();
		city->decision = must_calloc(1, sizeof *city->decision);
		city->words = triage_words(city->policy);
		good = city_live(city);
	} else {
		policy_free(city->policy);
	}
	const struct counts *counts = &city->counts;
	if (good)
		printf("figures similar boston%s top=3 precision=%.3f recall=%.3f n=%" PRId64 " recall_all=%.3f repeats=%" PRId64 " offered=%" PRId64 " requests=%" PRId64 "\n",
			located ? " without stand-in coordinates" : "", share(counts->right, counts->offered), share(counts->found, counts->repeats_of_open), counts->repeats_of_open,
			share(counts->found, counts->repeats), counts->repeats, counts->offered, counts->requests);
	city_free(city);
	free(city);
	return good;
}

bool figures_similar(const char *examples)
{
	bool as_they_are = figure(examples, false), located = figure(examples, true);

	return as_they_are && located;
}
