/* Taking the oldest records away: what both journals promise, and that a file opened again begins where it should. */
#include "store/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lmdb.h>

#include "store/journal_memory.h"
#include "store_place.h"

static struct journal *open_lmdb(const char *directory)
{
	char error[256] = "";
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);

	if (!journal)
		print_error("%s\n", error);
	assert_non_null(journal);
	return journal;
}

static void append_numbered(struct journal *journal, int64_t from, int64_t to)
{
	char text[64];

	for (int64_t seq = from; seq <= to; seq++) {
		snprintf(text, sizeof text, "record number %lld", (long long)seq);
		assert_int_equal(journal->ops->append(journal, seq, span_of(text)), 0);
	}
	assert_int_equal(journal->ops->commit(journal), 0);
}

static void assert_record(struct journal *journal, int64_t seq, bool there)
{
	struct span record;
	char text[64];

	snprintf(text, sizeof text, "record number %lld", (long long)seq);
	assert_int_equal(journal->ops->read_begin(journal), 0);
	assert_int_equal(journal->ops->read(journal, seq, &record, NULL), there ? 0 : JOURNAL_MISSING);
	assert_true(!there || span_is(record, text));
	journal->ops->read_end(journal);
}

static int64_t kept_after(struct journal *journal, int64_t from)
{
	int64_t seq = 0;

	assert_int_equal(journal->ops->read_begin(journal), 0);
	if (journal->ops->kept_next(journal, from, &seq))
		seq = 0;
	journal->ops->read_end(journal);
	return seq;
}

static void assert_verifies(struct journal *journal)
{
	int64_t bad = 0;

	assert_int_equal(journal_verify(journal, 1, journal->last_seq, &bad), 0);
}

/* The chain's hash at a record, computed from the first one on. */
static void hash_at(int64_t last, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	char text[64];

	memset(ret_hash, 0, JOURNAL_HASH_BYTES);
	for (int64_t seq = 1; seq <= last; seq++) {
		snprintf(text, sizeof text, "record number %lld", (long long)seq);
		journal_chain(ret_hash, seq, span_of(text), ret_hash);
	}
}

static void prune_some(struct journal *journal)
{
	for (int64_t seq = 1; seq <= 40; seq++)
		assert_int_equal(journal->ops->prune(journal, seq, seq % 10 == 0), 0);
	assert_int_equal(journal->first_seq, 1); /* not committed yet */
	assert_int_equal(journal->ops->commit(journal), 0);
}

static void assert_pruned(struct journal *journal)
{
	unsigned char hash[JOURNAL_HASH_BYTES];

	hash_at(40, hash);
	assert_int_equal(journal->first_seq, 41);
	assert_memory_equal(journal->base_hash, hash, sizeof hash);
	for (int64_t seq = 1; seq <= 100; seq++)
		assert_record(journal, seq, seq > 40 || seq % 10 == 0);
	assert_int_equal(kept_after(journal, 0), 10);
	assert_int_equal(kept_after(journal, 11), 20);
	assert_int_equal(kept_after(journal, 41), 0);
	assert_verifies(journal);
	hash_at(journal->last_seq, hash);
	assert_memory_equal(journal->last_hash, hash, sizeof hash);
}

static void check_prune(struct journal *journal)
{
	append_numbered(journal, 1, 100);
	prune_some(journal);
	assert_pruned(journal);
	append_numbered(journal, 101, 110); /* the chain goes on */
	assert_pruned(journal);
	assert_int_equal(journal->ops->unkeep(journal, 10), 0);
	assert_int_equal(journal->ops->unkeep(journal, 11), 0); /* was never kept */
	assert_int_equal(journal->ops->commit(journal), 0);
	assert_record(journal, 10, false);
	assert_record(journal, 20, true);
	assert_int_equal(kept_after(journal, 0), 20);
}

