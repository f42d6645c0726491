/* The journal's promises, told for both implementations where they share them; then what only a file can suffer. */
#include "store/journal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Why it cannot be opened. */
static const char *open_refused(const char *directory)
{
	static char error[256];

	error[0] = '\0';
	assert_null(journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error));
	return error;
}

static void append_text(struct journal *journal, int64_t seq, const char *text)
{
	assert_int_equal(journal->ops->append(journal, seq, span_of(text)), 0);
}

static void append_numbered(struct journal *journal, int64_t from, int64_t to)
{
	char text[64];

	for (int64_t seq = from; seq <= to; seq++) {
		snprintf(text, sizeof text, "record number %lld", (long long)seq);
		append_text(journal, seq, text);
	}
	assert_int_equal(journal->ops->commit(journal), 0);
}

static void assert_record(struct journal *journal, int64_t seq, const char *text)
{
	struct span record;

	assert_int_equal(journal->ops->read_begin(journal), 0);
	assert_int_equal(journal->ops->read(journal, seq, &record, NULL), 0);
	assert_true(span_is(record, text));
	journal->ops->read_end(journal);
}

static bool has_record(struct journal *journal, int64_t seq)
{
	struct span record;

	assert_int_equal(journal->ops->read_begin(journal), 0);
	int result = journal->ops->read(journal, seq, &record, NULL);
	journal->ops->read_end(journal);
	return result != JOURNAL_MISSING;
}

/* NULL: there must be none. */
static void assert_row(struct journal *journal, int64_t number, const char *text)
{
	struct span row;

	assert_int_equal(journal->ops->read_begin(journal), 0);
	int result = journal->ops->private_get(journal, number, &row);
	assert_int_equal(result, text ? 0 : JOURNAL_MISSING);
	assert_true(!text || span_is(row, text));
	journal->ops->read_end(journal);
}

static void assert_verifies(struct journal *journal)
{
	int64_t bad = 0;

	assert_int_equal(journal_verify(journal, 1, journal->last_seq, &bad), 0);
}

/* ---- what every journal promises ---- */

static void check_append_commit_read(struct journal *journal)
{
	assert_int_equal(journal->first_seq, 1);
	assert_int_equal(journal->last_seq, 0);
	append_text(journal, 1, "first");
	append_text(journal, 2, "");
	assert_int_equal(journal->last_seq, 0);
	assert_false(has_record(journal, 1));
	assert_int_equal(journal->ops->commit(journal), 0);
	assert_int_equal(journal->last_seq, 2);
	assert_record(journal, 1, "first");
	assert_record(journal, 2, "");
	assert_false(has_record(journal, 3));
	assert_false(has_record(journal, 0));
	assert_false(has_record(journal, -1));
	assert_verifies(journal);
}

static void check_gap(struct journal *journal)
{
	append_numbered(journal, 1, 2);
	append_text(journal, 3, "fine");
	assert_true(journal->ops->append(journal, 5, span_of("late")) < 0);
	assert_non_null(strstr(journal->error, "record 5 does not follow 3"));
	assert_true(journal->ops->append(journal, 4, span_of("too late")) < 0);
	assert_true(journal->ops->private_put(journal, 4, span_of("too late")) < 0);
	assert_true(journal->ops->commit(journal) < 0);
	assert_non_null(strstr(journal->error, "record 5 does not follow 3"));
	assert_int_equal(journal->last_seq, 2);
}

