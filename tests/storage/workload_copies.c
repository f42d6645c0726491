/* The workloads in which records go elsewhere: into a backup, into another journal, and, pruned, into segments. Owns what it opens. */
#include "tests/storage/workload_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/segment.h"
#include "transfer/copy.h"

static int backup_wait(struct journal_backup *backup, struct journal_backup_state *ret_state)
{
	do {
		usleep(200);
		journal_backup_poll(backup, ret_state);
	} while (!ret_state->over);
	journal_backup_end(backup);
	return ret_state->failed ? complain(ret_state->error) : 0;
}

int backup_run(const struct workload *workload)
{
	struct journal_backup_state state;
	struct journal_backup *backup = NULL;
	struct store store;
	char error[512] = "", place[512];
	int code = store_open(workload, WORKLOAD_FORMAT, &store);

	snprintf(place, sizeof place, "%s/backup", workload->directory);
	for (int round = 0; !code && round < workload->rounds; round++) {
		code = plain_round(workload, &store, round);
		if (!code && round == workload->rounds / 2) {
			backup = journal_backup_start(store.journal, place, error, sizeof error);
			code = backup ? backup_wait(backup, &state) : complain(error);
			if (!code)
				note("backed %" PRId64 "\n", state.last_seq);
		}
	}
	store_close(&store);
	return code;
}

/* A journal as a stream of entries. */
struct reading {
	struct journal *journal;
	int64_t next;
};

static int entry_next(void *context, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	struct reading *reading = context;
	struct journal *journal = reading->journal;

	if (reading->next > journal->last_seq) {
		*ret_entry = (struct stream_entry){.part = STREAM_END, .number = journal->last_seq, .records = journal->last_seq};
		memcpy(ret_entry->hash, journal->last_hash, sizeof ret_entry->hash);
		return 0;
	}
	*ret_entry = (struct stream_entry){.part = STREAM_RECORD, .number = reading->next};
	if (journal->ops->read(journal, reading->next++, &ret_entry->bytes, ret_entry->hash) == 0)
		return 0;
	snprintf(error, error_size, "record %" PRId64 " cannot be read; look at the journal", reading->next - 1);
	return -1;
}

int import_run(const struct workload *workload)
{
	struct copy_result result;
	struct store store;
	char error[512] = "", place[WORKLOAD_PATH_MOST];
	int code = store_open(workload, WORKLOAD_FORMAT, &store);

	snprintf(place, sizeof place, "%.400s/backup", workload->directory);
	for (int round = 0; !code && round < workload->rounds; round++)
		code = plain_round(workload, &store, round);
	if (!code && workload->rounds && store.journal->ops->read_begin(store.journal) == 0) {
		struct reading reading = {store.journal, 1};
		code = copy_run(&(struct copy_source){entry_next, &reading}, 1, place, INT64_MAX, &result, error, sizeof error) ? complain(error) : 0;
		store.journal->ops->read_end(store.journal);
		if (!code)
			note("backed %" PRId64 "\n", result.last_seq);
	}
	store_close(&store);
	return code;
}

static int segment_wait(struct segment_job *job)
{
	struct segment_job_state state;

	do {
		usleep(200);
		segment_job_poll(job, &state);
	} while (!state.over);
	segment_job_end(job);
	return state.failed ? complain(state.error) : 0;
}

/* Everything up to a number into a segment, and then out of the journal, a few records with each commit. */
static int prune_to(const struct workload *workload, struct journal *journal, int64_t to)
{
	char error[512] = "";
	struct segment_job *job = segment_job_start(journal, workload->directory, to, error, sizeof error);
	int code = job ? segment_wait(job) : complain(error);

	for (int64_t seq = journal->first_seq; !code && seq <= to; seq++) {
		code = journal->ops->prune(journal, seq, plain_keeps(seq));
		if (!code && (seq == to || seq % 4 == 0))
			code = journal->ops->commit(journal);
		if (code)
			complain(journal->error);
	}
	return code;
}

int prune_run(const struct workload *workload)
{
	struct store store;
	int code = store_open(workload, WORKLOAD_FORMAT, &store);

	for (int round = 0; !code && round < workload->rounds; round++) {
		if (round && round % 5 == 0)
			code = prune_to(workload, store.journal, store.journal->last_seq - 3);
		if (!code && round && round % 7 == 0) {
			store_close(&store);
			code = store_open(workload, WORKLOAD_FORMAT, &store);
		}
		if (!code)
			code = plain_round(workload, &store, round);
	}
	store_close(&store);
	return code;
}
