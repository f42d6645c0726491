/* The workloads, and the notes they leave. Owns what it opens; writes nothing but through journal, archive, engine and backup, and its notes.
 *
 * Notes of rows and commits are taken at the journal's own seam (its operations are replaced by ones that pass everything on), so that they
 * are the same with and without an engine on top. */
#include "tests/storage/workload_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "lock.h"
#include "policy/compile.h"

#define NOTE_MOST 160
#define ROUND_MS 60000
#define CITY_RESTART 7 /* rounds */

const char *const workload_names[WORKLOAD_COUNT] = {"plain", "city", "backup", "prune", "import"};

/* ---- notes ---- */

static struct spy {
	const struct workload *workload;
	const struct journal_ops *inner;
	struct journal_ops ops;
	int64_t pending;
} spy;

void note(const char *format, ...)
{
	char line[NOTE_MOST];
	va_list list;

	va_start(list, format);
	int len = vsnprintf(line, sizeof line, format, list);
	va_end(list);
	if (write(spy.workload->notes, line, (size_t)len) != len)
		_exit(99);
}

static int spy_append(struct journal *journal, int64_t seq, struct span record)
{
	int result = spy.inner->append(journal, seq, record);

	if (!result)
		spy.pending = seq;
	return result;
}

static int spy_private_put(struct journal *journal, int64_t number, struct span row)
{
	note("row %" PRId64 " %" PRIx64 "\n", number, row.len ? span_hash(row) : 0);
	return spy.inner->private_put(journal, number, row);
}

static int spy_commit(struct journal *journal)
{
	if (spy.workload->early && spy.pending)
		note("acknowledged %" PRId64 "\n", spy.pending);
	int result = spy.inner->commit(journal);
	if (!result && spy.pending)
		note("committed %" PRId64 "\n", journal->last_seq);
	spy.pending = 0;
	return result;
}

static void spy_on(struct journal *journal)
{
	spy.inner = journal->ops;
	spy.ops = *journal->ops;
	spy.ops.append = spy_append;
	spy.ops.private_put = spy_private_put;
	spy.ops.commit = spy_commit;
	spy.pending = 0;
	journal->ops = &spy.ops;
}

/* ---- opening ---- */

void workload_state(enum workload_kind kind, const char *directory, char ret_path[WORKLOAD_PATH_MOST])
{
	snprintf(ret_path, WORKLOAD_PATH_MOST, "%s%s", directory, kind == WORKLOAD_CITY ? "/state" : "");
}

int complain(const char *error)
{
	fprintf(stderr, "%s\n", error);
	return 5;
}

void store_close(struct store *store)
{
	archive_close(store->archive);
	if (store->journal)
		store->journal->ops->close(store->journal);
	if (store->lock >= 0)
		close(store->lock);
	*store = (struct store){.lock = -1};
}

int store_open(const struct workload *workload, int64_t format, struct store *store)
{
	char error[512] = "", state[WORKLOAD_PATH_MOST];

	*store = (struct store){.lock = -1};
	workload_state(workload->kind, workload->directory, state);
	if (workload->kind == WORKLOAD_CITY && (store->lock = state_lock(state, error, sizeof error)) < 0)
		return complain(error);
	store->journal = journal_lmdb_open(state, WORKLOAD_MAP_BYTES, error, sizeof error);
	if (!store->journal) {
		store_close(store);
		return complain(error);
	}
	spy_on(store->journal);
	/* What is read at a start is answered to whoever asks for it, without another commit. */
	if (store->journal->last_seq)
		note("acknowledged %" PRId64 "\n", store->journal->last_seq);
	store->archive = archive_open(state, WORKLOAD_MAP_BYTES, format, NULL, NULL, NULL, error, sizeof error);
	if (store->archive)
		return 0;
	store_close(store);
	return complain(error);
}

/* ---- plain: journal, rows and archive by themselves ---- */

struct span plain_record(char *buffer, int64_t seq)
{
	/* Small ones, and now and then one that needs pages of its own. */
	size_t len = seq % 9 == 4 ? 5000 + (size_t)(seq * 131 % 6000) : 30 + (size_t)(seq * 37 % 600);

