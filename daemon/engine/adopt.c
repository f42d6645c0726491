/* Policies: checked, adopted as an event that holds their whole text, and compiled again from that event when one is needed: the newest version, and
 * those by which the clocks of the cases in memory were set. A city changes its catalogue every week, and one of its policies takes ten megabytes. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/compare.h"
#include "policy/compile.h"

/* Changes told in one answer; how many more there are is told too. */
#define CHANGES_TOLD 1000
#define VERSIONS_TOLD 100

/* The files of a LIST field; names and contents are borrowed. Free the array. */
static struct policy_file *files_of(struct span list, size_t *ret_count)
{
	struct span maps, map;
	size_t room = list_open(list, &maps), count = 0;
	struct policy_file *files = must_calloc(room + 1, sizeof *files);
	struct record *one = must_calloc(1, sizeof *one);
	struct flaw flaw;

	while (count < room && frame_next(&maps, &map))
		if (codec_read_lenient(map, one, &flaw) == 0 && record_has(one, name) && record_has(one, content))
			files[count++] = (struct policy_file){one->name, one->content};
	free(one);
	*ret_count = count;
	return files;
}

static struct policy *compile(struct span list, struct findings *findings)
{
	size_t count;
	struct policy_file *files = files_of(list, &count);
	struct policy *policy = policy_compile(files, count, findings);

	free(files);
	return policy;
}

static struct span findings_list(const struct findings *findings, struct buf *buf)
{
	struct list_writer list;
	struct record one;

	list_begin(&list, buf, CODEC_NAMES);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *row = &findings->rows[i];
		record_clear(&one);
		record_set(&one, file, span_of(row->file ? row->file : ""));
		record_set(&one, row, row->row);
		record_set(&one, column, row->column);
		record_set(&one, level, span_of(row->warning ? "warning" : "error"));
		record_set(&one, message, span_of(row->message));
		list_add(&list, &one);
	}
	return list_end(&list);
}

static void change_list_add(struct list_writer *list, const char *file, const char *name, const char *level, const char *message)
{
	struct record one;

	record_clear(&one);
	record_set(&one, file, span_of(file));
	record_set(&one, name, span_of(name));
	record_set(&one, level, span_of(level));
	record_set(&one, message, span_of(message));
	list_add(list, &one);
}

/* What the new policy changes; a first policy would only add, so nothing is told. */
static struct span changes_list(const struct policy *before, const struct policy *after, struct buf *buf)
{
	struct changes changes = {0};
	struct list_writer list;
	char more[64];

	if (before)
		policy_compare(before, after, &changes);
	list_begin(&list, buf, CODEC_NAMES);
	for (size_t i = 0; i < changes.count && i < CHANGES_TOLD; i++)
		change_list_add(&list, changes.rows[i].file, changes.rows[i].name, change_words[changes.rows[i].kind], changes.rows[i].message);
	if (changes.count > CHANGES_TOLD) {
		snprintf(more, sizeof more, "%zu more changes are not listed", changes.count - CHANGES_TOLD);
		change_list_add(&list, "policy.yaml", "", change_words[CHANGE_CHANGED], more);
	}
	changes_free(&changes);
	return list_end(&list);
}

void adopt_note(struct engine *engine, int64_t version, int64_t seq, bool archived)
{
	char key[8], value[8];

	if ((size_t)version >= engine->policy_seq_count) {
		engine->policy_seqs = must_realloc(engine->policy_seqs, ((size_t)version + 1) * sizeof *engine->policy_seqs);
		while (engine->policy_seq_count <= (size_t)version)
			engine->policy_seqs[engine->policy_seq_count++] = 0;
	}
	engine->policy_seqs[version] = seq;
	if (archived)
		return;
	number_key(key, version);
	number_key(value, seq);
	archive_put(engine->archive, TABLE_POLICIES, (struct span){key, sizeof key}, (struct span){value, sizeof value});
}