/* A read under way keeps what it was given. */
static void check_reading_meanwhile(struct journal *journal)
{
	struct span record;

	append_numbered(journal, 1, 10);
	assert_int_equal(journal->ops->read_begin(journal), 0);
	assert_int_equal(journal->ops->read(journal, 3, &record, NULL), 0);
	for (int64_t seq = 1; seq <= 5; seq++)
		assert_int_equal(journal->ops->prune(journal, seq, false), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
	assert_true(span_is(record, "record number 3"));
	journal->ops->read_end(journal);
	assert_record(journal, 3, false);
}

static void check_only_the_oldest(struct journal *journal)
{
	append_numbered(journal, 1, 10);
	assert_true(journal->ops->prune(journal, 2, false) < 0);
	assert_non_null(strstr(journal->error, "record 2 is not the oldest of several"));
	assert_true(journal->ops->commit(journal) < 0);
}

static void check_never_the_last(struct journal *journal)
{
	append_numbered(journal, 1, 3);
	assert_int_equal(journal->ops->prune(journal, 1, false), 0);
	assert_int_equal(journal->ops->prune(journal, 2, false), 0);
	assert_true(journal->ops->prune(journal, 3, false) < 0);
}

#define BOTH(what) \
	static void what##_memory(void **state) \
	{ \
		struct journal *journal = journal_memory_open(); \
		(void)state; \
		check_##what(journal); \
		journal->ops->close(journal); \
	} \
	static void what##_lmdb(void **state) \
	{ \
		struct journal *journal = open_lmdb(*state); \
		check_##what(journal); \
		journal->ops->close(journal); \
	}

BOTH(prune)
BOTH(reading_meanwhile)
BOTH(only_the_oldest)
BOTH(never_the_last)

static void a_failed_commit_prunes_nothing(void **state)
{
	struct journal *journal = journal_memory_open();

	(void)state;
	append_numbered(journal, 1, 100);
	journal_memory_script(journal, 1, JOURNAL_MEMORY_FAILS, 0);
	assert_int_equal(journal->ops->prune(journal, 1, false), 0);
	assert_true(journal->ops->commit(journal) < 0);
	journal = journal_memory_reopen(journal);
	assert_int_equal(journal->first_seq, 1);
	assert_record(journal, 1, true);
	prune_some(journal);
	journal_memory_script(journal, 1, JOURNAL_MEMORY_REPLY_LOST, 0);
	assert_int_equal(journal->ops->prune(journal, 41, true), 0);
	assert_true(journal->ops->commit(journal) < 0);
	assert_int_equal(journal->first_seq, 41);
	journal = journal_memory_reopen(journal);
	assert_int_equal(journal->first_seq, 42);
	assert_record(journal, 41, true);
	assert_verifies(journal);
	journal->ops->close(journal);
}

static void a_file_begins_where_it_was_pruned(void **state)
{
	char error[256];
	struct journal *journal = open_lmdb(*state);

	append_numbered(journal, 1, 100);
	prune_some(journal);
	journal->ops->close(journal);
	journal = open_lmdb(*state);
	assert_pruned(journal);
	assert_int_equal(journal->ops->prune(journal, 41, false), 0);
	journal->ops->close(journal); /* not committed */
	journal = open_lmdb(*state);
	assert_pruned(journal);
	append_numbered(journal, 101, 110);
	journal->ops->close(journal);
	journal = journal_lmdb_open_readonly(*state, error, sizeof error);
	assert_non_null(journal);
	assert_pruned(journal);
	journal->ops->close(journal);
}

/* Behind the store's back. */
static void change(const char *directory, const char *table, uint64_t number, int at)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_val key = {sizeof number, &number}, value;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
	assert_int_equal(mdb_env_set_mapsize(env, PLACE_MAP_BYTES), 0);
	assert_int_equal(mdb_env_open(env, place_path(directory, "journal.mdb"), MDB_NOSUBDIR, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, table, MDB_INTEGERKEY, &dbi), 0);
	assert_int_equal(mdb_get(txn, dbi, &key, &value), 0);
	if (at < 0) {
		assert_int_equal(mdb_del(txn, dbi, &key, NULL), 0);
	} else {
		char *copy = must_calloc(1, value.mv_size);
		memcpy(copy, value.mv_data, value.mv_size);
		copy[at] ^= 1;
		value.mv_data = copy;
		assert_int_equal(mdb_put(txn, dbi, &key, &value, 0), 0);
		free(copy);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void what_is_wrong_is_named(void **state)
{
	char error[256];
	struct span record;
	int64_t bad = 0;
	struct journal *journal = open_lmdb(*state);

	append_numbered(journal, 1, 100);
	prune_some(journal);
	journal->ops->close(journal);
	change(*state, "kept", 20, 70); /* a kept record answers for itself */
	change(*state, "kept", 30, 3);
	change(*state, "journal", 41, 40);
	journal = open_lmdb(*state);
	assert_int_equal(journal->ops->read_begin(journal), 0);
	assert_int_equal(journal->ops->read(journal, 10, &record, NULL), 0);
	assert_int_equal(journal->ops->read(journal, 20, &record, NULL), JOURNAL_DAMAGED);
	assert_int_equal(journal->ops->kept_read(journal, 30, &record), JOURNAL_DAMAGED);
	journal->ops->read_end(journal);
	assert_int_equal(journal_verify(journal, 1, 100, &bad), JOURNAL_DAMAGED);
	assert_int_equal(bad, 41);
	journal->ops->close(journal);
	change(*state, "journal", 41, -1);
	assert_null(journal_lmdb_open(*state, PLACE_MAP_BYTES, error, sizeof error));
	assert_non_null(strstr(error, "record 41 is missing"));
}

struct scan {
	int64_t next, stop_at;
	unsigned char chain[JOURNAL_HASH_BYTES];
};

static bool scan_each(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct scan *scan = context;

	assert_int_equal(seq, scan->next++);
	journal_chain(scan->chain, seq, record, scan->chain);
	assert_memory_equal(scan->chain, hash, JOURNAL_HASH_BYTES);
	return seq != scan->stop_at;
}

static void scan_reads_in_order(void **state)
{
	struct journal *journal = open_lmdb(*state);
	struct scan scan = {.next = 41};

	append_numbered(journal, 1, 5000);
	prune_some(journal);
	memcpy(scan.chain, journal->base_hash, sizeof scan.chain);
	assert_int_equal(journal->ops->scan(journal, 41, 4000, scan_each, &scan), 0);
	assert_int_equal(scan.next, 4001);
	assert_int_equal(journal->ops->scan(journal, 4001, 5000, scan_each, &scan), 0);
	assert_int_equal(scan.next, 5001);
	assert_memory_equal(scan.chain, journal->last_hash, sizeof scan.chain);
	assert_int_equal(journal->ops->scan(journal, 5001, 5001, scan_each, &scan), JOURNAL_MISSING);
	assert_int_equal(journal->ops->scan(journal, 40, 50, scan_each, &scan), JOURNAL_MISSING);
	memcpy(scan.chain, journal->base_hash, sizeof scan.chain);
	scan.next = 41;
	scan.stop_at = 60;
	assert_int_equal(journal->ops->scan(journal, 41, 5000, scan_each, &scan), 0);
	assert_int_equal(scan.next, 61);
	journal->ops->close(journal);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prune_memory),
		file_test(prune_lmdb),
		cmocka_unit_test(reading_meanwhile_memory),
		file_test(reading_meanwhile_lmdb),
		cmocka_unit_test(only_the_oldest_memory),
		file_test(only_the_oldest_lmdb),
		cmocka_unit_test(never_the_last_memory),
		file_test(never_the_last_lmdb),
		cmocka_unit_test(a_failed_commit_prunes_nothing),
		file_test(a_file_begins_where_it_was_pruned),
		file_test(what_is_wrong_is_named),
		file_test(scan_reads_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