	for (size_t i = 0; i < len; i++)
		buffer[i] = (char)('a' + (seq * 31 + (int64_t)i * 7 + (int64_t)(i / 100)) % 26);
	return (struct span){buffer, len};
}

struct span plain_value(char *buffer, int64_t seq)
{
	struct span record = plain_record(buffer, seq * 3 + 1);

	return (struct span){record.data, record.len % 3000};
}

static void plain_change(int64_t seq, int *ret_table, int *ret_key, bool *ret_removes)
{
	*ret_table = (int)(seq % PLAIN_TABLES);
	*ret_key = (int)(seq * 5 % PLAIN_KEYS);
	*ret_removes = seq % 6 == 5;
}

void plain_archive(int64_t seq, int64_t ret_rows[PLAIN_TABLES][PLAIN_KEYS])
{
	int table, key;
	bool removes;

	memset(ret_rows, 0, sizeof(int64_t) * PLAIN_TABLES * PLAIN_KEYS);
	for (int64_t at = 1; at <= seq; at++) {
		plain_change(at, &table, &key, &removes);
		ret_rows[table][key] = removes ? 0 : at;
	}
}

static void plain_project(struct archive *archive, int64_t seq)
{
	char buffer[PLAIN_RECORD_MOST], name[16];
	int table, key;
	bool removes;

	plain_change(seq, &table, &key, &removes);
	snprintf(name, sizeof name, "key %03d", key);
	if (removes)
		archive_remove(archive, table, span_of(name));
	else
		archive_put(archive, table, span_of(name), plain_value(buffer, seq));
}

/* A few records with rows, one commit, then the word that it is safe. 0 or an exit code. */
int plain_round(const struct workload *workload, struct store *store, int round)
{
	struct journal *journal = store->journal;
	int64_t first = journal->last_seq + 1, last = journal->last_seq + 1 + round % 4;
	char buffer[PLAIN_RECORD_MOST];
	int failed = 0;

	for (int64_t seq = first; seq <= last && !failed; seq++) {
		failed = journal->ops->append(journal, seq, plain_record(buffer, seq));
		if (!failed)
			failed = journal->ops->private_put(journal, seq % 23, seq % 3 == 2 ? (struct span){0} : plain_record(buffer, seq % 40));
	}
	/* Pages that are taken and given back within one transaction: they may be behind the end of the file then, which LMDB does not write. */
	if (!failed && round % 3 == 1)
		failed = journal->ops->private_put(journal, 400, plain_record(buffer, 4)) || journal->ops->private_put(journal, 400, (struct span){0});
	if (!failed)
		failed = journal->ops->commit(journal);
	if (failed)
		return complain(journal->error);
	if (!workload->early)
		note("acknowledged %" PRId64 "\n", journal->last_seq);
	for (int64_t seq = first; seq <= last; seq++)
		plain_project(store->archive, seq);
	archive_hand_over(store->archive, last);
	return 0;
}

/* What the archive lacks is taken from the journal. */
static void plain_catch_up(struct store *store)
{
	for (int64_t seq = archive_reached(store->archive) + 1; seq <= store->journal->last_seq; seq++) {
		plain_project(store->archive, seq);
		archive_hand_over(store->archive, seq);
	}
}

static int plain_run(const struct workload *workload)
{
	struct store store;
	int code = store_open(workload, WORKLOAD_FORMAT, &store);

	if (!code)
		plain_catch_up(&store);
	for (int round = 0; !code && round < workload->rounds; round++) {
		if (round && round % 8 == 0) {
			store_close(&store);
			code = store_open(workload, WORKLOAD_FORMAT, &store);
			if (!code)
				plain_catch_up(&store);
		}
		if (!code)
			code = plain_round(workload, &store, round);
		if (!code && workload->loose)
			archive_hurry(store.archive, store.journal->last_seq);
		else if (!code && round % 3 == 2)
			archive_flush(store.archive);
	}
	store_close(&store);
	return code;
}

/* ---- city: the engine on top ---- */

void city_settings(struct settings *settings)
{
	settings_default(settings);
	log_set_level(LOG_LEVEL_ERROR);
	settings->store_low_room_bytes = 0;
	settings->limits_remembered_requests = 50;
}

