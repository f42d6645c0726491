/* Backups: what is in them, what stays of those that fail or are given up. */
#include "store/backup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/journal_memory.h"
#include "store/unfinished.h"
#include "store_place.h"

static struct journal *journal_with(const char *directory, int64_t records)
{
	char error[256] = "";
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);
	char text[600];

	assert_non_null(journal);
	memset(text, 'x', sizeof text);
	for (int64_t seq = 1; seq <= records; seq++) {
		snprintf(text, sizeof text, "record %lld", (long long)seq);
		text[strlen(text)] = ' ';
		assert_int_equal(journal->ops->append(journal, seq, (struct span){text, sizeof text}), 0);
		if (seq % 3 == 0)
			assert_int_equal(journal->ops->private_put(journal, seq, span_of("a name")), 0);
	}
	assert_int_equal(journal->ops->commit(journal), 0);
	return journal;
}

static struct journal_backup_state backup_wait(struct journal_backup *backup)
{
	struct journal_backup_state state;

	for (journal_backup_poll(backup, &state); !state.over; journal_backup_poll(backup, &state))
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	return state;
}

/* A place inside of the test's own; its content goes with it. */
static char *inner(void **state, const char *name)
{
	return span_dup(span_of(place_path(*state, name)));
}

static void inner_remove(char *directory)
{
	unlink(place_path(directory, "journal.mdb"));
	unlink(place_path(directory, "journal.mdb-lock"));
	rmdir(directory);
	free(directory);
}