bool adopt_version(struct engine *engine, int64_t version, char *error, size_t error_size)
{
	int64_t seq = version > 0 && (size_t)version < engine->policy_seq_count ? engine->policy_seqs[version] : 0;
	struct findings findings = {0};
	struct record *event;
	struct policy *policy = NULL;

	if (state_policy_of(engine->state, version))
		return true;
	event = must_calloc(1, sizeof *event);
	if (seq && engine->journal->ops->read_begin(engine->journal) == 0) {
		if (journal_record(engine, seq, event))
			policy = compile(event->files, &findings);
		engine->journal->ops->read_end(engine->journal);
	}
	if (policy) {
		policy->version = version;
		state_take_policy(engine->state, policy);
	} else {
		const struct finding *row = findings.count ? &findings.rows[0] : NULL;
		snprintf(error, error_size, "policy version %lld of journal record %lld cannot be compiled any more: %s:%lld: %s",
			(long long)version, (long long)seq, row && row->file ? row->file : "?", row ? (long long)row->row : 0, row ? row->message : "the record cannot be read");
	}
	free(event);
	findings_free(&findings);
	return policy != NULL;
}

bool adopt_for_case(struct engine *engine, const struct casefile *casefile, char *error, size_t error_size)
{
	int64_t version;

	while (casefile && (version = state_missing_policy(engine->state, casefile)))
		if (!adopt_version(engine, version, error, error_size))
			return false;
	return true;
}

static void answer(struct engine *engine, const struct caller *caller, const struct findings *findings, struct span changes, int64_t version, int64_t seq)
{
	struct record reply;
	struct buf list = {0};

	reply_begin(caller, &reply);
	if (findings->errors) {
		record_set(&reply, error, ERROR_bad_policy);
		record_set(&reply, message, span_of(error_text(ERROR_bad_policy)));
		record_set(&reply, field, span_of(field_name(FIELD_files)));
		figure_add(engine, "refused_bad_policy", 1);
	}
	if (version)
		record_set(&reply, policy, version);
	if (seq)
		record_set(&reply, seq, seq);
	record_set(&reply, findings, findings_list(findings, &list));
	if (changes.len)
		record_set(&reply, changes, changes);
	peer_send(engine, caller->peer, &reply);
	buf_free(&list);
}

void adopt_check(struct engine *engine, const struct caller *caller)
{
	struct findings findings = {0};

	struct policy *policy = compile(caller->request->files, &findings);
	if (policy)
		policy_review(policy, engine->now, &findings);
	policy_free(policy);
	answer(engine, caller, &findings, (struct span){0}, 0, 0);
	findings_free(&findings);
}

/* Every open case's stage by the new policy, in the same round as the adoption: either all of it is stored or nothing. A
 * million open cases take some seconds, in which nobody is answered. */
static void restage(struct engine *engine)
{
	size_t count;
	int64_t *numbers = state_open_numbers(engine->state, &count);
	struct record command;

	record_clear(&command);
	record_set(&command, command, COMMAND_restage);
	for (size_t i = 0; i < count && !engine->fault[0]; i++) {
		record_set(&command, case_id, numbers[i]);
		round_decide(engine, &command);
	}
	free(numbers);
}

static int64_t adopt(struct engine *engine, const struct record *request, struct policy *policy)
{
	int64_t seq = state_last_seq(engine->state) + 1;
	struct record event;

	policy->version = state_policy_version(engine->state) + 1;
	record_clear(&event);
	record_set(&event, event, EVENT_policy_adopted);
	record_set(&event, at, engine->now);
	record_set(&event, policy, policy->version);
	record_set(&event, policy_name, policy->name);
	record_set(&event, files, request->files);
	record_copy(&event, request, actor);
	record_copy(&event, request, reason);
	record_copy(&event, request, restage);
	record_copy(&event, request, request);
	state_take_policy(engine->state, policy);
	adopt_note(engine, policy->version, seq, false);
	round_record(engine, &event, NULL);
	if (record_get(request, restage, false))
		restage(engine);
	state_drop_unneeded_policies(engine->state);
	return seq;
}