static struct buf city_answer;

/* The last reply of all that is revealed. */
static bool city_replies(struct engine *engine, struct record *ret_reply)
{
	struct engine_output output;
	struct span map;
	struct flaw flaw;
	bool any = false;

	while (engine_output(engine, &output)) {
		if (output.door != DOOR_SERVICE)
			continue;
		buf_clear(&city_answer);
		buf_add_span(&city_answer, output.payload);
		any = true;
	}
	struct span rest = buf_span(&city_answer);
	while (any && frame_next(&rest, &map))
		if (codec_read_lenient(map, ret_reply, &flaw))
			return false;
	return any;
}

int city_ask(struct engine *engine, int64_t now, struct record *request, struct record *ret_reply)
{
	static struct buf frame;

	buf_clear(&frame);
	codec_write_all(&frame, request);
	engine_receive(engine, DOOR_SERVICE, span_of("desk"), buf_span(&frame));
	if (engine_turn(engine, now)) {
		fprintf(stderr, "%s\n", engine_fault(engine));
		return -1;
	}
	record_clear(ret_reply);
	if (!city_replies(engine, ret_reply)) {
		fprintf(stderr, "no reply that could be read\n");
		return -1;
	}
	return 0;
}

void city_report(struct record *request, int index)
{
	static char ref[24], text[600], name[40], id[24];
	static const char *const categories[] = {"light", "pothole", "water", "gas", "noise"};
	static const char *const areas[] = {"b1a", "b1b", "b2a", "b2b"};

	snprintf(ref, sizeof ref, "T%05d", index);
	snprintf(id, sizeof id, "submit-%d", index);
	snprintf(name, sizeof name, "Caller %d", index);
	snprintf(text, sizeof text, "Report %d: something is wrong here.%*s", index, index * 53 % 400, "");
	record_clear(request);
	record_set(request, command, COMMAND_submit);
	record_set(request, request, span_of(id));
	record_set(request, actor, span_of("desk"));
	record_set(request, source, span_of("storage"));
	record_set(request, source_ref, span_of(ref));
	record_set(request, text, span_of(text));
	record_set(request, category, span_of(categories[index % 5]));
	record_set(request, area, span_of(areas[index % 4]));
	if (index % 3 == 0)
		return;
	record_set(request, caller_name, span_of(name));
	record_set(request, caller_phone, span_of("+1 555 0100"));
}

static int city_adopt(struct engine *engine, const char *folder)
{
	struct policy_file *files = NULL;
	struct record request, one, reply;
	struct list_writer list;
	struct buf bytes = {0};
	size_t count = 0;
	char error[320];

	if (policy_files_read(folder, &files, &count, error, sizeof error))
		return complain(error);
	list_begin(&list, &bytes, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&one);
		record_set(&one, name, files[i].name);
		record_set(&one, content, files[i].content);
		list_add(&list, &one);
	}
	record_clear(&request);
	record_set(&request, command, COMMAND_policy_apply);
	record_set(&request, request, span_of("policy"));
	record_set(&request, actor, span_of("desk"));
	record_set(&request, files, list_end(&list));
	int failed = city_ask(engine, WORKLOAD_NOW, &request, &reply);
	policy_files_free(files, count);
	buf_free(&bytes);
	if (failed || record_has(&reply, error))
		return complain(failed ? "the policy was not taken" : error_name(reply.error));
	return 0;
}

/* The step of an older case that this round takes, or none. */
static bool city_step(struct record *request, int round, int64_t number)
{
	static const enum command_kind steps[] = {COMMAND_triage, COMMAND_dispatch, COMMAND_sign, COMMAND_report, COMMAND_close};
	static char id[32];

	if (number <= 0)
		return false;
	snprintf(id, sizeof id, "step-%d-%" PRId64, round, number);
	record_clear(request);
	record_set(request, command, steps[round % 5]);
	record_set(request, request, span_of(id));
	record_set(request, actor, span_of("desk"));
	record_set(request, case_id, number);
	if (request->command == COMMAND_triage)
		record_set(request, category, span_of("pothole"));
	if (request->command == COMMAND_dispatch)
		record_set(request, unit, span_of("roads"));
	if (request->command == COMMAND_report)
		record_set(request, result, span_of("mended"));
	if (request->command == COMMAND_close)
		record_set(request, outcome, OUTCOME_solved);
	return true;
}