static void holds_everything_and_nothing_else(void **state)
{
	struct journal *journal = journal_with(*state, 5000);
	char *directory = inner(state, "copy"), error[512] = "";
	struct journal_backup *backup = journal_backup_start(journal, directory, error, sizeof error);
	struct stat status;
	struct span row;
	int64_t rows = 0, bad = 0;

	assert_non_null(backup);
	/* The writer goes on meanwhile. */
	assert_int_equal(journal->ops->append(journal, 5001, span_of("later")), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
	struct journal_backup_state found = backup_wait(backup);
	journal_backup_end(backup);
	assert_string_equal(found.error, "");
	assert_false(found.failed);
	assert_true(found.last_seq >= 5000 && found.verified == found.last_seq && found.bytes > 0);
	assert_false(place_has(directory, "unfinished"));
	assert_int_equal(stat(place_path(directory, "journal.mdb"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	struct journal *copy = journal_lmdb_open_backup(directory, error, sizeof error);
	assert_non_null(copy);
	assert_int_equal(journal_verify(copy, 1, copy->last_seq, &bad), 0);
	assert_int_equal(journal_lmdb_private_count(copy, &rows), 0);
	assert_int_equal(rows, 5000 / 3);
	assert_int_equal(copy->ops->read_begin(copy), 0);
	assert_int_equal(copy->ops->private_get(copy, 9, &row), 0);
	assert_true(span_is(row, "a name"));
	copy->ops->read_end(copy);
	copy->ops->close(copy);
	journal->ops->close(journal);
	inner_remove(directory);
}

static void is_smaller_than_a_file_with_holes(void **state)
{
	struct journal *journal = journal_with(*state, 2000);
	char *directory = inner(state, "copy"), error[512] = "";

	for (int64_t number = 3; number <= 2000; number += 3) {
		assert_int_equal(journal->ops->private_put(journal, number, (struct span){0}), 0);
		if (number % 60 == 0)
			assert_int_equal(journal->ops->commit(journal), 0);
	}
	assert_int_equal(journal->ops->commit(journal), 0);
	struct journal_backup *backup = journal_backup_start(journal, directory, error, sizeof error);
	assert_non_null(backup);
	assert_false(backup_wait(backup).failed);
	journal_backup_end(backup);
	assert_true(place_size(directory, "journal.mdb") < place_size(*state, "journal.mdb"));
	journal->ops->close(journal);
	inner_remove(directory);
}

static void never_overwrites(void **state)
{
	struct journal *journal = journal_with(*state, 3);
	char error[512] = "", missing[512];

	assert_null(journal_backup_start(journal, *state, error, sizeof error));
	assert_non_null(strstr(error, "holds a journal"));
	snprintf(missing, sizeof missing, "%s/no/such", (char *)*state);
	assert_null(journal_backup_start(journal, missing, error, sizeof error));
	assert_non_null(strstr(error, "create the directory"));
	journal->ops->close(journal);
}

static void one_writer_at_a_time(void **state)
{
	char *directory = inner(state, "copy"), error[512] = "";
	struct unfinished first, second;

	assert_int_equal(unfinished_begin(&first, directory, error, sizeof error), 0);
	assert_int_equal(unfinished_begin(&second, directory, error, sizeof error), -1);
	assert_non_null(strstr(error, "another program"));
	unfinished_end(&first);
	assert_int_equal(unfinished_begin(&second, directory, error, sizeof error), 0);
	unfinished_end(&second);
	inner_remove(directory);
}

/* RLIMIT_FSIZE stands for a full disk: the copy fails with EFBIG and the journal goes on. In a child, for the limit's sake. */
static void a_full_disk_leaves_nothing(void **state)
{
	struct journal *journal = journal_with(*state, 5000);
	char *directory = inner(state, "copy"), error[512] = "";
	pid_t child;

	journal->ops->close(journal);
	child = fork();
	if (child == 0) {
		journal = journal_lmdb_open(*state, PLACE_MAP_BYTES, error, sizeof error);
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){500000, 500000});
		struct journal_backup *backup = journal ? journal_backup_start(journal, directory, error, sizeof error) : NULL;
		struct journal_backup_state found = {0};
		if (backup)
			found = backup_wait(backup);
		journal_backup_end(backup);
		_exit(found.failed && strstr(found.error, "free space") && !journal->error[0] ? 0 : 1);
	}
	int status = -1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_false(place_has(directory, "journal.mdb"));
	assert_false(place_has(directory, "unfinished"));
	inner_remove(directory);
	unlink(place_path(*state, "journal.mdb-lock"));
}

static void given_up_leaves_nothing(void **state)
{
	struct journal *journal = journal_with(*state, 20000);
	char *directory = inner(state, "copy"), error[512] = "";
	struct journal_backup *backup = journal_backup_start(journal, directory, error, sizeof error);

	assert_non_null(backup);
	journal_backup_end(backup);
	assert_false(place_has(directory, "unfinished"));
	assert_int_equal(journal->ops->append(journal, 20001, span_of("goes on")), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
	journal->ops->close(journal);
	inner_remove(directory);
}

/* Given up at any moment, up to the last one: what is said and what is there agree. */
static void what_is_said_of_a_given_up_one_is_true(void **state)
{
	struct journal *journal = journal_with(*state, 300);
	char error[512] = "";

	for (long i = 0; i < 100; i++) {
		char *directory = inner(state, "copy");
		struct journal_backup *backup = journal_backup_start(journal, directory, error, sizeof error);
		struct journal_backup_state found;
		assert_non_null(backup);
		nanosleep(&(struct timespec){0, i * 50000}, NULL);
		journal_backup_stop(backup, &found);
		assert_true(found.over);
		assert_int_equal(place_has(directory, "journal.mdb"), !found.failed);
		assert_false(place_has(directory, "unfinished"));
		journal_backup_end(backup);
		inner_remove(directory);
	}
	journal->ops->close(journal);
}

static void a_journal_in_memory_has_no_file(void **state)
{
	struct journal *journal = journal_memory_open();
	char error[512] = "";

	assert_null(journal_backup_start(journal, *state, error, sizeof error));
	assert_true(strlen(error) > 10);
	journal->ops->close(journal);
}

/* Whatever a killed process left there, the next one begins. */
static void what_was_interrupted_is_swept(void **state)
{
	static const char *const left[] = {"unfinished/journal.mdb", "unfinished/journal.mdb-lock", "unfinished/journal.mdb.new"};
	char *directory = inner(state, "copy"), error[512] = "";
	struct unfinished killed, next;

	assert_int_equal(unfinished_begin(&killed, directory, error, sizeof error), 0);
	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		close(open(place_path(directory, left[i]), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	close(killed.descriptor);
	free(killed.directory);
	free(killed.path);
	assert_int_equal(unfinished_begin(&next, directory, error, sizeof error), 0);
	unfinished_end(&next);
	assert_false(place_has(directory, "unfinished"));
	inner_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds_everything_and_nothing_else, place_make, place_remove),
		cmocka_unit_test_setup_teardown(is_smaller_than_a_file_with_holes, place_make, place_remove),
		cmocka_unit_test_setup_teardown(never_overwrites, place_make, place_remove),
		cmocka_unit_test_setup_teardown(one_writer_at_a_time, place_make, place_remove),
		cmocka_unit_test_setup_teardown(what_was_interrupted_is_swept, place_make, place_remove),
		cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing, place_make, place_remove),
		cmocka_unit_test_setup_teardown(given_up_leaves_nothing, place_make, place_remove),
		cmocka_unit_test_setup_teardown(what_is_said_of_a_given_up_one_is_true, place_make, place_remove),
		cmocka_unit_test_setup_teardown(a_journal_in_memory_has_no_file, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