void adopt_apply(struct engine *engine, const struct caller *caller)
{
	struct findings findings = {0};
	struct policy *policy = compile(caller->request->files, &findings);
	struct span changes = {0};
	struct buf list = {0};
	int64_t version = 0, seq = 0;

	if (engine->no_room && !record_get(caller->request, dry_run, false)) {
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, room_refusal(engine));
		policy_free(policy);
		findings_free(&findings);
		return;
	}
	if (policy) {
		policy_review(policy, engine->now, &findings);
		changes = changes_list(state_policy(engine->state), policy, &list);
	}
	if (policy && !record_get(caller->request, dry_run, false)) {
		seq = adopt(engine, caller->request, policy);
		version = state_policy_version(engine->state);
	} else {
		policy_free(policy);
	}
	answer(engine, caller, &findings, changes, version, seq);
	buf_free(&list);
	findings_free(&findings);
}

void adopt_read(struct engine *engine, const struct caller *caller)
{
	int64_t version = record_get(caller->request, policy, state_policy_version(engine->state));
	int64_t seq = version > 0 && (size_t)version < engine->policy_seq_count ? engine->policy_seqs[version] : 0;
	struct record reply;

	if (round_commit(engine) || engine->journal->ops->read_begin(engine->journal))
		return;
	if (!seq || !journal_record(engine, seq, &engine->scratch)) {
		reply_refusal(engine, caller, version ? ERROR_unknown_policy : ERROR_no_policy, FIELD_policy, NULL);
	} else {
		reply_begin(caller, &reply);
		record_set(&reply, policy, version);
		record_copy(&reply, &engine->scratch, policy_name);
		record_copy(&reply, &engine->scratch, files);
		record_copy(&reply, &engine->scratch, at);
		record_set(&reply, seq, seq);
		peer_send(engine, caller->peer, &reply);
	}
	engine->journal->ops->read_end(engine->journal);
}

/* One adopted policy: its event without the files. False when the journal no longer has it. */
static bool version_add(struct engine *engine, struct list_writer *list, int64_t version)
{
	unsigned char hash[JOURNAL_HASH_BYTES];
	struct record one;
	struct span bytes;
	struct flaw flaw;
	int64_t seq = engine->policy_seqs[version];

	if (!seq || engine->journal->ops->read(engine->journal, seq, &bytes, hash) || codec_read_lenient(bytes, &engine->scratch, &flaw))
		return false;
	record_clear(&one);
	record_set(&one, policy, version);
	record_set(&one, seq, seq);
	record_copy(&one, &engine->scratch, policy_name);
	record_copy(&one, &engine->scratch, at);
	record_copy(&one, &engine->scratch, actor);
	record_copy(&one, &engine->scratch, reason);
	record_copy(&one, &engine->scratch, restage);
	record_set(&one, hash, ((struct span){(const char *)hash, sizeof hash}));
	list_add(list, &one);
	return true;
}

void adopt_list(struct engine *engine, const struct caller *caller)
{
	int64_t most = record_get(caller->request, count, VERSIONS_TOLD);
	struct list_writer list;
	struct record reply;
	struct buf buf = {0};

	if (round_commit(engine) || engine->journal->ops->read_begin(engine->journal))
		return;
	list_begin(&list, &buf, CODEC_NAMES);
	for (int64_t version = (int64_t)engine->policy_seq_count - 1; version > 0 && most > 0; version--)
		most -= version_add(engine, &list, version);
	engine->journal->ops->read_end(engine->journal);
	reply_begin(caller, &reply);
	record_set(&reply, policy, state_policy_version(engine->state));
	record_set(&reply, versions, list_end(&list));
	peer_send(engine, caller->peer, &reply);
	buf_free(&buf);
}