/* An exit code, with the refusal's words. */
static int refused(const struct record *reply)
{
	struct span words = record_get(reply, message, span_of(error_name(reply->error)));

	fprintf(stderr, "%.*s\n", (int)words.len, words.data);
	return WORKLOAD_REFUSED;
}

/* Two reports and one step further with an older case; each is a commit of its own, and is known to be safe when its reply is there. */
static int city_round(struct engine *engine, int round)
{
	int64_t now = WORKLOAD_NOW + (int64_t)(round + 1) * ROUND_MS;
	struct record request, reply;

	for (int i = 0; i < 3; i++) {
		if (i < 2)
			city_report(&request, round * 2 + i);
		else if (!city_step(&request, round, round / 5 + 1))
			break;
		if (city_ask(engine, now + i, &request, &reply))
			return 1;
		if (record_has(&reply, error) && i < 2)
			return refused(&reply); /* perhaps the archive cannot be read at the moment, and nobody knows whether the report was there before */
		if (record_has(&reply, seq))
			note("acknowledged %" PRId64 "\n", reply.seq);
	}
	return 0;
}

static int city_open(const struct workload *workload, const struct settings *settings, int64_t now, struct store *store, struct engine **ret_engine)
{
	char error[512] = "";
	int code = store_open(workload, engine_archive_format(), store);

	*ret_engine = NULL;
	if (code)
		return code;
	*ret_engine = engine_open(settings, store->journal, store->archive, now, error, sizeof error);
	return *ret_engine ? 0 : complain(error);
}

/* The engine's time when a round begins, in a run in which nothing fails: that of the last turn, or of the opening. */
static int64_t city_time(int round)
{
	if (!round)
		return WORKLOAD_NOW;
	return WORKLOAD_NOW + (round % CITY_RESTART ? (int64_t)round * ROUND_MS + 2 : (int64_t)(round + 1) * ROUND_MS);
}

/* As the daemon and its clients do: an archive that has to be opened again is, and what was refused or not answered is asked again. 0 or an exit code. */
static int city_again(const struct workload *workload, const struct settings *settings, int round, int code, struct store *store, struct engine **engine)
{
	bool broken = archive_broken(store->archive);

	if (!broken && code != WORKLOAD_REFUSED)
		return code;
	if (broken) {
		engine_close(*engine);
		store_close(store);
		code = city_open(workload, settings, city_time(round), store, engine);
	}
	return broken && code ? code : city_round(*engine, round);
}

static int city_run(const struct workload *workload)
{
	struct settings settings;
	struct store store;
	struct engine *engine;
	bool again = false;

	city_settings(&settings);
	int code = city_open(workload, &settings, WORKLOAD_NOW, &store, &engine);
	if (!code && workload->rounds && store.journal->last_seq == 0)
		code = city_adopt(engine, workload->policy);
	for (int round = 0; !code && round < workload->rounds; round++) {
		if (round && round % CITY_RESTART == 0) {
			engine_close(engine);
			store_close(&store);
			code = city_open(workload, &settings, city_time(round), &store, &engine);
		}
		if (!code)
			code = city_round(engine, round);
		if (code && engine && !again) {
			again = true;
			code = city_again(workload, &settings, round, code, &store, &engine);
		}
		if (!code && workload->loose)
			archive_hurry(store.archive, store.journal->last_seq);
		else if (!code && round % 3 == 2)
			archive_flush(store.archive);
	}
	engine_close(engine);
	store_close(&store);
	settings_free(&settings);
	buf_free(&city_answer);
	return code;
}

int workload_run(const struct workload *workload)
{
	static int (*const runs[WORKLOAD_COUNT])(const struct workload *) = {plain_run, city_run, backup_run, prune_run, import_run};

	spy.workload = workload;
	return runs[workload->kind](workload);
}