static void check_private_rows(struct journal *journal)
{
	struct span row;

	assert_int_equal(journal->ops->private_put(journal, 7, span_of("name")), 0);
	assert_row(journal, 7, NULL);
	assert_int_equal(journal->ops->commit(journal), 0);
	assert_row(journal, 7, "name");
	assert_int_equal(journal->ops->private_put(journal, 7, span_of("other name")), 0);
	assert_int_equal(journal->ops->private_put(journal, 8, (struct span){0}), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
	assert_row(journal, 7, "other name");
	/* A row that is being read survives its destruction until the reader is done. */
	assert_int_equal(journal->ops->read_begin(journal), 0);
	assert_int_equal(journal->ops->private_get(journal, 7, &row), 0);
	assert_int_equal(journal->ops->private_put(journal, 7, (struct span){0}), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
	assert_true(span_is(row, "other name"));
	journal->ops->read_end(journal);
	assert_row(journal, 7, NULL);
	assert_int_equal(journal->last_seq, 0);
}

static void check_room(struct journal *journal)
{
	int64_t used = -1, left = -1, used_later = -1;

	assert_int_equal(journal->ops->room(journal, &used, &left), 0);
	assert_true(left > 0);
	append_numbered(journal, 1, 2000);
	assert_int_equal(journal->ops->room(journal, &used_later, &left), 0);
	assert_true(used_later > used + 2000 * JOURNAL_HASH_BYTES);
	assert_true(left > 0);
}

#define for_both(name) \
	static void name##_lmdb(void **state) \
	{ \
		struct journal *journal = open_lmdb(*state); \
		check_##name(journal); \
		journal->ops->close(journal); \
	} \
	static void name##_memory(void **unused) \
	{ \
		(void)unused; \
		struct journal *journal = journal_memory_open(); \
		check_##name(journal); \
		journal->ops->close(journal); \
	}

for_both(append_commit_read)
for_both(gap)
for_both(private_rows)
for_both(room)

/* ---- the chain ---- */

static void chain_covers_previous_number_and_bytes(void **unused)
{
	(void)unused;
	unsigned char zero[JOURNAL_HASH_BYTES] = {0}, one[JOURNAL_HASH_BYTES], other[JOURNAL_HASH_BYTES];
	/* python3 -c 'import hashlib; print(hashlib.blake2b(bytes(32) + (1).to_bytes(8, "big") + b"first", digest_size=32).hexdigest())' */
	static const char expected[] = "6740fc6bbd5e3d15c743f12e61068bb5ea5a8f961be983c1d0f081955b50a102";
	char hex[2 * JOURNAL_HASH_BYTES + 1];

	journal_chain(zero, 1, span_of("first"), one);
	for (int i = 0; i < JOURNAL_HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", one[i]);
	assert_string_equal(hex, expected);
	journal_chain(zero, 2, span_of("first"), other);
	assert_memory_not_equal(one, other, JOURNAL_HASH_BYTES);
	journal_chain(one, 1, span_of("first"), other);
	assert_memory_not_equal(one, other, JOURNAL_HASH_BYTES);
}

static void both_journals_have_the_same_chain(void **state)
{
	struct journal *file = open_lmdb(*state), *memory = journal_memory_open();

	append_numbered(file, 1, 10);
	append_numbered(memory, 1, 10);
	assert_memory_equal(file->last_hash, memory->last_hash, JOURNAL_HASH_BYTES);
	file->ops->close(file);
	memory->ops->close(memory);
}

static void verify_names_a_missing_record(void **unused)
{
	(void)unused;
	struct journal *journal = journal_memory_open();
	int64_t bad = 0;

	append_numbered(journal, 1, 5);
	assert_int_equal(journal_verify(journal, 3, 9, &bad), JOURNAL_MISSING);
	assert_int_equal(bad, 6);
	assert_int_equal(journal_verify(journal, 4, 3, &bad), 0);
	journal->ops->close(journal);
}

static void verify_goes_on_over_its_pieces(void **state)
{
	struct journal *journal = open_lmdb(*state);
	int64_t bad = 0;

	append_numbered(journal, 1, 10000);
	assert_verifies(journal);
	assert_int_equal(journal_verify(journal, 4097, 8192, &bad), 0);
	assert_int_equal(journal_verify(journal, 9000, 10001, &bad), JOURNAL_MISSING);
	assert_int_equal(bad, 10001);
	journal->ops->close(journal);
}

/* ---- behind the journal's back ---- */

static MDB_env *raw_open(const char *directory)
{
	MDB_env *env;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_mapsize(env, PLACE_MAP_BYTES), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 3), 0);
	assert_int_equal(mdb_env_open(env, place_path(directory, "journal.mdb"), MDB_NOSUBDIR, 0600), 0);
	return env;
}

/* Flips one bit of what is stored under seq; returns the stored length. */
static size_t raw_flip(const char *directory, uint64_t seq, size_t byte, int bit)
{
	MDB_env *env = raw_open(directory);
	MDB_val key = {sizeof seq, &seq}, value;
	MDB_txn *txn;
	MDB_dbi table;

	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "journal", MDB_INTEGERKEY, &table), 0);
	assert_int_equal(mdb_get(txn, table, &key, &value), 0);
	size_t len = value.mv_size;
	char *copy = malloc(len);
	memcpy(copy, value.mv_data, len);
	copy[byte % len] ^= (char)(1 << bit);
	value.mv_data = copy;
	assert_int_equal(mdb_put(txn, table, &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	free(copy);
	return len;
}

static void raw_remove(const char *directory, uint64_t seq)
{
	MDB_env *env = raw_open(directory);
	MDB_val key = {sizeof seq, &seq};
	MDB_txn *txn;
	MDB_dbi table;

	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "journal", MDB_INTEGERKEY, &table), 0);
	assert_int_equal(mdb_del(txn, table, &key, NULL), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void fill(const char *directory, int64_t records)
{
	struct journal *journal = open_lmdb(directory);

	append_numbered(journal, 1, records);
	journal->ops->close(journal);
}

static void verify_finds_a_flipped_bit_in_any_byte(void **state)
{
	fill(*state, 9);
	size_t len = 1;
	for (size_t byte = 0; byte < len; byte++) {
		int64_t bad = 0;
		len = raw_flip(*state, 5, byte, (int)(byte % 8));
		struct journal *journal = open_lmdb(*state);
		assert_int_equal(journal_verify(journal, 1, 9, &bad), JOURNAL_DAMAGED);
		assert_int_equal(bad, 5);
		assert_int_equal(journal_verify(journal, 1, 4, &bad), 0);
		journal->ops->close(journal);
		raw_flip(*state, 5, byte, (int)(byte % 8));
	}
	assert_true(len > JOURNAL_HASH_BYTES);
}

static void open_names_a_damaged_last_record(void **state)
{
	fill(*state, 9);
	raw_flip(*state, 9, JOURNAL_HASH_BYTES + 3, 4);
	assert_non_null(strstr(open_refused(*state), "record 9 does not match its hash; restore it from a backup"));
	raw_flip(*state, 9, JOURNAL_HASH_BYTES + 3, 4);
	struct journal *journal = open_lmdb(*state);
	journal->ops->close(journal);
}

static void open_refuses_missing_records(void **state)
{
	fill(*state, 9);
	raw_remove(*state, 1);
	assert_non_null(strstr(open_refused(*state), "record 1 is missing"));
	raw_remove(*state, 4);
	assert_non_null(strstr(open_refused(*state), "record 4: page "));
}

static void open_refuses_a_newer_format(void **state)
{
	uint32_t newer = 3;
	MDB_val key = {6, (void *)"format"}, value = {sizeof newer, &newer};
	MDB_txn *txn;
	MDB_dbi table;

	fill(*state, 1);
	MDB_env *env = raw_open(*state);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "meta", 0, &table), 0);
	assert_int_equal(mdb_put(txn, table, &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	assert_non_null(strstr(open_refused(*state), "its format is 3, this program knows 2; start a newer reeved"));
}

static void open_refuses_what_is_no_journal(void **state)
{
	FILE *file = fopen(place_path(*state, "journal.mdb"), "w");

	for (int i = 0; i < 2000; i++)
		fprintf(file, "no journal\n");
	fclose(file);
	assert_non_null(strstr(open_refused(*state), "restore it from a backup"));
}

static void open_refuses_a_missing_directory(void **state)
{
	assert_non_null(strstr(open_refused(place_path(*state, "nowhere")), "create the directory"));
}

/* A cut file is refused in words; it is never taken for a whole one. In a child, since LMDB would assert. */
static void a_cut_file_is_never_taken(void **state)
{
	fill(*state, 3000);
	int64_t size = place_size(*state, "journal.mdb");
	assert_int_equal(truncate(place_path(*state, "journal.mdb"), size / 2), 0);
	pid_t child = fork();
	if (child == 0) {
		char error[256];
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		_exit(journal_lmdb_open(*state, PLACE_MAP_BYTES, error, sizeof error) ? 0 : 3);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

/* ---- files ---- */

static void reopening_continues_the_chain(void **state)
{
	fill(*state, 100);
	struct journal *journal = open_lmdb(*state);
	assert_int_equal(journal->first_seq, 1);
	assert_int_equal(journal->last_seq, 100);
	append_numbered(journal, 101, 200);
	journal->ops->close(journal);
	journal = open_lmdb(*state);
	assert_int_equal(journal->last_seq, 200);
	assert_record(journal, 150, "record number 150");
	assert_verifies(journal);
	journal->ops->close(journal);
}

static void closing_drops_what_was_not_committed(void **state)
{
	struct journal *journal = open_lmdb(*state);

	append_numbered(journal, 1, 3);
	append_text(journal, 4, "lost");
	assert_int_equal(journal->ops->private_put(journal, 4, span_of("lost")), 0);
	journal->ops->close(journal);
	journal = open_lmdb(*state);
	assert_int_equal(journal->last_seq, 3);
	assert_row(journal, 4, NULL);
	append_numbered(journal, 4, 4);
	assert_record(journal, 4, "record number 4");
	journal->ops->close(journal);
}

static void a_full_map_is_a_fault_with_its_remedy(void **state)
{
	char error[256], large[4096];
	struct journal *journal = journal_lmdb_open(*state, INT64_C(1) << 20, error, sizeof error);
	int result = 0;

	assert_non_null(journal);
	append_numbered(journal, 1, 5);
	memset(large, 'x', sizeof large);
	for (int64_t seq = 6; !result && seq < 1000; seq++)
		result = journal->ops->append(journal, seq, (struct span){large, sizeof large});
	assert_true(result < 0);
	assert_true(journal->ops->commit(journal) < 0);
	assert_string_equal(journal->error, "journal: cannot append: its map is full; raise store.journal_bytes and restart");
	journal->ops->close(journal);
	journal = open_lmdb(*state);
	assert_int_equal(journal->last_seq, 5);
	assert_verifies(journal);
	journal->ops->close(journal);
}

/* The disk is full: a limit on the file's size makes the write itself fail. */
static void a_failed_write_is_remembered_and_loses_nothing(void **state)
{
	struct rlimit before, tight;
	struct journal *journal = open_lmdb(*state);

	append_numbered(journal, 1, 50);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	tight = before;
	tight.rlim_cur = (rlim_t)place_size(*state, "journal.mdb");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (int64_t seq = 51; seq <= 5000; seq++)
		append_text(journal, seq, "does not fit");
	int result = journal->ops->commit(journal);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(result < 0);
	assert_non_null(strstr(journal->error, "cannot commit"));
	assert_true(journal->ops->append(journal, 51, span_of("no")) < 0);
	assert_true(journal->ops->commit(journal) < 0);
	assert_int_equal(journal->last_seq, 50);
	journal->ops->close(journal);
	journal = open_lmdb(*state);
	assert_int_equal(journal->last_seq, 50);
	assert_verifies(journal);
	journal->ops->close(journal);
}

static bool file_is_open_after_exec(const char *directory)
{
	char target[512], link[64];

	for (int descriptor = 3; descriptor < 64; descriptor++) {
		snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
		ssize_t len = readlink(link, target, sizeof target - 1);
		if (len < 0 || strncmp(target, directory, strlen(directory)) != 0)
			continue;
		if (!(fcntl(descriptor, F_GETFD) & FD_CLOEXEC))
			return true;
	}
	return false;
}

static void workers_inherit_no_descriptor(void **state)
{
	struct journal *journal = open_lmdb(*state);

	append_numbered(journal, 1, 1);
	assert_false(file_is_open_after_exec(*state));
	journal->ops->close(journal);
}

/* ---- scripted faults in memory ---- */

static void a_failed_commit_is_remembered_until_restart(void **unused)
{
	(void)unused;
	struct journal *journal = journal_memory_open();

	journal_memory_script(journal, 2, JOURNAL_MEMORY_FAILS, 0);
	append_numbered(journal, 1, 3);
	append_text(journal, 4, "lost");
	assert_true(journal->ops->commit(journal) < 0);
	assert_true(journal->ops->append(journal, 5, span_of("no")) < 0);
	assert_true(journal->ops->commit(journal) < 0);
	assert_non_null(strstr(journal->error, "cannot commit"));
	journal = journal_memory_reopen(journal);
	assert_int_equal(journal->last_seq, 3);
	append_numbered(journal, 4, 6);
	assert_verifies(journal);
	journal->ops->close(journal);
}

static void a_lost_reply_shows_its_records_after_restart(void **unused)
{
	(void)unused;
	struct journal *journal = journal_memory_open();

	journal_memory_script(journal, 1, JOURNAL_MEMORY_REPLY_LOST, 0);
	append_text(journal, 1, "there");
	assert_int_equal(journal->ops->private_put(journal, 1, span_of("row")), 0);
	assert_true(journal->ops->commit(journal) < 0);
	assert_int_equal(journal->last_seq, 0);
	journal = journal_memory_reopen(journal);
	assert_int_equal(journal->last_seq, 1);
	assert_record(journal, 1, "there");
	assert_row(journal, 1, "row");
	assert_verifies(journal);
	journal->ops->close(journal);
}

static void a_torn_tail_keeps_the_first_records(void **unused)
{
	(void)unused;
	struct journal *journal = journal_memory_open();

	journal_memory_script(journal, 1, JOURNAL_MEMORY_TORN_TAIL, 2);
	append_text(journal, 1, "one");
	assert_int_equal(journal->ops->private_put(journal, 1, span_of("row one")), 0);
	append_text(journal, 2, "two");
	append_text(journal, 3, "three");
	assert_int_equal(journal->ops->private_put(journal, 3, span_of("row three")), 0);
	assert_true(journal->ops->commit(journal) < 0);
	journal = journal_memory_reopen(journal);
	assert_int_equal(journal->last_seq, 2);
	assert_row(journal, 1, "row one");
	assert_row(journal, 3, NULL);
	append_numbered(journal, 3, 4);
	assert_verifies(journal);
	journal->ops->close(journal);
}

static void memory_shows_the_room_it_was_told(void **unused)
{
	(void)unused;
	struct journal *journal = journal_memory_open();
	int64_t used, left;

	journal_memory_set_free(journal, 12345);
	assert_int_equal(journal->ops->room(journal, &used, &left), 0);
	assert_int_equal(left, 12345);
	journal->ops->close(journal);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(append_commit_read_lmdb),
		cmocka_unit_test(append_commit_read_memory),
		file_test(gap_lmdb),
		cmocka_unit_test(gap_memory),
		file_test(private_rows_lmdb),
		cmocka_unit_test(private_rows_memory),
		file_test(room_lmdb),
		cmocka_unit_test(room_memory),
		cmocka_unit_test(chain_covers_previous_number_and_bytes),
		file_test(both_journals_have_the_same_chain),
		cmocka_unit_test(verify_names_a_missing_record),
		file_test(verify_goes_on_over_its_pieces),
		file_test(verify_finds_a_flipped_bit_in_any_byte),
		file_test(open_names_a_damaged_last_record),
		file_test(open_refuses_missing_records),
		file_test(open_refuses_a_newer_format),
		file_test(open_refuses_what_is_no_journal),
		file_test(open_refuses_a_missing_directory),
		file_test(a_cut_file_is_never_taken),
		file_test(reopening_continues_the_chain),
		file_test(closing_drops_what_was_not_committed),
		file_test(a_full_map_is_a_fault_with_its_remedy),
		file_test(a_failed_write_is_remembered_and_loses_nothing),
		file_test(workers_inherit_no_descriptor),
		cmocka_unit_test(a_failed_commit_is_remembered_until_restart),
		cmocka_unit_test(a_lost_reply_shows_its_records_after_restart),
		cmocka_unit_test(a_torn_tail_keeps_the_first_records),
		cmocka_unit_test(memory_shows_the_room_it_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
