/* The archivist: the one thread that writes the archive. Owns what it has taken from the backlog and the write transaction; never
 * reads for others and never skips a round.
 *
 * Invariants: rounds are written in their order, whole, and each transaction holds the sequence number it reaches; a batch that
 * could not be written is kept and tried again, so that the archive is old but never wrong. It waits a little before it writes
 * (GATHER_MS), for the steps of a case to meet in one transaction and for fewer syncs beside those of the journal. */
#include "store/archive_parts.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#define GATHER_MS 1000
#define GATHER_BYTES ((size_t)1 << 20)
#define RETRY_MS 1000
#define KEPT_ROOM ((size_t)8 << 20) /* buffers above give their memory back */

/* Seq and format are stored as the machine has them: an archive does not travel, it is rebuilt. */
static int seq_put(struct archive *archive, MDB_txn *txn, int64_t seq)
{
	char row[sizeof seq + SEAL_BYTES];
	uint32_t seal = row_seal(SEAL_ARCHIVE_META, span_of("seq"), (struct span){(const char *)&seq, sizeof seq});
	MDB_val key = {3, (void *)"seq"}, value = {sizeof row, row};

	memcpy(row, &seq, sizeof seq);
	memcpy(row + sizeof seq, &seal, sizeof seal);
	return mdb_put(txn, archive->meta, &key, &value, 0);
}

static int row_put(MDB_cursor *cursor, const struct archive_change *change)
{
	struct span row = {change->key + change->key_len, change->value_len};
	uint32_t seal = row_seal(change->table, (struct span){change->key, change->key_len}, row);
	MDB_val key = {change->key_len, (void *)change->key}, value = {row.len + sizeof seal, NULL};
	int code = mdb_cursor_put(cursor, &key, &value, MDB_RESERVE);

	if (code)
		return code;
	if (row.len)
		memcpy(value.mv_data, row.data, row.len);
	memcpy((char *)value.mv_data + row.len, &seal, sizeof seal);
	return 0;
}

static int change_write(MDB_cursor *cursor, const struct archive_change *change)
{
	MDB_val key = {change->key_len, (void *)change->key}, value;

	if (!change->removes)
		return row_put(cursor, change);
	int code = mdb_cursor_get(cursor, &key, &value, MDB_SET);
	if (!code)
		code = mdb_cursor_del(cursor, 0);
	return code == MDB_NOTFOUND ? 0 : code;
}

/* In the order of table and key: one cursor at a time, and neighbours are found without a search from the root. */
static int batch_put(struct archive *archive, MDB_txn *txn, const struct archive_batch *batch)
{
	MDB_cursor *cursor = NULL;
	int code = 0, table = -1;

	for (size_t i = 0; i < batch->count && !code; i++) {
		const struct archive_change *change = &batch->changes[i];
		if (change->table != table) {
			if (cursor)
				mdb_cursor_close(cursor);
			cursor = NULL;
			table = change->table;
			code = mdb_cursor_open(txn, archive->tables[table], &cursor);
		}
		if (!code)
			code = change_write(cursor, change);
	}
	if (cursor)
		mdb_cursor_close(cursor);
	return code;
}

static int batch_write(struct archive *archive, const struct archive_batch *batch)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(archive->file.env, NULL, 0, &txn);

	if (code)
		return code;
	code = batch_put(archive, txn, batch);
	if (!code)
		code = seq_put(archive, txn, batch->seq);
	if (code) {
		mdb_txn_abort(txn);
		return code;
	}
	return lmdb_file_commit(&archive->file, txn);
}

static struct timespec time_in(int64_t ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return at;
}

static void buf_reuse(struct buf *buf)
{
	if (buf->room > KEPT_ROOM)
		buf_free(buf);
	else
		buf_clear(buf);
}

/* Takes over all that is queued, a moment after the first of it came. Lock held. False: told to stop, and nothing is left. */
static bool backlog_take(struct archive *archive)
{
	if (archive->taken_done < archive->taken.len)
		return true;
	while (!archive->queued.len && !archive->stop)
		pthread_cond_wait(&archive->work, &archive->lock);
	if (!archive->queued.len)
		return false;
	struct timespec until = time_in(GATHER_MS);
	while (!archive->stop && !archive->flushers && archive->wanted_seq <= atomic_load(&archive->reached) && archive->queued.len < GATHER_BYTES)
		if (pthread_cond_timedwait(&archive->work, &archive->lock, &until) != 0)
			break;
	buf_reuse(&archive->taken);
	struct buf empty = archive->taken;
	archive->taken = archive->queued;
	archive->queued = empty;
	archive->taken_done = 0;
	archive->taken_bytes = archive->taken.len;
	/* A hand-over during the wait may have frozen the archive and emptied the queue. */
	return archive->taken.len > 0 || !archive->stop;
}

/* Lock held. */
static void batch_publish(struct archive *archive)
{
	archive->taken_done = archive->batch.end;
	archive->taken_bytes = archive->taken.len - archive->taken_done;
	if (!archive->frozen)
		archive->fault[0] = '\0';
	atomic_store(&archive->reached, archive->batch.seq);
	pthread_cond_broadcast(&archive->progress);
}

/* Lock held. False: told to stop. */
static bool retry_wait(struct archive *archive)
{
	struct timespec until = time_in(RETRY_MS);

	while (!archive->stop)
		if (pthread_cond_timedwait(&archive->work, &archive->lock, &until) != 0)
			break;
	return !archive->stop;
}

void archive_note_fault(struct archive *archive, const char *what, int code)
{
	bool damaged = lmdb_code_is_damage(code), ends = damaged || code == MDB_PANIC;

	/* What LMDB gave the file up for is more to the point than that it did. */
	if (!archive->frozen && !(code == MDB_PANIC && archive->fault[0]))
		lmdb_file_explain(&archive->file, what, code, archive->fault, sizeof archive->fault);
	if (damaged && !archive->frozen)
		lmdb_file_set_aside(archive->file.path);
	if (ends && !archive->frozen) {
		archive->frozen = true;
		buf_free(&archive->queued);
	}
	if (ends)
		atomic_store(&archive->broken, true);
	pthread_cond_broadcast(&archive->progress);
}

/* Lock held, and let go meanwhile. */
static void loop_tell(struct archive *archive)
{
	pthread_mutex_unlock(&archive->lock);
	if (archive->wake)
		archive->wake(archive->context);
	pthread_mutex_lock(&archive->lock);
}

/* Writes one batch of what was taken; the lock is let go meanwhile. False: end the thread. */
static bool batch_do(struct archive *archive)
{
	pthread_mutex_unlock(&archive->lock);
	backlog_batch(&archive->taken, archive->taken_done, &archive->batch);
	int code = batch_write(archive, &archive->batch);
	pthread_mutex_lock(&archive->lock);
	if (!code) {
		batch_publish(archive);
		loop_tell(archive);
		return true;
	}
	archive_note_fault(archive, "cannot write", code);
	if (!atomic_load(&archive->broken))
		return retry_wait(archive);
	archive->taken_done = archive->taken.len;
	archive->taken_bytes = 0;
	loop_tell(archive);
	return true;
}

void *archivist_run(void *context)
{
	struct archive *archive = context;

	pthread_mutex_lock(&archive->lock);
	while (backlog_take(archive))
		if (archive->taken_done < archive->taken.len && !batch_do(archive))
			break;
	pthread_mutex_unlock(&archive->lock);
	return NULL;
}
