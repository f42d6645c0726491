/* The stage's properties: policies read once, compiled once as long as the same one is not asked for twice at a time (a compile takes
 * longer than a whole input), settings, and records for the journal. */
#include "tests/fuzz/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "policy/compile.h"

static struct buf lists[3];
static struct span policies[3];

static void list_files(struct list_writer *list, const char *folder, const char *only)
{
	struct policy_file *files;
	struct record one;
	size_t count;
	char error[300];

	FUZZ_CHECK(policy_files_read(folder, &files, &count, error, sizeof error) == 0, "%s", error);
	for (size_t i = 0; i < count; i++) {
		if (only && !span_is(files[i].name, only))
			continue;
		record_clear(&one);
		record_set(&one, name, files[i].name);
		record_set(&one, content, files[i].content);
		list_add(list, &one);
	}
	policy_files_free(files, count);
}

/* Town with what full, which lies over it, does not replace. */
static void list_full(struct list_writer *list)
{
	static const char *const below[] = {"areas.csv", "calendars.yaml", "categories.csv", "duties.csv", "units.csv"};

	list_files(list, FUZZ_POLICIES "/full", NULL);
	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		list_files(list, FUZZ_POLICIES "/town", below[i]);
}

const struct span *stage_policies(size_t *ret_count)
{
	struct list_writer list;

	for (int i = 0; !policies[0].len && i < 3; i++) {
		list_begin(&list, &lists[i], CODEC_NAMES);
		if (i == 0)
			list_full(&list);
		else
			list_files(&list, i == 1 ? FUZZ_POLICIES "/town" : FUZZ_POLICIES "/full", NULL); /* the last one does not compile */
		if (i == 2)
			policies[0] = buf_span(&lists[0]);
		policies[i] = list_end(&list);
	}
	policies[0] = buf_span(&lists[0]);
	*ret_count = 3;
	return policies;
}

void stage_settings(struct settings *settings, bool driven)
{
	static const struct { const char *name, *unit, *area; unsigned roles; } actors[] = {
		{"ana", NULL, "370102", ROLE_BIT(supervisor)}, {"ben", "works", NULL, ROLE_BIT(unit)}, {"cem", NULL, NULL, ROLE_BIT(intake)},
	};

	settings_default(settings);
	log_set_level(LOG_LEVEL_ERROR);
	if (driven) {
		free(settings->daemon_clock);
		settings->daemon_clock = span_dup(span_of("driven"));
		free(settings->daemon_driven_start);
		settings->daemon_driven_start = span_dup(span_of("2026-09-21T13:33:20Z"));
	}
	settings->limits_open_cases = 30;
	settings->limits_page_cases = 5;
	settings->limits_page_bytes = 4096;
	settings->limits_scan_rows = 20;
	settings->limits_waiting_requests = 4;
	settings->limits_peers = 8;
	settings->limits_peer_requests = 6;
	settings->limits_peer_bytes = 65536;
	settings->limits_remembered_requests = 8;
	settings->limits_audited_refusals = 5;
	settings->limits_round_requests = 3;
	settings->actors = must_calloc(3, sizeof *settings->actors);
	settings->actor_count = 3;
	for (int i = 0; i < 3; i++)
		settings->actors[i] = (struct actor_setting){span_dup(span_of(actors[i].name)), actors[i].roles,
			actors[i].unit ? span_dup(span_of(actors[i].unit)) : NULL, actors[i].area ? span_dup(span_of(actors[i].area)) : NULL};
}

void stage_append_raw(struct journal *journal, struct span bytes)
{
	FUZZ_CHECK(journal->ops->append(journal, journal->last_seq + 1, bytes) == 0 && journal->ops->commit(journal) == 0, "%s", journal->error);
}

void stage_append(struct journal *journal, const struct record *event)
{
	struct buf bytes = {0};

	codec_write(&bytes, event, CODEC_NUMBERS);
	stage_append_raw(journal, buf_span(&bytes));
	buf_free(&bytes);
}

void stage_adoption(struct record *ret, const struct span *files, int64_t version, int64_t at)
{
	record_clear(ret);
	record_set(ret, event, EVENT_policy_adopted);
	record_set(ret, at, at);
	record_set(ret, policy, version);
	record_set(ret, policy_name, span_of("town"));
	record_set(ret, files, *files);
}

/* ---- a policy is compiled once: the linker sends policy_compile and policy_free here. It is immutable but for its version, so that all who
 * ask for the same one get the same tables, each under a struct of its own. ---- */

#define SHELF 16
static struct master {
	uint64_t key;
	struct policy *policy;
} shelf[SHELF];

struct policy *__real_policy_compile(const struct policy_file *files, size_t file_count, struct findings *findings);
void __real_policy_free(struct policy *policy);
struct policy *__wrap_policy_compile(const struct policy_file *files, size_t file_count, struct findings *findings);
void __wrap_policy_free(struct policy *policy);

static struct policy *policy_lend(const struct policy *master)
{
	struct policy *lent = must_calloc(1, sizeof *lent);

	*lent = *master;
	return lent;
}

struct policy *__wrap_policy_compile(const struct policy_file *files, size_t file_count, struct findings *findings)
{
	struct policy *made;
	uint64_t key = file_count;
	int place = -1;

	for (size_t i = 0; i < file_count; i++)
		key = (key * 31 + span_hash(files[i].name)) * 31 + span_hash(files[i].content);
	for (int i = 0; i < SHELF; i++)
		if (shelf[i].policy && shelf[i].key == key)
			return policy_lend(shelf[i].policy);
		else if (!shelf[i].policy)
			place = i;
	made = __real_policy_compile(files, file_count, findings);
	if (!made || place < 0 || findings->count)
		return made;
	shelf[place] = (struct master){key, made};
	return policy_lend(made);
}

void __wrap_policy_free(struct policy *policy)
{
	for (int i = 0; policy && i < SHELF; i++)
		if (shelf[i].policy && shelf[i].policy->arena == policy->arena) {
			free(policy);
			return;
		}
	__real_policy_free(policy);
}
